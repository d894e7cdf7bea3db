"""What one round of letters is expected to cost (R6). Ops keep the prices; the arithmetic is pure."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.models import Company
from distribution.choices import settings_of
from distribution.documents.text import KRONER, amount_with_currency, quantity
from distribution.models import PrintPrice

COVER_SHEET = 1  # page that the company's own PDF costs in addition (R11)


@dataclass(frozen=True, slots=True)
class PrintCost:
    """`pages` are those of one letter; `total` is None where ops have set no price."""

    letters: int
    pages: int
    total: Decimal | None
    cover_sheet: bool = False
    currency: str = KRONER

    @property
    def words(self) -> str:
        """«12 brev à 1 side: 180,00 kr», in the active language; without the price where there is none."""
        letters = ngettext("%(number)s brev", "%(number)s brev", self.letters) % {
            "number": quantity(Decimal(self.letters))
        }
        pages = ngettext("%(number)s side", "%(number)s sider", self.pages) % {"number": self.pages}
        counted = _("%(letters)s à %(pages)s") % {"letters": letters, "pages": pages}
        return counted if self.total is None else f"{counted}: {amount_with_currency(self.total, self.currency)}"


def cost_of(letters: int, price: PrintPrice, *, pages: int = 1) -> Decimal:
    """Of so many letters with so many pages each, the cover sheet among them. Not rounded: many small prices add up."""
    return letters * (price.per_letter + pages * price.per_page)


def expected_cost(company: Company, letters: int, *, pages: int = 1) -> PrintCost:
    """At today's price, with the company's choice of PDF."""
    cover_sheet = settings.PRINT_COVER_SHEET and settings_of(company).own_pdf_for_print
    printed = pages + COVER_SHEET if cover_sheet else pages
    price = PrintPrice.objects.on(timezone.localdate(), KRONER)
    return PrintCost(
        letters, printed, cost_of(letters, price, pages=printed) if price else None, cover_sheet=cover_sheet
    )


def saved_by(company: Company, einvoices: int) -> PrintCost | None:
    """What so many e-invoices would have cost as letters of one page, at today's price; None where ops have set none."""
    cost = expected_cost(company, einvoices)
    return cost if einvoices and cost.total is not None else None
