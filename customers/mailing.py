"""What a mail of the site's own can fail with, by whichever way `EMAIL_URL` sends it."""

from anymail.exceptions import AnymailError

NOT_MAILED = (OSError, AnymailError)  # all that SMTP, the line, or a provider's API can answer
