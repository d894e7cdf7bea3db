"""A state machine over the engine: random customers, facts and faults, a worker that dies at each of the six points or stalls
and wakes up late, rings lost and doubled, settings flipped, the clock moved. P1-P5, P7, P8 and P10 hold after every step.

Each example is a transaction of its own that is rolled back; a crash is a BaseException, which rolls back what was not
committed, as a kill does.
"""

import logging
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, ClassVar
from unittest import mock

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from customers.models import Customer, Method, User
from distribution import delivery
from distribution.activation import activate
from distribution.channels import to_user
from distribution.channels.base import (
    Accepted,
    AlreadySent,
    DocumentRefused,
    Outgoing,
    RecipientRefused,
    Temporary,
    Transport,
    Uncertain,
)
from distribution.delivery import OpenRun, cancel, resend, running, sending, settle
from distribution.delivery.ordering import NotNow
from distribution.delivery.recording import record
from distribution.delivery.running import Taken
from distribution.facts import cases_of
from distribution.models import Attempt, Delivery, Event, Invoice, MethodChange
from distribution.registers.base import Query, Register, Reply
from distribution.report import balances, report
from distribution.routing import Facts, Route, decide
from distribution.states import SENT, Answer, ChannelName, Status
from tests.factories import ADDRESS, make_company, make_customer, make_user, set_choices, take_in

pytestmark = pytest.mark.database
FAULTS = ("", "", "", "temporary", "recipient", "document", "lost", "accepted_then_lost", "meanwhile", "late")
CRASHES = ("", "", "after_claim", "before_call", "in_call", "before_save", "after_save")
SECONDS = (0, 1, 12, 45, 61, 400, 4000, 30_000)
SEEDS = st.integers(0, 2**32)


class Killed(BaseException):
    """Nothing of the product's catches it."""


class World:
    """What lies outside: the providers' books, the register, and what shall go wrong next."""

    def __init__(self, time: Any) -> None:
        self.time = time  # its `shift` moves the clock
        self.accepted: Counter[str] = Counter()
        self.hashes: dict[str, str] = {}
        self.answers: dict[str, Answer] = {}
        self.faults: list[str] = []
        self.crash = ""
        self.broken: list[str] = []  # promises that were seen broken in a call
        self.in_call = False
        self.dice = random.Random(0)
        self.late = False  # a stalled worker goes by the facts of its claim (P4)

    def die(self, point: str) -> None:
        if self.crash == point:
            self.crash = ""
            raise Killed(point)

    @contextmanager
    def another_worker(self) -> Iterator[None]:
        """While one is in a call: nothing goes wrong with this one, so that what is seen is what the two do to each other."""
        faults, crash = self.faults, self.crash
        self.faults, self.crash, self.in_call = [], "", True
        try:
            yield
        finally:
            self.faults, self.crash, self.in_call = faults, crash, False


