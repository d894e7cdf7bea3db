"""The longest address that a server takes has 254 characters (RFC 5321, 4.5.3.1.3): asked of the form, on the wire and in our rows."""

import pytest
from django.core.exceptions import ValidationError

from distribution.channels.email.addresses import BadAddress, on_the_wire
from distribution.models import BouncedAddress, Recipient
from distribution.states import Status
from tests.distribution.bounces.mails import report
from tests.distribution.bounces.world import come, last, mailed, path_of, reachable
from tests.factories import make_company, make_customer, queue
from tests.smtp_sink import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.database]
BO = "bo@firma.test"


def of_length(number: int) -> str:
    start = f"{'a' * 64}@{'b' * 63}.{'c' * 63}."
    return f"{start}{'d' * (number - len(start) - len('.test'))}.test"


def test_F34_the_longest_address_is_sent_to_and_kept_whole(smtp: Sink) -> None:
    longest = of_length(254)
    customer = reachable(f"{longest}, {BO}")
    customer.full_clean()

    row = mailed(customer)
    come(report(to=longest), path_of(row, longest))

    assert smtp.recipients == [[longest], [BO]]
    assert set(Recipient.objects.filter(delivery=row).values_list("address", flat=True)) == {longest, BO}
    assert BouncedAddress.objects.get().address == longest


@pytest.mark.parametrize("length", [255, 320])
def test_F34_a_longer_one_that_is_kept_from_before_leaves_by_print(smtp: Sink, length: int) -> None:
    row = queue(reachable(f"{of_length(length)}, {BO}"))

    assert (last(row).channel, last(row).status) == ("print", Status.ACCEPTED)
    assert smtp.seen == 0
    assert not Recipient.objects.filter(delivery__channel="email").exists()


@pytest.mark.parametrize("field", ["email", "invoice_email"])
def test_F34_the_field_says_that_it_is_too_long(field: str) -> None:
    customer = make_customer(make_company(), **{field: f"{BO}, {of_length(255)}"})

    with pytest.raises(ValidationError) as said:
        customer.full_clean()

    assert list(said.value.message_dict) == [field]
    assert "høyst 254 tegn" in said.value.message_dict[field][0]


def test_F34_letters_that_take_more_room_on_the_wire_are_counted_there() -> None:
    typed = f"{'a' * 64}@" + ".".join(["bø" * 20] * 4) + ".test"
    assert len(typed) < 254

    with pytest.raises(BadAddress):
        on_the_wire(typed)
