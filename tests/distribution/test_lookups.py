"""Kept answers and their age, asking outside side by side, the nightly round."""

import time
from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from kombu.exceptions import OperationalError

from customers.models import Customer, Kind
from customers.sealed import seal
from distribution import lookups, tasks
from distribution.accounts import note_service
from distribution.choices import set_agreement
from distribution.models import Lookup, Prediction
from distribution.models.settings import AgreementKind
from distribution.prediction import look_up, predict
from distribution.registers.base import Query, Register, RegisterName, Reply
from distribution.states import AgreementStatus, Answer, Status
from tests.autoinvoice import ACCOUNT, company_with_keys, work
from tests.factories import make_company, make_customer, queue, silence_register

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def query(number: int = 1, document: str = "invoice") -> Query:
    return Query(RegisterName.EINVOICE, f"0192:{number:09d}", document)


def answer(answer: Answer, at: datetime | None = None) -> Reply:
    return Reply(answer, "test", at or timezone.now())


class Outside(Register):
    """A register over the network, as far as `lookups` can tell. Says how many were in it at once."""

    def __init__(self, seconds: float = 0.0, says: Answer = Answer.NOT_REGISTERED) -> None:
        self.seconds, self.says, self.asked = seconds, says, list[Query]()

    def ask(self, query: Query) -> Reply:
        self.asked.append(query)
        time.sleep(self.seconds)
        if self.says not in Answer.values:
            raise ZeroDivisionError
        return answer(self.says)


def use(monkeypatch: pytest.MonkeyPatch, register: Outside) -> Outside:
    monkeypatch.setattr(lookups, "register_for", lambda name: register)
    for module in ("distribution.lookups", "distribution.prediction"):
        monkeypatch.setattr(f"{module}.is_near", lambda name: False)
    return register


# --- how long an answer holds ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "holds", "over"),
    [
        (Answer.REGISTERED, 23 * HOUR, 25 * HOUR),
        (Answer.NOT_REGISTERED, 5 * HOUR, 7 * HOUR),
        (Answer.UNKNOWN, timedelta(minutes=5), timedelta(minutes=15)),
    ],
)
def test_a_list_goes_by_an_answer_as_long_as_its_kind_holds(said: Answer, holds: timedelta, over: timedelta) -> None:
    assert lookups.due([query()]) == {query()}
    lookups.remember({query(): answer(said)})
    for later, due in ((holds, set()), (over, {query()})):
        with time_machine.travel(timezone.now() + later):
            assert lookups.due([query()]) == due


def test_P5_silence_leaves_the_answer_that_is_too_old_and_waits_some_minutes() -> None:
    with time_machine.travel(timezone.now() - 30 * HOUR):
        lookups.remember({query(): answer(Answer.REGISTERED)})
    lookups.remember({query(): answer(Answer.UNKNOWN)})
    assert lookups.due([query()]) == set()
    assert lookups.kept([query()])[query()].answer == Answer.REGISTERED


def test_a_silence_is_kept_so_that_it_is_not_asked_at_every_look_and_is_no_answer() -> None:
    lookups.remember({query(): answer(Answer.UNKNOWN)})
    assert lookups.due([query(), query(2), query(1, "credit_note")]) == {query(2), query(1, "credit_note")}
    assert lookups.kept([query()]) == {}
    lookups.remember({query(): answer(Answer.REGISTERED)})
    row = Lookup.objects.get()
    assert (row.answer, row.failed_at) == ("registered", None)


def test_a_silence_outdates_no_prediction() -> None:
    customer = make_customer(make_company())
    predict(customer.company)
    silence_register()
    look_up(customer.company)
    assert Lookup.objects.get().answer == "unknown"
    assert not Prediction.objects.stale().exists()


# --- side by side ----------------------------------------------------------------------------------------------------
def test_those_outside_are_asked_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    register = use(monkeypatch, Outside(0.1))
    started = time.monotonic()
    replies = lookups.ask(query(number) for number in range(50))
    assert time.monotonic() - started < 4  # one after the other would be five seconds
    assert len(replies) == len(register.asked) == 50


def test_what_is_late_is_unknown_and_nobody_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Outside(4))
    started = time.monotonic()
    replies = lookups.ask((query(number) for number in range(50)), seconds=0.2)
    assert time.monotonic() - started < 3
    assert {(reply.answer, reply.reason) for reply in replies.values()} == {(Answer.UNKNOWN, "time-out")}
    assert len(replies) == 50


