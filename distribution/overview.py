"""The figures of «Oversikt», each in one query however many rows there are."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Value, When
from django.utils import timezone

from customers.models import Company
from distribution.models import Delivery, Invoice, Run
from distribution.report import reports_of
from distribution.states import SENT, STOPPED, WAITING, ChannelName, Status

WEEKS = 12
LAST_RUNS = 5


@dataclass(slots=True)
class Standing:
    """What of one company has not come to its end. `asking` waits for somebody's answer and goes on by itself (R25, R32)."""

    queued: int = 0
    sending: int = 0
    asking: int = 0
    held: int = 0
    uncertain: int = 0
    failed: int = 0

    @property
    def needs_person(self) -> int:
        return self.held + self.uncertain + self.failed

    @property
    def on_the_way(self) -> int:
        return self.queued + self.sending + self.asking


@dataclass(frozen=True, slots=True)
class Week:
    monday: date
    sent: dict[ChannelName, int] = field(default_factory=lambda: dict.fromkeys(ChannelName, 0))

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week

    @property
    def total(self) -> int:
        return sum(self.sent.values())


def standing(companies: Iterable[Company]) -> dict[int, Standing]:
    """By the company's id, for those that have something standing."""
    rows = Delivery.objects.last_of_invoices().filter(company__in=companies, status__in=WAITING | STOPPED)
    found: dict[int, Standing] = {}
    for row in rows.order_by().values("company", "status").annotate(number=Count("pk"), due=Count("due_at")):
        one, status = found.setdefault(row["company"], Standing()), Status(row["status"])
        asking = row["due"] if status in STOPPED else 0
        one.asking += asking
        setattr(one, status.value, row["number"] - asking)
    return found


def sent_today(company: Company) -> dict[ChannelName, int]:
    rows = Delivery.objects.last_of_invoices().filter(
        company=company, status__in=SENT, ended_at__gte=_start_of(timezone.localdate())
    )
    counted = dict(rows.order_by().values_list("channel").annotate(Count("pk")))
    return {name: counted.get(name, 0) for name in ChannelName}


def last_runs(company: Company) -> list[tuple[Run, dict[str, int]]]:
    """Newest first, each with the balanced report of the company's part of it."""
    mine = Invoice.objects.filter(company=company)
    runs = Run.objects.filter(Exists(mine.filter(run=OuterRef("pk")))).select_related("user").order_by("-pk")
    newest = list(runs[:LAST_RUNS])
    figures = reports_of(newest, mine)
    return [(run, figures[run.pk]) for run in newest]


def sent_per_week(company: Company) -> list[Week]:
    """Oldest first, by the week in which each invoice came in."""
    weeks = _last_weeks(timezone.localdate())
    # Newest first, since the first that fits counts. Plain comparisons: SQLite's TruncWeek is a Python call for each row.
    cases = [When(created_at__gte=_start_of(week.monday), then=Value(at)) for at, week in reversed([*enumerate(weeks)])]
    rows = Invoice.objects.filter(
        company=company, created_at__gte=_start_of(weeks[0].monday), last_delivery__status__in=SENT
    ).annotate(week=Case(*cases, output_field=IntegerField()))
    for at, channel, number in rows.order_by().values_list("week", "last_delivery__channel").annotate(Count("pk")):
        weeks[at].sent[ChannelName(channel)] = number
    return weeks


def _last_weeks(today: date) -> list[Week]:
    monday = today - timedelta(days=today.weekday())
    return [Week(monday - timedelta(weeks=back)) for back in reversed(range(WEEKS))]


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
