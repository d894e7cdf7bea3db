"""Fills an empty database: one company before activation, one activated with an invoice to each customer, users for each role."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from customers.identifiers import peppol_id_of
from customers.models import Company, Customer, Kind, Membership, Role, User
from distribution.activation import activate
from distribution.choices import change_settings, set_agreement
from distribution.delivery import OpenRun
from distribution.demo import people
from distribution.demo.invoices import credit_note_for, invoice_for
from distribution.intake import receive
from distribution.models import PrintPrice, Run
from distribution.models.settings import AgreementKind
from distribution.prediction import look_up, predict
from distribution.registers.file import receivers_file
from distribution.states import AgreementStatus


def is_loaded() -> bool:
    return Company.objects.filter(org_number=people.ACTIVATED["org_number"], is_demo=True).exists()


def load() -> Run:
    """All or nothing. Its invoices are queued when this returns; `delivery.finish` or a worker sends them."""
    write_receivers(_receivers())
    with transaction.atomic():
        set_print_price()
        users = make_users()
        _company(people.BEFORE, people.CUSTOMERS_BEFORE, users)
        company = _company(people.ACTIVATED, people.CUSTOMERS, users)
        change_settings(
            company, users["admin@demo.test"], email_text_nb="Hei {kunde}!\n\nHer er {dokument} {nummer} fra {firma}."
        )
        activate(company, users["admin@demo.test"])
        run = OpenRun(users["regnskap@demo.test"], "demo")
        _send_to_all(company, users["regnskap@demo.test"], run)
    for one in Company.objects.filter(is_demo=True):
        look_up(one)
        predict(one)
    assert run.row is not None  # there are customers
    return run.row


def set_print_price() -> None:
    """Where ops have set none: an example, so that the pages can reckon."""
    if not PrintPrice.objects.exists():
        PrintPrice.objects.create(
            per_letter=Decimal("13.50"),
            per_page=Decimal("1.50"),
            valid_from=timezone.localdate().replace(month=1, day=1),
        )


def make_users() -> dict[str, User]:
    """By e-mail; made once. Their sign-in works only where the site is on this machine."""
    made = {}
    for email, first, last, role in people.USERS:
        user = User.objects.filter(email=email).first() or User.objects.create_user(
            email,
            people.PASSWORD,
            first_name=first,
            last_name=last,
            is_demo=True,
            is_staff=role is None,
            is_superuser=role is None,
        )
        made[email] = user
    return made


def join_demo_users(company: Company, users: dict[str, User]) -> None:
    roles = {email: role for email, _first, _last, role in people.USERS if role is not None}
    Membership.objects.bulk_create(
        [Membership(user=users[email], company=company, role=Role(role)) for email, role in roles.items()],
        ignore_conflicts=True,
    )


def agree(company: Company, user: User | None) -> None:
    for kind in AgreementKind:
        set_agreement(company, kind, AgreementStatus.ACTIVE, user=user, accepted_by_name=str(user or company))


def write_receivers(rows: list[tuple[str, str]]) -> None:
    """The file register, unless a person has one already."""
    path: Path = receivers_file()
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["identifier", "documents"])
        writer.writerows(rows)


def _receivers() -> list[tuple[str, str]]:
    everybody = (*people.CUSTOMERS, *people.CUSTOMERS_BEFORE)
    return [
        (person.phone if person.kind == Kind.PRIVATE else peppol_id_of(person.org), person.documents)
        for person in everybody
        if person.documents
    ]


def _company(facts: dict[str, str], customers: tuple[people.Person, ...], users: dict[str, User]) -> Company:
    company = Company(is_demo=True, verified_email=facts["email"], **facts)
    company.clean()
    company.save()
    join_demo_users(company, users)
    agree(company, users["admin@demo.test"])
    made: dict[str, Customer] = {}
    for number, person in enumerate(customers, 10001):
        made[person.name] = _customer(company, str(number), person, made.get(person.parent))
    return company


def _customer(company: Company, number: str, person: people.Person, parent: Customer | None) -> Customer:
    customer = Customer(
        company=company,
        number=number,
        name=person.name,
        kind=person.kind,
        org_number=person.org,
        email=person.email,
        invoice_email=person.invoice_email,
        phone=person.phone,
        language=person.language,
        method=person.method,
        electronic_only=person.electronic_only,
        parent=parent,
        address_line=person.street,
        postcode=person.postcode,
        town=person.town,
        country=person.country,
    )
    customer.full_clean()
    customer.save()
    return customer


def _send_to_all(company: Company, user: User, run: OpenRun) -> None:
    issued: date = timezone.localdate()
    by_name = {customer.name: customer for customer in company.customers.select_related("company")}
    credited = 0
    for position, person in enumerate(people.CUSTOMERS):
        customer = by_name[person.name]
        content = invoice_for(customer, position, person.lines, issued)
        receive(company, content, run=run, user=user, email_text=person.erp_text)
        if person.credit_note:
            note = credit_note_for(customer, credited, position, person.lines, issued)
            receive(company, note, run=run, user=user)
            credited += 1
