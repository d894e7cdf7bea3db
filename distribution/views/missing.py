"""The few fields of the customer's form that fill in what his prediction says is missing."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.forms import BoundField
from django.http import QueryDict

from customers.forms import CustomerForm
from customers.models import Customer

FIELDS_OF = {
    "org_number": ("org_number",),
    "email": ("email",),
    "address": ("address_line", "postcode", "town"),
}
INVOICE_EMAIL = "invoice_email"
SHOWABLE = (*(name for names in FIELDS_OF.values() for name in names), INVOICE_EMAIL)


@dataclass(frozen=True, slots=True)
class MissingForm:
    """The whole form, so that all that always holds is checked, of which only `names` are shown and read."""

    form: CustomerForm
    names: tuple[str, ...]

    @classmethod
    def of(cls, customer: Customer, missing: list[str]) -> "MissingForm":
        names = tuple(name for fact in missing for name in _fields_of(fact, customer))
        return cls(CustomerForm(instance=customer, auto_id=_ids(customer)), names)

    @classmethod
    def posted(cls, posted: QueryDict, customer: Customer) -> "MissingForm":
        """Reads what was shown, and the stamp; nothing else can be changed this way."""
        names = tuple(name for name in SHOWABLE if name in posted)
        data = QueryDict(mutable=True)
        data.update(CustomerForm(instance=customer).as_stored())
        for name in (*names, "made_of"):
            data[name] = posted.get(name, "")
        return cls(CustomerForm(data, instance=customer, auto_id=_ids(customer)), names)

    @property
    def fields(self) -> Iterator[BoundField]:
        return (self.form[name] for name in self.names)

    @property
    def other_errors(self) -> list[str]:
        """Of the form as a whole, and of fields that are not shown."""
        elsewhere = (words for name, words in self.form.errors.items() if name not in self.names)
        return [str(word) for words in elsewhere for word in words]


def _fields_of(fact: str, customer: Customer) -> tuple[str, ...]:
    """An e-mail for invoices that came back wins over the general one still (R22): it is the one to mend."""
    return (INVOICE_EMAIL,) if fact == "email" and customer.invoice_email else FIELDS_OF[fact]


def _ids(customer: Customer) -> str:
    return f"id_{customer.pk}_%s"
