"""Words and figures that templates need; nothing here queries."""

from decimal import Decimal

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from customers.models import Company, Customer, Method, User
from distribution.documents import text
from distribution.documents.validation import packs
from distribution.models import Delivery
from distribution.rules_state import in_words
from distribution.states import Status

register = template.Library()


@register.filter
def money(value: Decimal) -> str:
    return text.amount(value)


@register.filter
def org_number(value: str) -> str:
    return text.org_number(value)


@register.simple_tag
def rules_packs() -> dict[str, object]:
    """For ops: which releases of Peppol's rules there are, and what is wrong with that."""
    return {"versions": [pack.version for pack in packs.packs()], "trouble": in_words(packs.state())}


@register.filter
def figure(figures: dict[str, int], name: str) -> int:
    return figures[name]


@register.filter
def minus(value: int, other: int) -> int:
    return value - other


@register.filter
def method_words(customer: Customer) -> str:
    words = str(Method(customer.method_in_force).label) if customer.method_in_force else ""
    return words if customer.method else _("%(method)s (fra hovedkunden)") % {"method": words}


@register.filter
def method_label(method: Method) -> str:
    """As it is called before activation."""
    return _("Skriv ut og send selv") if method == Method.SELF else str(method.label)


@register.filter
def signed(number: int) -> str:
    """`+148`, `−19` with a true minus, `0`."""
    sign = "+" if number > 0 else "−" if number else ""
    return sign + intcomma(abs(number))


@register.simple_tag
def test_mark(company: Company) -> str:
    """Every status of a test company says so (R17)."""
    return "TEST · " if company and company.is_test else ""


@register.filter
def initials(user: User) -> str:
    return "".join(word[0] for word in str(user).split()[:2]).upper()


@register.simple_tag
def next_step(delivery: Delivery | None) -> str:
    """What happens now, or what the reader can do."""
    if delivery is None:
        return ""
    return {
        Status.QUEUED: _("Fakturaen ligger i kø og går av seg selv."),
        Status.SENDING: _("Fakturaen sendes nå."),
        Status.ACCEPTED: _("Fakturaen er overlevert. Du trenger ikke gjøre noe."),
        Status.DELIVERED: _("Fakturaen er levert."),
        Status.HELD: _("Fakturaen er holdt tilbake og er ikke sendt. Rett det som mangler, så kan den gå."),
        Status.UNCERTAIN: _(
            "Det er ikke kjent om fakturaen ble tatt imot. Vi sender den ikke på nytt før det er avklart."
        ),
        Status.FAILED: _("Fakturaen ble ikke sendt. Du kan prøve igjen."),
        Status.CANCELLED: _("Fakturaen er stoppet og går ikke."),
    }[Status(delivery.status)]