class Fake(Transport):
    """A provider that knows keys, or one that does not (as SMTP: each call is another letter)."""

    def __init__(self, world: World, can_ask: bool) -> None:
        self.world, self.can_ask = world, can_ask

    def send(self, outgoing: Outgoing) -> Accepted:
        world = self.world
        world.die("before_call")
        self._look(outgoing)
        fault = world.faults.pop() if world.faults else ""
        if fault == "meanwhile" and not world.in_call:
            self._others_work_meanwhile()
        if fault == "late" and not world.in_call and not world.late:
            self._others_take_over(outgoing)
        if fault in REFUSALS:
            raise REFUSALS[fault](fault)
        self._accept(outgoing)
        world.die("in_call")
        if fault == "accepted_then_lost":
            raise Uncertain(fault)
        return Accepted(outgoing.key)

    def ask(self, outgoing: Outgoing) -> Accepted | None:
        assert self.can_ask
        return Accepted(outgoing.key) if self.world.accepted[outgoing.key] else None

    def _accept(self, outgoing: Outgoing) -> None:
        if self.can_ask and outgoing.key in self.world.hashes:
            if self.world.hashes[outgoing.key] != outgoing.sha256:
                raise DocumentRefused("other bytes under this key")
            raise AlreadySent(outgoing.key)
        if self.world.hashes.setdefault(outgoing.key, outgoing.sha256) != outgoing.sha256:
            self.world.broken.append(f"R34: other bytes for {outgoing.key}")
        self.world.accepted[outgoing.key] += 1

    def _look(self, outgoing: Outgoing) -> None:
        """What must be true of the database whenever something is about to leave."""
        row = Delivery.objects.select_related("invoice__customer__parent").get(key=outgoing.key)
        customer = row.invoice.customer
        assert customer is not None
        if row.status != Status.SENDING or not row.attempts.filter(number=row.tried, outcome="").exists():
            self.world.broken.append("the attempt was not written down before the call")
        if not self.world.late and customer.method_in_force == Method.SELF and outgoing.channel != ChannelName.TO_USER:
            self.world.broken.append("P4: sent to a customer who does it himself")

    def _others_work_meanwhile(self) -> None:
        """Another worker and a sweep in the middle of a call: what has a living lease, this row and its chunk, they leave alone."""
        leased = list(Delivery.objects.filter(lease_until__gt=timezone.now()).values_list("pk", flat=True))
        before = rows_of(leased)
        with self.world.another_worker():
            delivery.run()
            delivery.sweep()
        if rows_of(leased) != before:
            self.world.broken.append("a row with a living lease was touched by another worker")

    def _others_take_over(self, outgoing: Outgoing) -> None:
        """The worker stands still in the call until its lease is dead; the provider, asked by key, has nothing; facts may
        change; others work on; and then the first call arrives after all. Only the key keeps it from being two (F3), and
        only doubt from another channel (R32)."""
        row = Delivery.objects.select_related("invoice__customer").get(key=outgoing.key)
        customer = row.invoice.customer
        assert customer is not None
        with self.world.another_worker():
            self.world.time.shift(61)
            delivery.sweep()
            identifier = f"0192:{customer.org_number}"
            self.world.answers[identifier] = self.world.dice.choice(list(Answer))
            if self.world.dice.random() < 0.3:
                Customer.objects.filter(pk=customer.pk).update(email="", changed_at=timezone.now())
            delivery.run()
            if self.world.dice.random() < 0.3:
                self._someone_presses(row)

    def _someone_presses(self, row: Delivery) -> None:
        invoice = Invoice.objects.get(pk=row.invoice_id)
        last = Delivery.objects.select_related("invoice").get(pk=invoice.last_delivery_id or 0)
        with suppress(NotNow, delivery.LostClaim):
            if self.world.dice.random() < 0.5:
                cancel(last, None)
            else:
                resend(invoice, None, channel=self.world.dice.choice(["", "email", "print"]))
            delivery.run()


REFUSALS: dict[str, Callable[[str], Exception]] = {
    "temporary": Temporary,
    "recipient": RecipientRefused,
    "document": DocumentRefused,
    "lost": Uncertain,
}


class Directory(Register):
    def __init__(self, world: World) -> None:
        self.world = world

    def ask(self, query: Query) -> Reply:
        answer = self.world.answers.get(query.identifier, Answer.NOT_REGISTERED)
        return Reply(answer, "test", datetime.now(UTC))


