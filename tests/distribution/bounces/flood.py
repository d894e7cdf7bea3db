"""Many invoices whose mails were accepted, made as rows: what is tested is what comes back of them."""

from datetime import timedelta

from django.utils import timezone

from distribution.models import Delivery, Invoice, Run
from distribution.states import ChannelName, Status
from tests.factories import make_company, make_customer


def many_mailed(number: int) -> list[Delivery]:
    """Of one company and one customer who has changed his address with each."""
    company, now = make_company(), timezone.now()
    customer = make_customer(company, email="kunde0@firma.test")
    run = Run.objects.create(source="test")
    invoices = Invoice.objects.bulk_create(
        Invoice(
            company=company, customer=customer, run=run, document_type="invoice", number=str(place),
            buyer_name=customer.name, issue_date=now.date(), currency="NOK", payable=1250, sha256=f"{place:064}",
        )
        for place in range(number)
    )  # fmt: skip
    rows = Delivery.objects.bulk_create(
        Delivery(
            invoice=invoice, company=company, status=Status.ACCEPTED, channel=ChannelName.EMAIL, due_at=None, tried=1,
            to=[f"kunde{place}@firma.test"], content_sha256=f"{place:064}", first_tried_at=now - timedelta(hours=1),
            ended_at=now,
        )
        for place, invoice in enumerate(invoices)
    )  # fmt: skip
    for invoice, row in zip(invoices, rows, strict=True):
        invoice.last_delivery = row
    Invoice.objects.bulk_update(invoices, ["last_delivery"], batch_size=500)
    return rows