def test_an_answer_that_trips_the_program_is_unknown_for_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class Poisoned(Outside):
        def ask(self, query: Query) -> Reply:
            self.says = Answer.REGISTERED if query.identifier != "0192:000000003" else "poison"  # type: ignore[assignment]
            return super().ask(query)

    monkeypatch.setattr(lookups, "HANDS", 1)
    use(monkeypatch, Poisoned())
    replies = lookups.ask(query(number) for number in range(5))
    assert replies[query(3)].answer == Answer.UNKNOWN
    assert [replies[query(number)].answer for number in (0, 1, 2, 4)] == [Answer.REGISTERED] * 4


@pytest.mark.parametrize("said", [Answer.NOT_REGISTERED, Answer.UNKNOWN])
def test_words_that_no_database_takes_stop_nobodys_invoice(monkeypatch: pytest.MonkeyPatch, said: Answer) -> None:
    class Hostile(Outside):
        def ask(self, query: Query) -> Reply:
            return Reply(said, "smp: \ud800\0\x1b[2J\u202e" + "x" * 500, timezone.now())

    use(monkeypatch, Hostile())
    row = work(queue(make_customer(make_company())))
    assert row.status == (Status.HELD if said == Answer.NOT_REGISTERED else Status.QUEUED)
    assert row.facts["registration_cause"] == "smp:    [2J " + "x" * 288
    assert Lookup.objects.get().reason in ("", row.facts["registration_cause"])


# --- a company's customers -------------------------------------------------------------------------------------------
def test_a_list_asks_a_part_at_a_time_and_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    register = use(monkeypatch, Outside())
    monkeypatch.setattr(lookups, "BATCH", 5)
    monkeypatch.setattr("distribution.prediction.CHUNK", 10)
    company = make_company()
    for _customer in range(23):
        make_customer(company)
    sizes, after = [], 0
    while (went_on := look_up(company, after=after, at_most=5)) is not None:
        after = went_on
        sizes.append(len(register.asked))
    assert sizes == [5, 10, 15, 20]
    assert len(set(register.asked)) == len(register.asked) == 23
    assert look_up(company, at_most=5) is None  # all are fresh


def test_an_outage_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    register = use(monkeypatch, Outside(says=Answer.UNKNOWN))
    monkeypatch.setattr(lookups, "BATCH", 5)
    company = make_company()
    for _customer in range(20):
        make_customer(company)
    assert look_up(company) is None
    assert len(register.asked) == 5


def test_the_bell_rings_again_for_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    register = use(monkeypatch, Outside())
    rung: list[tuple[tuple[int, ...], int]] = []
    monkeypatch.setattr(tasks.predict, "apply_async", lambda args, countdown: rung.append((args, countdown)))
    monkeypatch.setattr(tasks, "AT_ONCE", 3)
    monkeypatch.setattr(lookups, "BATCH", 3)
    company = make_company()
    for _customer in range(4):
        make_customer(company)
    tasks.predict(company.pk)
    assert (len(register.asked), rung) == (3, [((company.pk, 0), tasks.PAUSE)])
    tasks.predict(*rung[0][0])
    assert (len(register.asked), len(rung)) == (4, 1)


# --- the night -------------------------------------------------------------------------------------------------------
@pytest.fixture
def old() -> list[Customer]:
    """Twelve whose answers are two days old, and predicted by them; the first is the oldest."""
    company = make_company()
    customers = [make_customer(company) for _ in range(12)]
    for number, customer in enumerate(customers):
        at = timezone.now() - timedelta(days=2, minutes=-number)
        with time_machine.travel(at):
            about = Query(RegisterName.EINVOICE, f"0192:{customer.org_number}", "invoice")
            lookups.remember({about: answer(Answer.NOT_REGISTERED)})
    predict(company)
    return customers


def names(customers: list[Customer]) -> list[str]:
    return [f"0192:{customer.org_number}" for customer in customers]


def test_the_night_asks_the_oldest_first_a_little_at_a_time(
    monkeypatch: pytest.MonkeyPatch, old: list[Customer]
) -> None:
    register = use(monkeypatch, Outside(says=Answer.REGISTERED))
    monkeypatch.setattr(lookups, "BATCH", 5)
    for expected in (old[:5], old[5:10], old[10:]):
        register.asked.clear()
        assert lookups.refresh() == len(expected)
        assert sorted(one.identifier for one in register.asked) == sorted(names(expected))
    assert lookups.refresh() == 0
    assert Prediction.objects.stale().count() == 12  # what was answered anew shows on the lists