class Engine(RuleBasedStateMachine):
    START: ClassVar[datetime] = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

    @initialize(activated=st.booleans(), seed=st.integers(0, 999))
    def begin(self, activated: bool, seed: int) -> None:
        self.clock = time_machine.travel(self.START, tick=False)
        self.time = self.clock.start()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.world, self.dice = World(self.time), random.Random(seed)
        self.world.dice = self.dice
        self.patches = list(patched(self.world))
        self.company = make_company(activated=activated)
        self.user: User = make_user()
        self.customers: list[Customer] = []
        self.stalled: list[Taken] = []
        self.methods: dict[int, str] = {}
        for facts in (
            {"email": "kunde@firma.test"},
            {"email": "kunde@firma.test", **ADDRESS},
            ADDRESS,
            {"method": Method.SELF},
        ):
            self._add(self.dice.choice(list(Answer)), **facts)
        self.take_in(number=3, double=False)

    # --- people -------------------------------------------------------------------------------------------------------
    @rule(
        email=st.booleans(),
        address=st.booleans(),
        method=st.sampled_from(Method.values),
        only=st.booleans(),
        answer=st.sampled_from(Answer),
    )
    def add_customer(self, email: bool, address: bool, method: str, only: bool, answer: Answer) -> None:
        facts: dict[str, Any] = {"email": "kunde@firma.test"} if email else {}
        facts |= ADDRESS if address else {}
        allowed = (
            (Method.AUTOINVOICE, Method.SELF)
            if self.company.activated
            else (Method.EINVOICE, Method.EMAIL, Method.SELF)
        )
        self._add(answer, method=method if method in allowed else allowed[0], electronic_only=only, **facts)

    def _add(self, answer: Answer, **facts: Any) -> None:
        customer = make_customer(self.company, **facts)
        self.customers.append(customer)
        self.methods[customer.pk] = customer.method
        self.world.answers[f"0192:{customer.org_number}"] = answer

    @rule(number=st.integers(1, 4), double=st.booleans())
    def take_in(self, number: int, double: bool) -> None:
        run = OpenRun(self.user, "machine")
        for _ in range(number):
            invoice = take_in(
                self.dice.choice(self.customers), user=self.user, run=run, number="77" if double else ""
            ).invoice
            assert invoice.last_delivery is not None

    @rule(name=st.sampled_from(["never_email", "attach_pdf", "hold_duplicates"]), value=st.booleans())
    def flip_setting(self, name: str, value: bool) -> None:
        set_choices(self.company, **{name: value})

    @rule(what=st.sampled_from(["method", "email", "address", "only", "answer"]), answer=st.sampled_from(Answer))
    def flip_customer(self, what: str, answer: Answer) -> None:
        customer = Customer.objects.get(pk=self.dice.choice(self.customers).pk)
        if what == "method":
            other = Method.AUTOINVOICE if self.company.activated else Method.EMAIL
            customer.method = other if customer.method == Method.SELF else Method.SELF
            self.methods[customer.pk] = customer.method
        elif what == "email":
            customer.email = "" if customer.email else "kunde@firma.test"
        elif what == "address":
            customer.town = "" if customer.town else "Oslo"
        elif what == "only":
            customer.electronic_only = not customer.electronic_only
        self.world.answers[f"0192:{customer.org_number}"] = answer
        customer.save()

    @rule()
    def press_activate(self) -> None:
        first = activate(self.company, self.user)
        if first.first:
            self.methods = {
                change.customer_id: change.after for change in MethodChange.objects.filter(activation=first.activation)
            }
        before = Event.objects.count(), MethodChange.objects.count()
        assert activate(self.company, self.user).activation == first.activation
        assert (Event.objects.count(), MethodChange.objects.count()) == before  # P10

    @rule(order=st.sampled_from(["cancel", "resend", "settle", "email", "print"]))
    def order(self, order: str) -> None:
        invoice = Invoice.objects.order_by("pk").last()
        if invoice is None:
            return
        last = Delivery.objects.select_related("invoice").get(pk=invoice.last_delivery_id or 0)
        try:
            if order == "cancel":
                cancel(last, self.user)
            elif order == "settle":
                settle(invoice, self.user, arrived=bool(self.world.accepted[str(last.key)]))
            else:
                resend(invoice, self.user, channel="" if order == "resend" else order)
        except (NotNow, delivery.LostClaim):
            pass

    # --- workers ------------------------------------------------------------------------------------------------------
    @rule(seed=SEEDS)
    def ring(self, seed: int) -> None:
        """A bell, heard once or more often, by a worker that may die in it."""
        dice = self.trouble(seed)
        for _ in range(dice.randint(1, 3)):
            try:
                delivery.run(limit=dice.choice([1, 3, 50]))
            except Killed:
                break
        self.world.crash = ""

    @rule(seed=SEEDS)
    def sweep(self, seed: int) -> None:
        self.trouble(seed)
        self.world.crash = ""
        delivery.sweep()

    @rule(seed=SEEDS)
    def wait_and_work(self, seed: int) -> None:
        dice = self.trouble(seed)
        self.time.shift(dice.choice(SECONDS))
        with suppress(Killed):
            delivery.sweep()
            delivery.run()
        self.world.crash = ""

    @rule(seed=SEEDS)
    def stall(self, seed: int) -> None:
        """A worker that has taken rows and then stands still; meanwhile others may work, and it wakes up now or later."""
        dice = self.trouble(seed)
        self.world.crash = ""
        self.stalled.append(running.take(limit=dice.choice([1, 50])))
        if dice.random() < 0.6:
            self.time.shift(dice.choice([0, 30, 61, 200]))
            delivery.run()
            delivery.sweep()
            self._wake()

    @precondition(lambda self: self.stalled)
    @rule(seed=SEEDS)
    def wake(self, seed: int) -> None:
        self.trouble(seed)
        self.world.crash = ""
        self._wake()

    def _wake(self) -> None:
        """What others have claimed meanwhile it must neither send nor write; whoever claims it anew while this one works may."""
        departures = self.stalled.pop(0).departures
        lost = [one.delivery.pk for one in departures if rows_of([one.delivery.pk])[0][1] != one.delivery.fence]
        before = rows_of(lost)
        self.world.late = True
        sending.send_all(departures, float("inf"))
        self.world.late = False
        after = rows_of(lost)
        same_claim = [(old, new) for old, new in zip(before, after, strict=True) if old[1] == new[1]]
        assert all(old == new for old, new in same_claim), "a worker without its claim has written"

    def trouble(self, seed: int) -> random.Random:
        """What goes wrong in this step."""
        dice = random.Random(seed)
        self.world.crash = dice.choice(CRASHES)
        self.world.faults = dice.choices(FAULTS, k=dice.randint(0, 6))
        return dice

    @rule(seconds=st.sampled_from(SECONDS))
    def wait(self, seconds: int) -> None:
        self.time.shift(seconds)

    # --- what must hold -----------------------------------------------------------------------------------------------
    @invariant()
    def nothing_is_broken(self) -> None:
        if not hasattr(self, "world"):
            return
        assert self.world.broken == []
        keys = keys_of_invoices()
        for invoice in Invoice.objects.prefetch_related("deliveries"):
            times = sum(self.world.accepted[key] for key in keys[invoice.pk])
            assert times <= 1, f"P1: {invoice} was accepted {times} times"
            for row in invoice.deliveries.all():
                self._check_row(row)
        figures = report(Invoice.objects.all())
        assert balances(figures)  # P8
        assert figures["in"] == Invoice.objects.count()
        assert dict(Customer.objects.values_list("pk", "method")) == self.methods  # P5: no outage changed a customer

    def _check_row(self, row: Delivery) -> None:
        if row.status in SENT and row.to:
            assert self.world.accepted[str(row.key)] == 1, "a row says accepted, and the provider does not know it"
        if row.channel and row.tried:
            decision = decide(Facts.from_json(row.facts))
            if row.status in SENT:
                assert isinstance(decision, Route)
                assert decision.channel == row.channel  # P3

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self._everything_ends()
        finally:
            for patch in self.patches:
                patch.stop()
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)
            self.clock.stop()

    def _everything_ends(self) -> None:
        """P2, P7: when faults are over, all workers restarted and time goes by, each invoice ends, and the books agree."""
        self.world.faults, self.world.crash = [], ""
        self.world.answers = {
            key: Answer.NOT_REGISTERED if value == Answer.UNKNOWN else value
            for key, value in self.world.answers.items()
        }
        for _ in range(40):
            self.time.shift(3600)
            while delivery.run() + delivery.sweep():
                pass
        assert not Delivery.objects.not_ended().exists()
        self.nothing_is_broken()
        known = {str(row.key): row for row in Delivery.objects.all()}
        for key in self.world.accepted:
            assert known[key].status in {*SENT, Status.UNCERTAIN}, f"accepted outside, and here {known[key].status}"


