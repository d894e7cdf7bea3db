"""What came of a mail after it was handed over: bounces, delays, complaints. Three doors lead to one function.

    webhook (`webhook`: anymail's events)     \\
    listener (`listener`: SMTP or LMTP)        >  News  -> apply: verify, count, move the delivery, mark the address
    mailbox (`mailbox`: IMAP)                 /

A report is believed only when it came to a return path that we signed (`channels.email.verp`), or through a webhook that
knows our secret; all else is counted and changes nothing. The same news twice, or through two doors, is nothing new.
"""
