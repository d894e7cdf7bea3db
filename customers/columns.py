"""Which column of a table is which of our fields: guessed from the heads, chosen by a person, and what is wrong with a choice."""

from django.utils.translation import gettext as _

from customers.tables import FIELDS, Sheet, known_fields, label_of

SAMPLES = 3
# As other systems call them, without spaces and marks. A head that is one of these words is taken first, then one that has it in it.
WORDS = {
    "number": ("kundenr", "kundenummer", "kundeid", "kontonrkunde", "kundekonto", "customerno", "customernumber", "customerid"),
    "name": ("navn", "kundenavn", "firmanavn", "firma", "selskap", "name", "customername", "company", "companyname"),
    "org_number": ("orgnr", "orgnummer", "organisasjonsnr", "foretaksnr", "organizationnumber", "organisationnumber"),
    "peppol_id": ("peppol", "elektroniskadresse", "endpointid"),
    "invoice_email": ("fakturaepost", "fakturamail", "epostfaktura", "invoiceemail", "billingemail"),
    "email": ("epost", "mail", "email", "epostadresse", "mailadresse", "emailaddress"),
    "phone": ("mobil", "mobilnr", "mobiltelefon", "telefon", "tlf", "phone", "mobile", "telephone"),
    "address_line2": ("adresse2", "adresselinje2", "address2", "addressline2"),
    "address_line": ("adresse", "adresse1", "gateadresse", "postadresse", "gate", "address", "address1", "street"),
    "postcode": ("postnr", "postnummer", "zip", "zipcode", "postalcode", "postcode"),
    "town": ("poststed", "sted", "by", "city", "town"),
    "country": ("land", "landkode", "country", "countrycode"),
    "kind": ("kundetype", "customertype"),
    "language": ("språkkode", "languagecode"),
    "method": ("sendemåte", "utsendelsesmåte", "distributionmethod"),
    "parent": ("hovedkunde", "morselskap", "parentcustomer"),
}  # fmt: skip
# Shorter ones stand in too many other words.
SHORTEST_PART = 5


def guessed(heads: list[str]) -> list[str]:
    """A field by column, each at most once; empty where nothing fits."""
    fields = _each_once(known_fields(heads))
    for fits in (_is_called, _has_in_it):
        for place, head in enumerate(heads):
            free = (field for field in WORDS if not fields[place] and field not in fields)
            fields[place] = next((field for field in free if fits(_bare(head), WORDS[field])), fields[place])
    return fields


def all_known(sheet: Sheet, said_along: set[str]) -> bool:
    """So that nobody needs to be asked. `said_along`: heads of columns that our own file has and that aren't read."""
    fields = known_fields(sheet.heads)
    asked = [head for head, field in zip(sheet.heads, fields, strict=True) if head and not field]
    return not wrong_with(fields) and said_along.issuperset(asked)


def wrong_with(fields: list[str]) -> dict[int, str]:
    """What to tell at which column; empty when the table can be read by `fields`."""
    wrong: dict[int, str] = {}
    if "number" not in fields:
        place = fields.index("") if "" in fields else 0
        wrong[place] = _("Velg hvilken kolonne som er kundenummeret.")
    for place, field in enumerate(fields):
        if field and field not in FIELDS:
            wrong[place] = _("Velg et felt fra listen.")
        elif field and field in fields[:place]:
            wrong[place] = _("«%(name)s» er valgt for en annen kolonne også.") % {"name": label_of(field)}
    return wrong


def samples(sheet: Sheet, place: int) -> str:
    values = [cells[place].strip() for _line, cells in sheet.lines[:SAMPLES] if place < len(cells)]
    return " · ".join(filter(None, values))


def _each_once(fields: list[str]) -> list[str]:
    return ["" if field in fields[:place] else field for place, field in enumerate(fields)]


def _is_called(head: str, words: tuple[str, ...]) -> bool:
    return head in words


def _has_in_it(head: str, words: tuple[str, ...]) -> bool:
    return any(word in head for word in words if len(word) >= SHORTEST_PART)


def _bare(head: str) -> str:
    return "".join(filter(str.isalnum, head.casefold()))
