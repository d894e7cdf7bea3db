"""What went in equals what came out (R36): each invoice of a run counts once, by its last delivery."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from distribution.models import Invoice, Run
from distribution.states import SENT, WAITING, ChannelName, Status

COLUMNS = ("in", "einvoice", "email", "print", "to_user", "held", "failed", "waiting", "uncertain", "cancelled")


def report(invoices: QuerySet[Invoice]) -> dict[str, int]:
    """The keys of COLUMNS; `in` is the sum of the others."""
    return _figures(invoices.aggregate(**_counts()))


def reports_of(runs: Iterable[Run], invoices: QuerySet[Invoice]) -> dict[int, dict[str, int]]:
    """The report of each run over its part of `invoices`, by the run's id; one query for all."""
    rows = invoices.filter(run__in=[run.pk for run in runs]).order_by().values("run").annotate(**_counts())
    return {row["run"]: _figures(row) for row in rows}


def _counts() -> dict[str, Count]:
    return {
        **{
            name.value: Count("pk", filter=Q(last_delivery__status__in=SENT, last_delivery__channel=name))
            for name in ChannelName
        },
        **{
            status.value: Count("pk", filter=Q(last_delivery__status=status))
            for status in (Status.HELD, Status.FAILED, Status.UNCERTAIN, Status.CANCELLED)
        },
        "waiting": Count("pk", filter=Q(last_delivery__status__in=WAITING)),
        "all": Count("pk"),
    }


def _figures(counted: Mapping[str, Any]) -> dict[str, int]:
    return {"in": counted["all"], **{name: counted[name] for name in COLUMNS[1:]}}


def last_run() -> Run | None:
    return Run.objects.order_by("-pk").first()


def balances(figures: dict[str, int]) -> bool:
    return figures["in"] == sum(count for name, count in figures.items() if name != "in")


def labels() -> dict[str, str]:
    """Column heads in the active language, in the order of COLUMNS."""
    words = {
        "in": _("Inn"),
        "held": _("Holdt tilbake"),
        "failed": _("Feilet"),
        "waiting": _("Venter"),
        "uncertain": _("Usikkert"),
        "cancelled": _("Avbrutt"),
    }
    return {name: words.get(name) or str(ChannelName(name).label) for name in COLUMNS}


def as_text(figures: dict[str, int]) -> str:
    """For a terminal: a row each, a double rule, the sum."""
    heads = labels()
    width = max(map(len, heads.values())) + 2
    rows = [f"{heads[name]:<{width}}{figures[name]:>7}" for name in COLUMNS[1:]]
    total = f"{heads['in']:<{width}}{figures['in']:>7}" + (
        "  " + (_("stemmer") if balances(figures) else _("STEMMER IKKE"))
    )
    return "\n".join([*rows, "=" * (width + 7), total])
