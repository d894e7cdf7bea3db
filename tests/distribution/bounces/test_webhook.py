"""What an e-mail provider tells by django-anymail's webhooks (T57, T67, T68, F21, F37)."""

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from autoinvoice_site.environment import anymail_providers
from distribution.bounces.webhook import take_in_event
from distribution.delivery import recipients
from distribution.delivery.recording import leave_to_person
from distribution.models import BouncedAddress, Delivery, ProviderNews, Recipient
from distribution.states import RecipientState, Status, Verdict
from distribution.timeline import timeline
from tests.distribution.bounces.mails import KUNDE
from tests.distribution.bounces.world import counted, last, mailed, reachable
from tests.factories import kinds

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SECRET = "post:hemmelig"


@pytest.fixture(autouse=True)
def our_secret(settings: LazySettings) -> None:
    settings.ANYMAIL_WEBHOOK_SECRET = SECRET
    settings.ANYMAIL_WEBHOOK_PROVIDERS = ["postmark", "mailgun", "sendgrid", "nobody", "mandrill-inbound", "livez"]


def post(body: object, provider: str = "postmark", secret: str = SECRET) -> int:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    headers = {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"}
    answer = client.post(f"/hooks/anymail/{provider}/", json.dumps(body), "application/json", headers=headers)
    return answer.status_code


def postmark(row: Delivery, record: str = "Bounce", of_type: str = "HardBounce", **more: Any) -> dict[str, Any]:
    return {
        "RecordType": record, "Type": of_type, "ID": 4711, "MessageID": "m", "Metadata": {"delivery": str(row.key)},
        "Email": KUNDE, "Recipient": KUNDE, "Details": "smtp;550 5.1.1 The email account does not exist", **more,
    }  # fmt: skip


def test_T67_a_bounce_moves_the_invoice_to_print_once_however_often_it_is_told() -> None:
    row = mailed()

    assert [post(postmark(row)) for _ in range(3)] == [200, 200, 200]

    assert (last(row).channel, kinds(row.invoice).count("came_back")) == ("print", 1)
    assert BouncedAddress.objects.get().address == KUNDE
    assert counted() == {Verdict.APPLIED: 1, Verdict.NOTHING: 2}


@pytest.mark.parametrize("secret", ["post:feil", "", "post"])
def test_F21_who_does_not_know_the_secret_is_refused_and_counted(secret: str) -> None:
    row = mailed()

    assert post(postmark(row), secret=secret) == 403

    assert (last(row).status, counted()) == (Status.ACCEPTED, {Verdict.FORGED: 1})


def test_without_a_secret_of_ours_there_is_no_such_address(settings: LazySettings) -> None:
    """The library would believe anybody then."""
    settings.ANYMAIL_WEBHOOK_SECRET = ""
    row = mailed()
    assert post(postmark(row)) == 404
    assert last(row).status == Status.ACCEPTED


@pytest.mark.parametrize("provider", ["nobody", "mandrill-inbound", "livez"])
def test_a_provider_that_nobody_knows_has_none_either(provider: str) -> None:
    assert post({}, provider) == 404


def test_T57_news_before_our_own_row_is_answered_so_that_it_comes_again() -> None:
    row = mailed()
    Delivery.objects.filter(pk=row.pk).update(status=Status.SENDING)
    assert post(postmark(row)) == 503
    Delivery.objects.filter(pk=row.pk).update(status=Status.ACCEPTED)

    assert post(postmark(row)) == 200
    assert last(row).channel == "print"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"of_type": "SoftBounce", "Details": ""}, Status.QUEUED),
        ({"Details": "smtp;552 5.2.2 mailbox full"}, Status.QUEUED),
        ({"of_type": "Blocked", "Details": "smtp;550 5.7.1 no"}, Status.HELD),
        ({"of_type": "SMTPApiError"}, Status.HELD),
        ({"of_type": "BadEmailAddress", "Details": ""}, Status.FAILED),
        ({"of_type": "HardBounce", "Details": ""}, Status.FAILED),
        ({"of_type": "Transient"}, Status.ACCEPTED),
        ({"of_type": "AutoResponder"}, Status.ACCEPTED),
        ({"of_type": "SpamComplaint"}, Status.ACCEPTED),
        ({"record": "Delivery"}, Status.DELIVERED),
        ({"record": "Open"}, Status.ACCEPTED),
        ({"record": "Something"}, Status.ACCEPTED),
    ],
)
def test_F37_what_may_pass_is_not_a_dead_address(body: dict[str, Any], status: Status) -> None:
    row = mailed()
    assert post(postmark(row, **body)) == 200
    row.refresh_from_db()
    assert row.status == status
    assert BouncedAddress.objects.exists() == (status == Status.FAILED)


