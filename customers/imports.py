"""Customers out of a table: what would become of each row, each error by line and column, and all of it or nothing."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from customers import history
from customers.models import ChangedBy, Company, Customer, Kind, Language, Method, User, method_words
from customers.tables import FIELDS, Row, Table, label_of

CHUNK = 900
Meanings = dict[str, dict[str, Any]]
EXCEL_ERRORS = frozenset(
    {"#REF!", "#N/A", "#I/T", "#NAME?", "#NAVN?", "#VALUE!", "#VERDI!", "#DIV/0!", "#NULL!", "#NUM!"}
)
YES_AND_NO = {"ja": True, "yes": True, "1": True, "true": True, "nei": False, "no": False, "0": False, "false": False}


@dataclass(frozen=True, slots=True)
class Problem:
    line: int
    column: str
    value: str
    message: str


@dataclass(slots=True)
class Plan:
    """`new` and `changed` are not saved yet; with a problem none will be. `before` is by number what a changed one was."""

    new: list[Customer] = field(default_factory=list)
    changed: list[Customer] = field(default_factory=list)
    before: dict[str, history.Values] = field(default_factory=dict)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


def plan(company: Company, table: Table, starting: Method) -> Plan:
    """A known number changes that customer, another one makes a new. An empty cell changes nothing.

    1. All rows are applied to customers in memory, so that parents of the same file are seen as they will be.
    2. Then each is checked as the form checks it.
    """
    made, known, meanings = Plan(), _known(company, table), _meanings(company)
    before = {number: history.values_of(customer) for number, customer in known.items()}
    stored = dict(known)
    pairs = []
    seen: dict[str, int] = {}
    for row in table.rows:
        number = row.cells.get("number", "")
        if not number or number in seen:
            made.problems.append(_numberless(row, number, seen))
            continue
        seen[number] = row.line
        customer = known.setdefault(number, Customer(company=company, number=number, method=starting))
        made.problems += _applied(row, customer, stored, meanings)
        pairs.append((row, customer))
    for row, customer in pairs:
        made.problems += _checked(row, customer)
        _sort_in(made, customer, before.get(customer.number))
    made.problems.sort(key=lambda problem: problem.line)
    return made


def carry_out(planned: Plan, user: User | None) -> None:
    """Inside the caller's transaction, with the company locked. Raises ValueError for a plan with problems."""
    if planned.problems:
        raise ValueError("a plan with problems")
    now = timezone.now()
    for customer in (*planned.new, *planned.changed):
        customer.changed_at = now
    Customer.objects.bulk_create(planned.new, batch_size=1000)
    Customer.objects.bulk_update(planned.changed, [*FIELDS, "changed_at"], batch_size=200)
    written = (*planned.new, *planned.changed)
    for customer in planned.changed:
        if customer.archived:  # who is in the file is a customer again
            history.bring_back(customer, user, ChangedBy.IMPORT)
    pairs = ((customer, planned.before.get(customer.number)) for customer in written)
    history.keep(
        change for pair in pairs for change in history.changes_of(*pair, user=user, changed_by=ChangedBy.IMPORT)
    )


def _known(company: Company, table: Table) -> dict[str, Customer]:
    """By number, the stored customers that the table names."""
    numbers = sorted({row.cells[name] for row in table.rows for name in ("number", "parent") if name in row.cells})
    found: dict[str, Customer] = {}
    for start in range(0, len(numbers), CHUNK):
        rows = company.customers.select_related("parent").filter(number__in=numbers[start : start + CHUNK])
        found.update({customer.number: customer for customer in rows})
    return found


def _applied(row: Row, customer: Customer, stored: dict[str, Customer], meanings: Meanings) -> list[Problem]:
    problems = []
    for name, cell in row.cells.items():
        if cell in EXCEL_ERRORS:
            words = _("Cellen har en feil i Excel. Rett den der.")
            problems.append(Problem(row.line, label_of(name), cell, words))
            continue
        if name == "parent":
            customer.parent = stored.get(cell)
            if customer.parent is None:
                words = _("Ingen kunde har dette kundenummeret. Importer hovedkundene først.")
                problems.append(Problem(row.line, label_of(name), cell, words))
            continue
        value = meanings.get(name, {}).get(cell.casefold(), cell)
        if name == "electronic_only" and not isinstance(value, bool):
            problems.append(Problem(row.line, label_of(name), cell, _("Skriv ja eller nei.")))
            continue
        setattr(customer, name, _compact(name, value))
    if "postcode" in row.cells:
        customer.postcode = _four_digits(customer)
    return problems


def _compact(name: str, value: Any) -> Any:
    return "".join(value.split()) if name == "org_number" else value.upper() if name == "country" else value


def _four_digits(customer: Customer) -> str:
    """A spreadsheet drops the zeros of «0150»; a Norwegian postcode has four digits, always."""
    digits = customer.postcode
    return digits.zfill(4) if customer.country == "NO" and digits.isascii() and digits.isdigit() else digits


def _checked(row: Row, customer: Customer) -> list[Problem]:
    try:
        customer.full_clean(exclude=["company", "parent"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        return [
            Problem(row.line, label_of(name), row.cells.get(name, ""), " ".join(words))
            for name, words in error.message_dict.items()
        ]
    return []


def _sort_in(made: Plan, customer: Customer, before: history.Values | None) -> None:
    if before is None:
        made.new.append(customer)
    elif before != history.values_of(customer):
        made.changed.append(customer)
        made.before[customer.number] = before
    else:
        made.unchanged += 1


def _numberless(row: Row, number: str, seen: dict[str, int]) -> Problem:
    words = _("Kundenummeret mangler.")
    if number:
        words = _("Kundenummeret står også på linje %(line)s.") % {"line": seen[number]}
    return Problem(row.line, label_of("number"), number, words)


def _meanings(company: Company) -> Meanings:
    """What a cell may say, in either language, and the value that it means."""
    found: Meanings = {"electronic_only": YES_AND_NO, "kind": {}, "language": {}, "method": {}}
    for language in ("nb", "en"):
        with override(language):
            found["kind"].update({str(kind.label).casefold(): kind.value for kind in Kind})
            found["language"].update({str(name.label).casefold(): name.value for name in Language})
            found["method"].update({str(method.label).casefold(): method.value for method in Method})
            found["method"].update({method_words(value, company).casefold(): value for value in ("", *Method.values)})
    return found
