"""Bounces as servers write them, made up here after the shapes that are met in the wild."""

from email.message import EmailMessage

KUNDE = "kunde@firma.test"
RETURNED = (
    "Return-Path: <x@y.test>\nMessage-ID: <1@autoinvoice.test>\nSubject: Faktura 10427\n\nbeløp 550 kr, se 5.7.1\n"
)


def report(
    *,
    to: str = KUNDE,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 User unknown",
    original: str = "",
    prose: str = "I'm sorry to have to inform you that your message could not be delivered.",
    sender: str = "MAILER-DAEMON@mx.firma.test",
    serial: int = 1,
    headers: str = "",
) -> bytes:
    """As Postfix writes it (RFC 3464). Empty facts are left out; `serial` makes it another report."""
    fields = {
        "Final-Recipient": f"rfc822; {to}" if to else "",
        "Original-Recipient": f"rfc822;{original}" if original else "",
        "Action": action,
        "Status": status,
        "Remote-MTA": "dns; mx.firma.test",
        "Diagnostic-Code": diagnostic,
    }
    told = "".join(f"{name}: {value}\n" for name, value in fields.items() if value)
    return (
        f"{headers}From: {sender} (Mail Delivery System)\nSubject: Undelivered Mail Returned to Sender\n"
        f"Message-ID: <{serial}@mx.firma.test>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="A/B"\n\n'
        "This is a MIME-encapsulated message.\n\n--A/B\nContent-Description: Notification\n"
        f"Content-Type: text/plain; charset=us-ascii\n\n{prose}\n\n--A/B\n"
        "Content-Description: Delivery report\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.firma.test\nArrival-Date: Tue, 24 Nov 2026 10:00:00 +0100 (CET)\n\n{told}\n"
        f"--A/B\nContent-Description: Undelivered Message\nContent-Type: message/rfc822\n\n{RETURNED}\n--A/B--\n"
    ).encode()


def out_of_office() -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = KUNDE, "Automatisk svar: Faktura 10427"
    message["Auto-Submitted"] = "auto-replied"
    message.set_content("Jeg er på ferie til 5.1.2027 og svarer når jeg er tilbake. Ring 550 55 555.")
    return message.as_bytes()


def complaint(kind: str = "abuse") -> bytes:
    return (
        "From: <fbl@post.test>\nSubject: FW: Faktura\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="f"\n\n'
        "--f\nContent-Type: text/plain\n\nThis is an email abuse report.\n\n"
        f"--f\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nUser-Agent: Post/1.0\nVersion: 1\n"
        f"Original-Rcpt-To: <{KUNDE}>\n\n--f\nContent-Type: message/rfc822\n\n{RETURNED}\n--f--\n"
    ).encode()


QMAIL = f"""From: MAILER-DAEMON@mx.firma.test
Subject: failure notice

Hi. This is the qmail-send program at mx.firma.test.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{KUNDE}>:
192.0.2.7 does not like recipient.
Remote host said: 550 sorry, no mailbox here by that name
Giving up on 192.0.2.7.

--- Below this line is a copy of the message.

{RETURNED}""".encode()

EXIM_TEXT = f"""From: Mail Delivery System <Mailer-Daemon@mx.firma.test>
X-Failed-Recipients: {KUNDE}
Subject: Mail delivery failed: returning message to sender
Auto-Submitted: auto-replied

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {KUNDE}
    SMTP error from remote mail server after RCPT TO:<{KUNDE}>:
    host mx.firma.test [192.0.2.7]: 550 5.1.1 <{KUNDE}>... User unknown

------ This is a copy of the message, including all the headers. ------

{RETURNED}""".encode()

EXCHANGE = f"""From: <postmaster@firma.test>
Subject: Undeliverable: Faktura 10427
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="9B095B5ADSN=_01"

--9B095B5ADSN=_01
Content-Type: multipart/alternative; boundary="inner"

--inner
Content-Type: text/plain; charset="no-such-charset"

{KUNDE}
Your message couldn't be delivered. Despite repeated attempts to deliver it, the address wasn't found.
--inner
Content-Type: text/html; charset="us-ascii"

<html><head><style>p {{margin: 5.7.1}}</style></head><body><p>The address wasn't found</p></body></html>
--inner--
--9B095B5ADSN=_01
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0PR0000.eurprd00.prod.outlook.test
Received-From-MTA: dns;ut.autoinvoice.test
Final-Recipient: rfc822;{KUNDE}
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not
 found by SMTP address lookup
--9B095B5ADSN=_01
Content-Type: message/rfc822

{RETURNED}
--9B095B5ADSN=_01--
""".replace("\n", "\r\n").encode()

GMAIL_DELAY = report(
    action="delayed",
    status="4.4.1",
    diagnostic="smtp; The recipient server did not accept our requests to connect.",
    sender="mailer-daemon@googlemail.test",
    prose="There was a temporary problem delivering your message. Gmail will retry for 46 more hours.",
)
