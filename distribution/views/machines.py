"""Who looks at a customer's link: a person, or a machine that looks through mails and messages.

What a machine says of itself is believed, and what browsers say of a page that nobody has opened yet. One that dresses as a browser
and behaves as one can't be told from a person: it counts as an opening (docs/decisions).
"""

import re

from django.http import HttpRequest

# As they write in User-Agent. No telephone: «CUBOT» makes telephones.
NAMED = re.compile(
    r"(?<!cu)bot\b|crawler|spider|preview|scanner"  # what most call themselves: Slackbot, BingPreview, SkypeUriPreview …
    r"|barracuda|mimecast|proofpoint|forcepoint|messagelabs|symantec|sophos|trendmicro|trend micro|fireeye"
    r"|ms-office|office existence discovery|safelinks|googleimageproxy|google-safety|yahoomailproxy"
    r"|facebookexternalhit|whatsapp/",
    re.IGNORECASE,
)
AHEAD_OF_TIME = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)
AHEAD_HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def is_machine(request: HttpRequest) -> bool:
    return (
        request.method == "HEAD"
        or bool(NAMED.search(request.headers.get("User-Agent", "")))
        or any(AHEAD_OF_TIME.search(request.headers.get(name, "")) for name in AHEAD_HEADERS)
        or not _goes_to_a_page(request)
    )


def _goes_to_a_page(request: HttpRequest) -> bool:
    """Browsers say what they fetch for; those that say nothing are old, or the address is not https."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
