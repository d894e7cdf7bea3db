"""How many questions each page asks the database: as many with three rows as with sixty, and that number stands here."""

from dataclasses import dataclass

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import Company, Membership, Role, User
from distribution import delivery
from distribution.delivery import OpenRun
from distribution.prediction import look_up, predict
from tests.factories import ADDRESS, make_company, make_customer, make_user, queue

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 60
ACTIVATION = "/mitt-firma/elektronisk-faktura/aktivering/"
IMPORT = "/kunder/importer/"
# A number that goes up is a decision; one that grows with the rows is a fault.
PINNED = {
    "/": 13,
    "/fakturaer/": 7,
    "/fakturaer/?q=kunde": 10,  # three, once, to remember a filter that is new
    "/fakturaer/?status=held": 10,
    "/fakturaer/{invoice}/": 15,
    "/kunder/": 17,
    "/kunder/?mangler=noe": 20,
    "/kunder/{customer}/": 16,
    IMPORT: 5,
    "/utsendelser/": 7,
    "/utsendelser/{run}/": 8,
    "/utsendelser/oppgaver/": 9,
    "/mitt-firma/brukere/": 6,
}
PINNED_BEFORE_ACTIVATION = {ACTIVATION: 21, f"{ACTIVATION}?kanal=held": 22, f"{ACTIVATION}bekreft/": 19}


@dataclass(frozen=True, slots=True)
class World:
    client: Client
    ids: dict[str, int]
    size: int


def world(size: int, *, activated: bool) -> World:
    """So many of everything: members, runs, customers with and without a channel; branches and invoices of one customer, invoices
    of one run, and steps of one invoice."""
    admin = make_user()
    company = make_company(activated=activated, admin=admin)
    for _ in range(size):
        Membership.objects.create(user=make_user(), company=company, role=Role.ACCOUNTANT)
    ids = filled(company, size, admin)
    look_up(company)
    predict(company)
    client = Client()
    client.force_login(admin)
    return World(client, ids, size)


def filled(company: Company, size: int, user: User) -> dict[str, int]:
    main, whole = make_customer(company), OpenRun(user, "test")
    for _ in range(size):
        make_customer(company, parent=main, method="")
        make_customer(company, email="kunde@firma.test", **ADDRESS)
        queue(main, run=whole)
        queue(make_customer(company), run=OpenRun(user, "test"))
    story = queue(main, run=whole).invoice
    run_all()
    for _ in range(size):
        delivery.resend(story, user)
        run_all()
    assert whole.row is not None
    return {"customer": main.pk, "invoice": story.pk, "run": whole.row.pk}


def run_all() -> None:
    while delivery.run():
        pass


def asked(world: World, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        if path == IMPORT:
            rows = "".join(f"ny-{number};Kunde {number};post@kunde.test\n" for number in range(world.size))
            file = SimpleUploadedFile("kunder.csv", f"kundenr;navn;e-post\n{rows}".encode())
            answer = world.client.post(path, {"fil": file})
        else:
            answer = world.client.get(path.format(**world.ids))
    assert answer.status_code == 200, path
    return len(captured)


@pytest.mark.parametrize(
    ("activated", "pinned"),
    [(True, PINNED), (False, PINNED_BEFORE_ACTIVATION)],
    ids=["activated", "before activation"],
)
def test_each_page_asks_as_much_with_many_rows_as_with_few(activated: bool, pinned: dict[str, int]) -> None:
    counted = {}
    for size in (FEW, MANY):
        made = world(size, activated=activated)
        made.client.get("/mitt-firma/")  # what only the first request of a session asks
        counted[size] = {path: asked(made, path) for path in pinned}
    assert counted[FEW] == pinned
    assert counted[MANY] == pinned