def test_T70_delivered_to_one_of_several_says_nothing_about_the_others() -> None:
    row = mailed(reachable(f"{KUNDE}, b@firma.test"))
    assert post(postmark(row, "Delivery")) == 200
    assert last(row).status == Status.ACCEPTED


def test_delivered_and_back_after_all_takes_the_next_channel() -> None:
    row = mailed()
    for body in (postmark(row, "Delivery", ID=1), postmark(row)):
        assert post(body) == 200
    assert last(row).channel == "print"


@pytest.mark.parametrize("metadata", [{}, {"delivery": "not a key"}, {"delivery": str(uuid4())}, None])
def test_news_of_no_mail_of_ours_changes_nothing(metadata: Any) -> None:
    row = mailed()
    assert post({**postmark(row), "Metadata": metadata or {}}) == 200
    assert (last(row).status, counted()) == (Status.ACCEPTED, {Verdict.FOREIGN: 1})


def test_another_recipient_than_ours_is_foreign() -> None:
    assert post(postmark(mailed(), Email="annen@firma.test")) == 200
    assert counted() == {Verdict.FOREIGN: 1}


def test_a_provider_that_signs_is_held_to_its_signature_too(settings: LazySettings) -> None:
    settings.ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY = "mailgun-key"
    row = mailed()
    signed = hmac.new(b"mailgun-key", b"1700000000token", hashlib.sha256).hexdigest()
    for signature, code in (("0" * 64, 403), (signed, 200)):
        body = {
            "signature": {"timestamp": "1700000000", "token": "token", "signature": signature},
            "event-data": {
                "event": "failed", "severity": "permanent", "id": "e1", "timestamp": 1700000000.0, "recipient": KUNDE,
                "delivery-status": {"code": 550, "message": "5.1.1 unknown"}, "message": {"headers": {"message-id": "m"}},
                "user-variables": {"delivery": str(row.key)}, "tags": [],
            },
        }  # fmt: skip
        assert post(body, "mailgun") == code

    assert last(row).channel == "print"


def test_a_batch_of_which_one_is_early_is_told_again_and_then_complete() -> None:
    """T58, with a provider that tells of several at once."""
    rows = [mailed(), mailed()]
    Delivery.objects.filter(pk=rows[1].pk).update(status=Status.SENDING)
    batch = [
        {
            "event": "bounce", "email": KUNDE, "timestamp": 1700000000, "sg_event_id": f"e{row.pk}", "type": "bounce",
            "status": "5.1.1", "reason": "550 5.1.1 unknown", "smtp-id": "<m>", "delivery": str(row.key),
        }
        for row in rows
    ]  # fmt: skip
    assert post(batch, "sendgrid") == 503
    Delivery.objects.filter(pk=rows[1].pk).update(status=Status.ACCEPTED)
    assert post(batch, "sendgrid") == 200

    assert [last(row).channel for row in rows] == ["print", "print"]
    assert [kinds(row.invoice).count("came_back") for row in rows] == [1, 1]


def in_doubt(row: Delivery, *, queued: bool = False) -> None:
    """As a connection leaves it that broke after the last dot; `queued` with EMAIL_UNCERTAIN=resend."""
    Delivery.objects.filter(pk=row.pk).update(status=Status.SENDING, doubtful=True)
    row.refresh_from_db()
    Recipient.objects.filter(delivery=row).update(state=RecipientState.UNCERTAIN)
    leave_to_person(row, "connection lost")
    if queued:
        Delivery.objects.filter(pk=row.pk).update(status=Status.QUEUED, due_at=timezone.now() + timedelta(minutes=5))


@pytest.mark.parametrize("queued", [False, True])
def test_R32_delivered_settles_a_mail_in_doubt(queued: bool) -> None:
    row = mailed()
    in_doubt(row, queued=queued)

    assert post(postmark(row, "Delivery")) == 200

    row = last(row)
    assert (row.status, row.due_at, row.doubtful) == (Status.DELIVERED, None, False)
    assert kinds(row.invoice)[-2:] == ["accepted", "delivered"]
    assert row.attempts.count() == 1


