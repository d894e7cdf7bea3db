"""Random invoices and credit notes that are valid EHF: every VAT category, every term, odd texts and traps for rounding."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from distribution.documents.invoice import (
    BILLING_PROCESS,
    AllowanceCharge,
    Attachment,
    Delivery,
    DocumentType,
    InvoiceData,
    PrecedingInvoice,
    References,
)
from distribution.documents.sums import Sums, rounded, sums_of
from tests.distribution.documents.random_lines import (
    Vat,
    allowances,
    decimals,
    lines,
    maybe,
    money,
    periods,
    schemed,
    words,
)
from tests.distribution.documents.random_parties import addresses, buyers, payments, representatives, sellers

ZERO = Decimal(0)
STANDARD = tuple(Vat("S", Decimal(rate)) for rate in ("25", "15", "12", "11.11"))
WITHOUT = tuple(Vat(category, ZERO) for category in ("Z", "E", "AE", "G"))
ISLANDS = (Vat("L", Decimal(7)), Vat("L", ZERO), Vat("M", Decimal("4.5")))
INSIDE_EU, OUTSIDE_THE_LAW = Vat("K", ZERO), Vat("O", None)
MIMES = (("bilag.pdf", "application/pdf"), ("timer.csv", "text/csv"), ("bilde.png", "image/png"))
WITH_RESPONSE = "urn:peppol:bis:billing_with_response"
TYPE_CODES = {
    DocumentType.INVOICE: ("", "383", "386", "393", "82"),
    DocumentType.CREDIT_NOTE: ("", "396", "83", "532"),
}
SUBJECT_CODE = re.compile("[^#]*#[^#]{3}#")
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)


@st.composite
def invoices(draw: st.DrawFn) -> InvoiceData:
    kind, vat = draw(st.sampled_from(DocumentType)), draw(_taxes())
    start, end = draw(periods(FIRST, LAST))
    of_document = tuple(draw(st.lists(st.sampled_from(vat).flatmap(allowances), max_size=3)))
    sums, taxed = draw(_sums(vat, of_document, (start or FIRST, end or LAST))), OUTSIDE_THE_LAW not in vat
    given: dict[str, Any] = {
        "document_type": kind,
        "seller": draw(sellers(with_vat=taxed)),
        "buyer": draw(buyers(with_vat=taxed)),
        "tax_representative": draw(st.none() | representatives()) if taxed else None,
        "delivery": replace(draw(_deliveries(abroad=INSIDE_EU in vat)), start=start, end=end),
        "allowances": of_document,
        "lines": sums.lines,
        "vat": sums.vat,
        **draw(_heads(kind)),
        **draw(_currencies(sums)),
        **draw(_references()),
        **draw(payments()),
        **draw(_tax_points()),
    }
    return InvoiceData(**given)


def _taxes() -> st.SearchStrategy[tuple[Vat, ...]]:
    """What one document may hold side by side: what is outside the law stands alone (BR-O-11 to 14)."""
    mixed = st.lists(st.sampled_from((*STANDARD, *WITHOUT, *ISLANDS, INSIDE_EU)), min_size=1, max_size=5, unique=True)
    plain = st.sampled_from(STANDARD).map(lambda vat: (vat,))
    return st.one_of(mixed.map(tuple), plain, mixed.map(tuple), st.just((OUTSIDE_THE_LAW,)))


@st.composite
def _sums(
    draw: st.DrawFn, vat: tuple[Vat, ...], of_document: tuple[AllowanceCharge, ...], within: tuple[date, date]
) -> Sums:
    return sums_of(
        draw(lines(vat, within)),
        of_document,
        prepaid=draw(st.just(ZERO) | money()),
        rounding=draw(st.just(ZERO) | decimals("-0.99", "0.99", 2)),
    )


@st.composite
def _currencies(draw: st.DrawFn, sums: Sums) -> dict[str, Any]:
    """A foreign currency, with the VAT in kroner too (BT-111), or kroner."""
    currency = draw(st.sampled_from(("NOK", "NOK", "EUR", "SEK", "JPY")))
    if currency == "NOK" or draw(st.booleans()):
        return {"currency": currency, "totals": sums.totals}
    in_kroner = rounded(sums.totals.tax_total * draw(decimals("0.05", "13", 4)))
    return {
        "currency": currency,
        "tax_currency": "NOK",
        "totals": replace(sums.totals, tax_total_in_tax_currency=in_kroner),
    }


@st.composite
def _heads(draw: st.DrawFn, kind: DocumentType) -> dict[str, Any]:
    reference, order = draw(st.tuples(maybe(words()), maybe(words())).filter(any))  # PEPPOL-EN16931-R003
    return {
        "number": draw(words(30).filter(lambda number: number.casefold() not in {"draft", "kladd", "utkast"})),
        "type_code": draw(st.sampled_from(TYPE_CODES[kind])),
        "process": draw(st.sampled_from((BILLING_PROCESS, WITH_RESPONSE))),
        "issue_date": draw(st.dates(FIRST, LAST)),
        "due_date": draw(st.none() | st.dates(FIRST, LAST)),
        "notes": draw(_notes()),
        "buyer_reference": reference,
        "order_reference": order,
        "customer_number": draw(maybe(words(20))),
    }


def _notes() -> st.SearchStrategy[tuple[str, ...]]:
    """Without what would pass for a subject code, and for a wrong one (BR-CL-08)."""
    drawn = st.lists(words(200), max_size=3).map(tuple)
    return drawn.filter(lambda notes: SUBJECT_CODE.match("\n".join(notes)) is None)


@st.composite
def _references(draw: st.DrawFn) -> dict[str, Any]:
    """What the document belongs to and brings along. Above all a credit note says which invoice it corrects."""
    corrected = st.builds(PrecedingInvoice, number=words(20), issue_date=st.none() | st.dates(FIRST, LAST))
    references = st.builds(
        References,
        project=maybe(words(20)),
        sales_order=maybe(words(20)),
        receiving_advice=maybe(words(20)),
        despatch_advice=maybe(words(20)),
        tender=maybe(words(20)),
        invoiced_object=st.none() | schemed("AAA", "ABT", ""),
    )
    return {
        "references": draw(st.just(References()) | references),
        "contract_reference": draw(maybe(words(20))),
        "accounting_cost": draw(maybe(words(20))),
        "preceding": tuple(draw(st.lists(corrected, max_size=2))),
        "attachments": tuple(draw(st.lists(_embedded() | _pointed_to(), max_size=2))),
    }


def _embedded() -> st.SearchStrategy[Attachment]:
    return st.sampled_from(MIMES).flatmap(
        lambda file: st.builds(
            Attachment,
            reference=words(20),
            description=maybe(words()),
            filename=st.just(file[0]) | words(20),
            mime=st.just(file[1]),
            content=st.binary(min_size=1, max_size=300),
        )
    )


def _pointed_to() -> st.SearchStrategy[Attachment]:
    return st.builds(Attachment, reference=words(20), url=maybe(st.just("https://fjellro.example/timer?uke=48&år=26")))


@st.composite
def _deliveries(draw: st.DrawFn, *, abroad: bool) -> Delivery:
    """`abroad`: a sale within the EU says when and where to (BR-IC-11 and 12)."""
    delivered = st.builds(
        Delivery,
        on=st.dates(FIRST, LAST) if abroad else st.none() | st.dates(FIRST, LAST),
        name=maybe(words()),
        location=st.none() | schemed("0088", "0192", ""),
        address=addresses(),
    )
    return draw(delivered if abroad else st.just(Delivery()) | delivered)


def _tax_points() -> st.SearchStrategy[dict[str, Any]]:
    """A day or a code, never both (BR-CO-03)."""
    day = st.dates(FIRST, LAST).map(lambda day: {"tax_point": day})
    return st.just({}) | day | st.sampled_from(("3", "35", "432")).map(lambda code: {"tax_point_code": code})
