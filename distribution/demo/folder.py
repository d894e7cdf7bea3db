"""`demo --from DIR`: companies out of the sellers in a folder of UBL documents, customers out of the buyers, one run over all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from customers.identifiers import ELMA_SCHEME
from customers.models import Company, User
from distribution.activation import activate
from distribution.delivery import OpenRun
from distribution.demo.load import agree, join_demo_users, make_users, write_receivers
from distribution.documents.invoice import InvoiceData, Party
from distribution.documents.ubl import Unreadable, read
from distribution.intake import Refused, org_number_of, receive, seller_ids


@dataclass(frozen=True, slots=True)
class Loaded:
    """`invoices` are the ids of all taken-in files, new or known; `refused` is (file name, words)."""

    invoices: list[int]
    refused: list[tuple[str, str]]


def load_folder(files: list[Path], progress: Callable[[int], None]) -> Loaded:
    documents, refused = _read_all(files)
    write_receivers(_norwegian_buyers(document for _path, document in documents))
    users = make_users()
    run, taken = OpenRun(users["regnskap@demo.test"], "demo"), list[int]()
    for position, (path, document) in enumerate(documents, 1):
        try:
            with transaction.atomic():  # a seller whose document is refused leaves no company behind
                company = _company_of(document.seller, users)
                received = receive(company, path.read_bytes(), run=run, user=users["regnskap@demo.test"])
        except (Refused, OSError) as refusal:
            refused.append((path.name, str(refusal)))
            continue
        taken.append(received.invoice.pk)
        progress(len(documents) - position)
    return Loaded(taken, refused)


def _read_all(files: list[Path]) -> tuple[list[tuple[Path, InvoiceData]], list[tuple[str, str]]]:
    documents, refused = [], []
    for path in files:
        try:
            documents.append((path, read(path.read_bytes())))
        except (Unreadable, OSError) as error:
            refused.append((path.name, str(error)))
    return documents, refused


def _norwegian_buyers(documents: Iterable[InvoiceData]) -> list[tuple[str, str]]:
    """Rows for the register where nobody has written one: buyers with a Norwegian address are in it, for what they are sent."""
    receives: dict[str, set[str]] = {}
    for document in documents:
        scheme, value = document.buyer.endpoint or ("", "")
        if scheme == ELMA_SCHEME:
            receives.setdefault(f"{scheme}:{value}".lower(), set()).add(document.document_type.value)
    return [(identifier, " ".join(sorted(kinds))) for identifier, kinds in sorted(receives.items())]


def _company_of(seller: Party, users: dict[str, User]) -> Company:
    """Found or made: agreed, activated, marked demo."""
    ids, org_number = seller_ids(seller), org_number_of(seller)
    found = Company.objects.filter(peppol_id__in=ids).first()
    if found is None and org_number:
        found = Company.objects.filter(org_number=org_number).first()
    if found is not None:
        return found
    address = seller.address
    company = Company.objects.create(
        name=seller.name[:200],
        peppol_id=ids[0] if ids else f"demo:{seller.name.lower()}"[:60],
        org_number=org_number,
        email=seller.email[:254],
        verified_email=seller.email[:254],
        phone=seller.phone[:40],
        is_demo=True,
        address_line=address.street[:120],
        postcode=address.postcode[:16],
        town=address.town[:80],
        country=(address.country or "NO")[:2],
    )
    join_demo_users(company, users)
    agree(company, users["admin@demo.test"])
    activate(company, users["admin@demo.test"])
    return company