def test_T57_delivered_of_what_is_only_queued_is_no_proof() -> None:
    row = mailed()
    assert post(postmark(row, of_type="SoftBounce", Details="")) == 200
    assert post(postmark(row, "Delivery")) == 200
    row.refresh_from_db()
    assert row.status == Status.QUEUED


def test_R32_T70_each_of_several_in_doubt_is_settled_by_its_own_news() -> None:
    other = "b@firma.test"
    row = mailed(reachable(f"{KUNDE}, {other}"))
    in_doubt(row)

    assert post(postmark(row, "Delivery")) == 200
    row.refresh_from_db()
    assert (row.status, row.reached) == (Status.UNCERTAIN, True)
    assert post(postmark(row, "Delivery", Email=other)) == 200

    row = last(row)
    assert (row.status, row.due_at, row.doubtful) == (Status.ACCEPTED, None, False)
    assert set(row.recipients.values_list("state", flat=True)) == {RecipientState.REACHED}
    assert row.attempts.count() == 1
    assert f"Levert til {KUNDE}." in [moment.text for leg in timeline(row.invoice) for moment in leg.moments]


def test_R32_T70_whoever_was_to_be_tried_again_gets_it_when_the_doubt_about_another_is_over() -> None:
    other = "b@firma.test"
    row = mailed(reachable(f"{KUNDE}, {other}"))
    in_doubt(row)
    Recipient.objects.filter(delivery=row, address=other).update(state=RecipientState.OUTSTANDING)

    assert post(postmark(row, "Delivery")) == 200
    row.refresh_from_db()
    assert (row.status, recipients.outstanding(row)) == (Status.QUEUED, (other,))

    assert last(row).status == Status.ACCEPTED


def test_T93_other_providers_than_ours_have_no_such_address(settings: LazySettings) -> None:
    """Of theirs the library may have no key, and would end in a traceback for anybody who asks."""
    settings.ANYMAIL_WEBHOOK_PROVIDERS = ["postmark"]
    assert [
        post({}, provider, secret="") for provider in ("postal", "resend", "mailgun", "mandrill", "amazon_ses")
    ] == [404] * 5
    assert anymail_providers("anymail://postmark") == ["postmark"]
    assert anymail_providers("smtp://localhost") == anymail_providers("folder") == []


def test_what_the_library_lacks_of_ours_is_no_traceback_for_strangers(
    settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ANYMAIL_WEBHOOK_PROVIDERS = ["postal"]
    assert post({}, "postal", secret="") == 404
    assert "AnymailConfigurationError" in caplog.text or "AnymailImproperlyInstalled" in caplog.text


@pytest.mark.parametrize(
    ("of_type", "status"), [("Transient", Status.QUEUED), ("Permanent", Status.FAILED), ("Undetermined", Status.FAILED)]
)
def test_F37_amazons_transient_bounce_without_the_servers_words_may_pass(of_type: str, status: Status) -> None:
    """As django-anymail makes the event of what Amazon sends; the SNS envelope round it needs Amazon's own library."""
    row = mailed()
    bounce = {"bounceType": of_type, "bounceSubType": "General", "bouncedRecipients": [{"emailAddress": KUNDE}]}
    headers = [{"name": "X-Metadata", "value": json.dumps({"delivery": str(row.key)})}]
    told = {"eventType": "Bounce", "mail": {"messageId": "m", "headers": headers}, "bounce": bounce}
    view = AmazonSESTrackingWebhookView.__new__(AmazonSESTrackingWebhookView)
    (event,) = view.esp_to_anymail_events(told, {"MessageId": "sns-1", "Timestamp": "2026-11-24T10:00:00.000Z"})

    assert take_in_event(event, lambda run: None) == Verdict.APPLIED

    row.refresh_from_db()
    assert (row.status, BouncedAddress.objects.exists()) == (status, status == Status.FAILED)


def test_T93_a_provider_that_sends_the_mail_along_has_its_link_kept_nowhere() -> None:
    row = mailed()
    content = (
        "From: x\r\n\r\nhttps://a.test/i/hemmelig_og=\r\n_brutt and https://a.test/i=\r\n/hemmelig2 and /i/hemmelig3"
    )
    assert post(postmark(row, Content=content)) == 200
    body = ProviderNews.objects.get().body
    assert "hemmelig" not in body
    assert "_brutt" not in body
    assert body.count("/i/…") == 3
