"""One invoice to several addresses (T70): each tracked, nobody twice, whatever becomes of the others; and mail that is too large
or that the server takes from nobody (R13, F37)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from customers.models import Membership, Method, Role
from distribution import delivery
from distribution.channels.email.smtp import Smtp
from distribution.delivery import cancel, resend, settle
from distribution.delivery.ordering import NeedsConfirmation, NotNow
from distribution.evidence import evidence
from distribution.models import BouncedAddress, Delivery, Link, Recipient
from distribution.reasons import in_words
from distribution.states import RecipientState, Status
from distribution.tasks import watch
from distribution.timeline import timeline
from tests.factories import ADDRESS, delivery_of, make_company, make_customer, make_user, out, queue, set_choices
from tests.pdfs import small_pdf
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ANNA, BO, CATO = "anna@firma.test", "bo@firma.test", "cato@firma.test"
NOBODY, LATER = "550 5.1.1 no such user", "450 4.2.0 greylisted"


def to_three(**facts: Any) -> Delivery:
    return to(f"{ANNA}, {BO}, {CATO}", **facts)


def to(emails: str, **facts: Any) -> Delivery:
    return queue(make_customer(make_company(), email=emails, **{**ADDRESS, **facts}), own_pdf=small_pdf())


def work(row: Delivery) -> Delivery:
    while delivery.run() + delivery.sweep():
        pass
    return delivery_of(row.invoice)


def work_later(row: Delivery, hours: float = 1) -> Delivery:
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        return work(row)


def states(row: Delivery) -> dict[str, str]:
    return dict(Recipient.objects.filter(delivery=row).values_list("address", "state"))


def told(row: Delivery) -> str:
    return " ".join(moment.text for leg in timeline(row.invoice) for moment in leg.moments)


def test_the_lines_of_a_postal_address_are_no_recipients_even_where_two_are_the_same() -> None:
    address = ADDRESS["address_line"]
    row = work(to("", name=address))

    assert (row.channel, row.status, row.reached) == ("print", Status.ACCEPTED, False)
    assert row.to[:2] == [address, address]
    assert not Recipient.objects.exists()


def test_T70_three_addresses_are_three_mails_and_one_accepted_delivery(smtp: Sink) -> None:
    row = work(to_three())

    assert row.status == Status.ACCEPTED
    assert smtp.recipients == [[ANNA], [BO], [CATO]]
    assert set(states(row).values()) == {RecipientState.REACHED}


def test_T70_one_that_is_refused_is_named_and_the_others_have_it(smtp: Sink) -> None:
    smtp.of = {BO: NOBODY}

    row = work(to_three())

    assert (row.status, row.reached) == (Status.ACCEPTED, True)
    assert states(row)[BO] == RecipientState.REFUSED
    assert f"Tatt imot, men ikke av {BO}." in told(row)
    assert out("print") == []


@pytest.mark.parametrize(("emails", "dead"), [(BO, {BO}), (f"{ANNA}, {BO}", {BO})])
def test_T67_what_the_server_refuses_at_once_is_marked_as_a_bounce_would(
    smtp: Sink, emails: str, dead: set[str]
) -> None:
    smtp.of = {BO: NOBODY}
    customer = make_customer(make_company(), email=emails, **ADDRESS)
    row = queue(customer)
    work(row)
    row.refresh_from_db()

    marks = BouncedAddress.objects.filter(customer=customer)
    assert {mark.address for mark in marks} == dead
    assert marks[0].delivery == row
    assert "550 5.1.1" in marks[0].answer
    smtp.recipients.clear()
    second = work(queue(customer))
    assert smtp.recipients == ([] if second.channel == "print" else [[ANNA]])
    assert second.status == Status.ACCEPTED


@pytest.mark.parametrize("answer", [LATER, "552 5.2.2 mailbox full", "550 5.7.1 not from you"])
def test_F37_another_no_marks_nobody(smtp: Sink, answer: str) -> None:
    smtp.of = {BO: answer}
    work(queue(make_customer(make_company(), email=BO, **ADDRESS)))
    assert not BouncedAddress.objects.exists()


def test_R20_a_user_that_is_refused_at_once_marks_no_customer(smtp: Sink) -> None:
    smtp.of = {BO: NOBODY}
    row = work(queue(make_customer(make_company(), method=Method.SELF, email=BO), user=make_user(BO)))

    assert (row.channel, row.to) == ("to_user", [row.company.email])
    assert not BouncedAddress.objects.exists()


def test_T70_one_that_is_to_be_tried_again_gets_it_alone(smtp: Sink) -> None:
    smtp.of = {BO: LATER}
    row = work(to_three())
    assert row.status == Status.QUEUED

    smtp.of = {}
    row = work_later(row)

    assert row.status == Status.ACCEPTED
    assert smtp.recipients == [[ANNA], [CATO], [BO]]
    assert "Tatt imot, men" not in told(row)


def test_R31_after_the_hours_it_has_been_accepted_by_those_who_have_it(smtp: Sink) -> None:
    smtp.of = {BO: LATER}
    row = work(to_three())
    for _hour in range(30):
        row = work_later(row, _hour)

    assert row.status == Status.ACCEPTED
    assert f"ikke av {BO}" in told(row)
    assert (len(smtp.accepted), out("print")) == (2, [])


@pytest.mark.parametrize("change", ["never_email", "electronic_only", "deleted"])
def test_P1_what_one_has_got_takes_no_other_channel_whatever_changes(smtp: Sink, change: str) -> None:
    smtp.of = {BO: LATER}
    row = work(to_three())
    customer = row.invoice.customer
    assert customer is not None
    if change == "never_email":
        set_choices(row.company, never_email=True)
    elif change == "deleted":
        customer.delete()
    else:
        type(customer).objects.update(electronic_only=True)
    smtp.of = {}

    row = work_later(row)

    assert row.status == Status.ACCEPTED
    assert f"ikke av {BO}" in told(row)
    assert (len(smtp.accepted), out("print")) == (2, [])
    assert Delivery.objects.count() == 1


def test_R37_it_can_not_be_stopped_and_once_more_is_a_double(smtp: Sink) -> None:
    smtp.of = {BO: LATER}
    row = work(to_three())
    with pytest.raises(NotNow):
        cancel(row, make_user())

    smtp.of = {BO: NOBODY}
    row = work_later(row)

    with pytest.raises(NeedsConfirmation):
        resend(row.invoice, make_user())


@pytest.mark.parametrize(("arrived", "again"), [(True, []), (False, [BO])])
def test_R32_of_one_uncertain_address_a_person_decides_and_nobody_else_gets_it_again(
    smtp: Sink, arrived: bool, again: list[str]
) -> None:
    cuts = iter([False, True, False])
    smtp.cuts = lambda at: at == "kept" and next(cuts)
    row = work(to_three())
    assert (row.status, states(row)[BO]) == (Status.UNCERTAIN, RecipientState.UNCERTAIN)

    smtp.cuts = lambda at: False
    settle(row.invoice, make_user(), arrived=arrived)

    assert work(row).status == Status.ACCEPTED
    assert smtp.recipients == [[ANNA], [BO], [CATO], *[[one] for one in again]]


def test_R32_one_uncertain_and_one_to_be_tried_again_after_the_word_the_other_still_gets_it(smtp: Sink) -> None:
    smtp.of = {CATO: LATER}
    cuts = iter([False, True])
    smtp.cuts = lambda at: at == "kept" and next(cuts)
    row = work(to_three())
    assert row.status == Status.UNCERTAIN

    smtp.of, smtp.cuts = {}, lambda at: False
    settle(row.invoice, make_user(), arrived=True)

    assert work(row).status == Status.ACCEPTED
    assert smtp.recipients == [[ANNA], [BO], [CATO]]


def test_F13_a_worker_that_dies_among_them_leaves_all_that_were_outstanding_uncertain(
    smtp: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    smtp.of = {BO: LATER}
    row = work(to_three())
    smtp.of, real = {}, Smtp.send

    class Killed(BaseException):
        pass

    def die_after(self: Smtp, outgoing: Any) -> Any:
        real(self, outgoing)
        raise Killed

    monkeypatch.setattr(Smtp, "send", die_after)
    with time_machine.travel(timezone.now() + timedelta(hours=1)), pytest.raises(Killed):
        delivery.run()
    monkeypatch.setattr(Smtp, "send", real)
    row = work_later(row, 2)
    assert (row.status, states(row)[BO]) == (Status.UNCERTAIN, RecipientState.UNCERTAIN)

    settle(row.invoice, make_user(), arrived=True)

    assert work_later(row, 3).status == Status.ACCEPTED
    assert smtp.recipients == [[ANNA], [CATO], [BO]]


def test_R32_where_the_setting_says_resend_only_the_uncertain_one_gets_it_again(
    smtp: Sink, settings: LazySettings
) -> None:
    settings.EMAIL_UNCERTAIN = "resend"
    cuts = iter([False, True, False])
    smtp.cuts = lambda at: at == "kept" and next(cuts)
    row = work(to_three())
    smtp.cuts = lambda at: False

    assert work_later(row).status == Status.ACCEPTED
    assert smtp.recipients == [[ANNA], [BO], [CATO], [BO]]


def test_T65_a_mail_too_large_for_the_server_goes_again_as_a_link(smtp: Sink) -> None:
    smtp.data = "552 5.3.4 message too big"
    row = to(ANNA)
    delivery.run()
    smtp.data = ""

    row = work(row)

    assert (row.status, row.channel, row.as_link) == (Status.ACCEPTED, "email", True)
    assert Link.objects.filter(invoice=row.invoice).count() == 1
    assert list(smtp.message().iter_attachments()) == []
    assert "for stor for mottakerens mailserver" in told(row)


def test_T65_a_link_that_is_too_large_as_well_is_held(smtp: Sink) -> None:
    smtp.data = "552 5.3.4 message too big"

    row = work(to(ANNA))

    assert (row.status, Delivery.objects.count(), out("print")) == (Status.HELD, 2, [])
    assert "også med lenke" in in_words(row.reasons)


def test_R32_too_large_after_a_doubtful_attempt_sends_no_other_mail(smtp: Sink, settings: LazySettings) -> None:
    settings.EMAIL_UNCERTAIN = "resend"
    smtp.hang_up = True
    row = work(to(ANNA))
    smtp.hang_up, smtp.data = False, "552 5.3.4 message too big"

    row = work_later(row)

    assert (row.status, Delivery.objects.count(), out("print")) == (Status.UNCERTAIN, 1, [])


def test_R39_a_server_that_takes_nothing_from_us_holds_it_and_ops_are_told_once(smtp: Sink) -> None:
    ops = make_user(is_staff=True)
    smtp.rcpt = "550 5.7.1 your address is on a list"
    row = work(to(ANNA))
    assert (row.status, out("print")) == (Status.HELD, [])
    assert "5.7.1" in in_words(row.reasons)
    smtp.rcpt = ""  # of their own mail server; else the line in the log is all there is

    watch()
    watch()

    assert smtp.recipients == [[ops.email]]
    assert "ikke tar imot noe fra oss" in str(smtp.message().get_content())
    resend(row.invoice, make_user())
    assert work(row).status == Status.ACCEPTED
    assert smtp.recipients == [[ops.email], [ANNA]]


def test_T70_the_page_and_the_evidence_name_each_address(smtp: Sink) -> None:
    smtp.of = {BO: NOBODY}
    row = work(to_three())
    user = make_user()
    Membership.objects.create(user=user, company=row.company, role=Role.ACCOUNTANT)
    client = Client()
    client.force_login(user)

    page = client.get(f"/fakturaer/{row.invoice_id}/").content.decode()

    assert f"<dt>{BO}</dt><dd>Avvist</dd>" in page
    assert f"<dt>{ANNA}</dt><dd>Tatt imot</dd>" in page
    (one,) = evidence(row.invoice)["deliveries"]
    assert {each["address"]: each["state"] for each in one["recipients"]} == states(row)
    assert "550 5.1.1" in next(each["answer"] for each in one["recipients"] if each["address"] == BO)