def test_the_night_stops_where_nobody_answers_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, old: list[Customer]
) -> None:
    register = use(monkeypatch, Outside(says=Answer.UNKNOWN))
    monkeypatch.setattr(lookups, "BATCH", 5)
    assert lookups.refresh() == 0
    assert len(register.asked) == 5
    assert set(Lookup.objects.values_list("answer", flat=True)) == {"not_registered"}
    assert not Prediction.objects.stale().exists()


def test_one_silent_smp_does_not_come_again_and_again(monkeypatch: pytest.MonkeyPatch, old: list[Customer]) -> None:
    register = use(monkeypatch, Outside(says=Answer.UNKNOWN))
    monkeypatch.setattr(lookups, "BATCH", 3)
    rounds = 0
    while lookups.refresh() and rounds < 10:
        rounds += 1
    assert (rounds, len(set(register.asked)), len(register.asked)) == (4, 12, 12)


def test_the_night_asks_nothing_about_those_whom_no_list_needs(
    monkeypatch: pytest.MonkeyPatch, old: list[Customer]
) -> None:
    register = use(monkeypatch, Outside())
    company = old[0].company
    set_agreement(company, AgreementKind.B2B, AgreementStatus.SUSPENDED)
    predict(company)
    assert lookups.refresh() == 0
    assert register.asked == []


class WithKeys(Outside):
    needs_account = True

    def ask(self, query: Query) -> Reply:
        self.asked.append(query)
        return answer(self.says if query.account == ACCOUNT else Answer.UNKNOWN)


def test_the_night_asks_a_register_that_wants_keys_with_those_of_a_company_whose_list_it_is(
    monkeypatch: pytest.MonkeyPatch, old: list[Customer]
) -> None:
    """Others have the same customers, without keys or with keys that the provider does not take."""
    register = use(monkeypatch, WithKeys(says=Answer.REGISTERED))
    assert lookups.refresh() == 0  # nobody can ask
    mine, refused = company_with_keys(), company_with_keys()
    note_service(refused.pk, serves=False)
    for company in (mine, refused):
        for customer in old:
            make_customer(company, org_number=customer.org_number)
        predict(company)
    assert lookups.refresh() == 12
    assert {(query.company, query.account) for query in register.asked} == {(mine.pk, ACCOUNT)}
    assert set(Lookup.objects.values_list("answer", flat=True)) == {"registered"}


def test_the_night_asks_about_a_person_by_his_birth_number(monkeypatch: pytest.MonkeyPatch) -> None:
    register = use(monkeypatch, WithKeys())
    company = company_with_keys()
    sealed = seal("01010012356")
    ola = make_customer(company, kind=Kind.PRIVATE, org_number="", phone="90012345", national_id=sealed)
    with time_machine.travel(timezone.now() - timedelta(days=2)):
        look_up(company)
    predict(company)
    assert lookups.refresh() == 1
    assert [(one.identifier, one.national_id) for one in register.asked] == [("90012345", "01010012356")] * 2
    assert Prediction.objects.get(pk=ola.pk).asked_identifier == Lookup.objects.get().identifier


def test_the_night_does_not_ask_for_ever_for_a_customer_who_has_become_another(
    monkeypatch: pytest.MonkeyPatch, old: list[Customer]
) -> None:
    register = use(monkeypatch, Outside())
    Customer.objects.update(org_number="987654325")
    assert lookups.refresh() > 0
    assert {query.identifier for query in register.asked} == {"0192:987654325"}
    assert lookups.refresh() == 0


@pytest.mark.parametrize(("hour", "again"), [(2, 1), (7, 0)])
def test_the_nightly_bell_rings_again_until_the_morning(
    monkeypatch: pytest.MonkeyPatch, old: list[Customer], hour: int, again: int
) -> None:
    use(monkeypatch, Outside())
    rung: list[int] = []
    monkeypatch.setattr(tasks.refresh_lookups, "apply_async", lambda args, countdown: rung.append(countdown))
    night = timezone.localtime().replace(hour=hour) + timedelta(days=1)
    with time_machine.travel(night):
        tasks.refresh_lookups()
    assert len(rung) == again


def test_a_broker_that_is_down_ends_the_round_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, old: list[Customer]
) -> None:
    use(monkeypatch, Outside())

    def down(*_args: object, **_options: object) -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.refresh_lookups, "apply_async", down)
    with time_machine.travel(timezone.localtime().replace(hour=2) + timedelta(days=1)):
        tasks.refresh_lookups()
