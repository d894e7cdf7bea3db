"""The upper part of the first page: who sends, who receives, and the facts."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from distribution.documents import text
from distribution.documents.invoice import Address, DocumentType, InvoiceData, Party

MAX_ADDRESS_LINES = 5
RETURN_LINE = 66  # characters of 7 pt in the window, after the word for return
# Abroad, a letter is addressed in a language that the postal service here reads: country names are not translated.
COUNTRIES = {
    "SE": "SWEDEN",
    "DK": "DENMARK",
    "FI": "FINLAND",
    "IS": "ICELAND",
    "DE": "GERMANY",
    "GB": "UNITED KINGDOM",
    "IE": "IRELAND",
    "NL": "NETHERLANDS",
    "BE": "BELGIUM",
    "FR": "FRANCE",
    "ES": "SPAIN",
    "PT": "PORTUGAL",
    "IT": "ITALY",
    "PL": "POLAND",
    "EE": "ESTONIA",
    "LV": "LATVIA",
    "LT": "LITHUANIA",
    "CH": "SWITZERLAND",
    "AT": "AUSTRIA",
    "US": "UNITED STATES",
    "FO": "FAROE ISLANDS",
    "GL": "GREENLAND",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with its label; `size` is the class of a value that needs smaller type: '', 'narrow' or 'tiny'."""

    label: str
    value: str
    size: str = ""


def size_of(value: str, room: int) -> str:
    """`room` is how many characters fit in full size."""
    return "" if len(value) <= room else "narrow" if len(value) <= room * 1.4 else "tiny"


def one_line(value: str) -> str:
    return " ".join(value.split())


def seller_lines(seller: Party) -> tuple[str, ...]:
    lines = [
        seller.legal_name if seller.legal_name != seller.name else "",
        _on_one_line(seller.address),
        registration(seller),
        register_entry(seller),
        seller.phone,
        seller.email,
    ]
    return tuple(line for line in lines if line)


def return_line(seller: Party) -> str:
    """The name gives way first: a letter comes back to a street and a place."""
    address = _on_one_line(seller.address)
    if len(address) > RETURN_LINE // 2:
        address = _on_one_line(replace(seller.address, additional="", line3=""))
    name = text.shortened(seller.name, max(RETURN_LINE - len(address), 12))
    return _("Retur: %(address)s") % {"address": ", ".join(part for part in (name, address) if part)}


def address_lines(buyer: Party, given: tuple[str, ...] | None) -> tuple[str, ...]:
    """At most five: the first stands alone, the last are place and country, and what is between shares lines."""
    lines = [line for line in (given if given is not None else _postal_lines(buyer)) if line.strip()]
    while len(lines) > MAX_ADDRESS_LINES:
        lines[1:3] = [f"{lines[1]}, {lines[2]}"]
    return tuple(COUNTRIES.get(line, line) for line in lines)


def fact_rows(invoice: InvoiceData) -> tuple[Cell, ...]:
    buyer, delivery = invoice.buyer, invoice.delivery
    credit = invoice.document_type == DocumentType.CREDIT_NOTE
    rows = [
        Cell(_("Kreditnotadato") if credit else _("Fakturadato"), text.day(invoice.issue_date)),
        Cell(_("Gjelder faktura"), ", ".join(each.number for each in invoice.preceding)),
        Cell(_("Kundenr"), invoice.customer_number),
        Cell(_("Kunde"), buyer.legal_name if buyer.legal_name != buyer.name else ""),
        Cell(_("Kundens org.nr"), text.org_number(buyer.legal_id)),
        Cell(_("Deres ref."), invoice.buyer_reference or buyer.contact_name),
        Cell(_("Vår ref."), invoice.seller.contact_name),
        Cell(_("Ordre"), invoice.order_reference),
        Cell(_("Kontrakt"), invoice.contract_reference),
        Cell(_("Levert"), text.day(delivery.on) if delivery.on else ""),
        Cell(_("Periode") if delivery.on else _("Levert"), text.period(delivery.start, delivery.end)),
        Cell(_("Leveringssted"), ", ".join(part for part in (delivery.name, _on_one_line(delivery.address)) if part)),
    ]
    return tuple(row for row in rows if row.value)


def register_entry(seller: Party) -> str:
    """The law wants the word, in any language."""
    return "Foretaksregisteret" if seller.registered_in_foretaksregisteret else ""


def registration(seller: Party) -> str:
    """Org.nr with MVA for a Norwegian seller in the VAT register; abroad the number of the country."""
    vat = seller.vat_number.upper().replace(" ", "")
    norwegian = vat.removeprefix("NO").removesuffix("MVA") if vat.startswith("NO") else ""
    number = text.org_number(norwegian or seller.legal_id)
    if norwegian and vat.endswith("MVA"):
        number = f"{number}{text.SPACE}MVA"
    numbers = [_("Org.nr") + " " + number if number else ""]
    if vat and not norwegian:
        numbers.append(_("Mva-nr") + " " + seller.vat_number)
    return ", ".join(part for part in numbers if part)


def _postal_lines(buyer: Party) -> list[str]:
    address = buyer.address
    return [
        buyer.name,
        address.street,
        address.additional,
        address.line3,
        f"{address.postcode} {address.town}".strip(),
        _abroad(address),
    ]


def _on_one_line(address: Address) -> str:
    place = f"{address.postcode} {address.town}".strip()
    parts = (address.street, address.additional, address.line3, place, _abroad(address))
    return ", ".join(part for part in parts if part)


def _abroad(address: Address) -> str:
    return "" if address.country in {"", "NO"} else COUNTRIES.get(address.country, address.country)