def patched(world: World) -> Iterator[Any]:
    """Every way to the outside leads to the fakes, and the six points can kill."""

    def chosen(outgoing: Outgoing) -> str:
        if not outgoing.to:
            return "ready"
        return "asked" if outgoing.channel in (ChannelName.EINVOICE, ChannelName.PRINT) else "silent"

    transports = {"asked": Fake(world, True), "silent": Fake(world, False), "ready": to_user.MadeReady()}
    replaced: dict[str, Any] = {
        "distribution.delivery.sending.transport_for": chosen,
        "distribution.delivery.sending.transport_named": transports.__getitem__,
        "distribution.delivery.sweeping.transport_named": transports.__getitem__,
        "distribution.channels.email.render": lambda *_a, **_k: b"%PDF-",
        "distribution.channels.print.render": lambda *_a, **_k: b"%PDF-",
        "distribution.channels.to_user.render": lambda *_a, **_k: b"%PDF-",
        "distribution.lookups.register_for": lambda name: Directory(world),
        "distribution.delivery.running.cases_of": dying(world, cases_of, before="after_claim"),
        "distribution.delivery.sending.record": dying(world, record, before="before_save"),
        "distribution.delivery.sending._alone": dying(world, sending._alone, after="after_save", only=settles),
        "distribution.delivery.sending._in_one_commit": dying(
            world, sending._in_one_commit, after="after_save", only=settles
        ),
    }
    for target, value in replaced.items():
        patch = mock.patch(target, value)
        patch.start()
        yield patch


def rows_of(ids: list[int]) -> list[tuple[object, ...]]:
    return list(Delivery.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "fence", "status", "tried", "to"))


def keys_of_invoices() -> defaultdict[int, set[str]]:
    """Every key under which an invoice was ever offered to the outside."""
    keys: defaultdict[int, set[str]] = defaultdict(set)
    for invoice, key in Attempt.objects.values_list("delivery__invoice", "key"):
        keys[invoice].add(str(key))
    return keys


def settles(step: Any, *_next: Any) -> bool:
    """Whether this commit writes down an outcome, and not only the beginning of an attempt."""
    return step is not None and step[0][0].status != Status.SENDING


def dying(
    world: World,
    real: Callable[..., Any],
    before: str = "",
    after: str = "",
    only: Callable[..., bool] = lambda *_args: True,
) -> Callable[..., Any]:
    def function(*args: Any, **facts: Any) -> Any:
        world.die(before or "-")
        result = real(*args, **facts)
        if only(*args):
            world.die(after or "-")
        return result

    return function


@contextmanager
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


@pytest.mark.django_db
def test_whatever_happens_nothing_is_lost_and_nothing_goes_twice(request: pytest.FixtureRequest) -> None:
    examples = 5000 if request.config.getoption("--long") else 40
    with quiet():
        run_state_machine_as_test(
            Engine,
            settings=settings(
                max_examples=examples, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
