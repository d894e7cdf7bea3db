"""What pages say of a stored prediction: the channel today, why, and what is missing, in words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from customers.models import Company, Customer
from distribution.models import Prediction
from distribution.prediction import Totals, predict, predict_stale, totals
from distribution.reasons import in_words
from distribution.roster import UNREACHABLE
from distribution.states import ChannelName, NoChannel
from distribution.tasks import ring_predictions

AT_ONCE = 1000  # stale predictions that are made while the page waits; more are made by a worker
COUNTED_AT_ONCE = 2000  # customers whose numbers stand in the page; of more they come after it


@dataclass(frozen=True, slots=True)
class Expected:
    """The channel of the next invoice; `mark` is the class of its pictogram."""

    mark: str
    label: str
    reason: str
    missing: list[str]


def expected(customer: Customer) -> Expected:
    prediction: Prediction | None = getattr(customer, "prediction", None)
    if prediction is None:
        return Expected("wait", _("Regnes ut …"), "", [])
    mark, label = _marked(prediction)
    return Expected(mark, label, in_words(prediction.reasons_now), missing_words(prediction.missing))


def missing_words(names: list[str]) -> list[str]:
    words = {"org_number": _("org.nr"), "email": _("e-post"), "address": _("postadresse")}
    return [words[name] for name in names]


def lacks() -> list[tuple[str, str]]:
    """What a list can be filtered by of what is missing."""
    return [
        ("noe", _("Noe mangler")),
        ("epost", _("E-post")),
        ("adresse", _("Postadresse")),
        (UNREACHABLE, _("E-post og postadresse")),
        ("orgnr", _("Org.nr")),
    ]


def is_large(company: Company) -> bool:
    """In the order of an index, so that as many entries are read and no more."""
    ordered = company.customers.order_by("name", "pk").values_list("pk", flat=True)
    return bool(ordered[COUNTED_AT_ONCE : COUNTED_AT_ONCE + 1])


def brought_up_to_date(company: Company) -> tuple[Totals, int]:
    """The totals, and how many predictions a worker still has to make: few stale ones are made anew at once; many, and
    those that wait for a register, by a worker."""
    counted = totals(company)
    if 0 < counted.stale <= AT_ONCE:
        predict_stale(company)
        counted = totals(company)
    if counted.stale or counted.now.get(NoChannel.WAITS, 0):
        ring_predictions(company.pk)
    return counted, counted.stale


def _marked(prediction: Prediction) -> tuple[str, str]:
    if prediction.channel_now:
        return prediction.channel_now, str(ChannelName(prediction.channel_now).label)
    return ("wait", _("Venter på oppslag")) if prediction.waits_now else ("onhold", _("Holdt tilbake"))


def keep_up_to_date(customer: Customer) -> None:
    """Makes this customer's prediction anew where a change outdated it; the registers' kept answers are used."""
    own = Prediction.objects.filter(pk=customer.pk)
    if not own.exists() or own.stale().exists():
        predict(customer.company, Customer.objects.filter(pk=customer.pk))
