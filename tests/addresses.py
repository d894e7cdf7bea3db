"""The addresses of the product's pages, by kind of page: for whoever looks at all of them."""

from customers.models import Company
from distribution.models import Invoice

ELECTRONIC = "/mitt-firma/elektronisk-faktura/"


def pages_of(company: Company) -> dict[str, str]:
    """What needs a row is there where the company has one, and what one does before activation until then."""
    found = {
        "overview": "/",
        "invoices": "/fakturaer/",
        "no invoice found": "/fakturaer/?q=finnes-ikke",
        "write an invoice": "/fakturaer/ny/",
        "upload": "/fakturaer/send/",
        "customers": "/kunder/",
        "no customer found": "/kunder/?q=finnes-ikke",
        "new customer": "/kunder/ny/",
        "import": "/kunder/importer/",
        "runs": "/utsendelser/",
        "worklist": "/utsendelser/oppgaver/",
        "company": "/mitt-firma/",
        "edit company": "/mitt-firma/rediger/",
        "members": "/mitt-firma/brukere/",
        "settings": f"{ELECTRONIC}innstillinger/",
    }
    return found | activation_pages_of(company) | row_pages_of(company)


def activation_pages_of(company: Company) -> dict[str, str]:
    found = {
        "electronic invoice": ELECTRONIC,
        "provider account": f"{ELECTRONIC}autoinvoice/",
        "activation": f"{ELECTRONIC}aktivering/",
    }
    if company.activated:
        return found
    return found | {
        "activation, searched": f"{ELECTRONIC}aktivering/?q=finnes-ikke",
        "activate": f"{ELECTRONIC}aktivering/bekreft/",
    }


def row_pages_of(company: Company) -> dict[str, str]:
    found = dict[str, str]()
    if customer := company.customers.order_by("pk").last():
        found |= {"customer": f"/kunder/{customer.pk}/", "edit customer": f"/kunder/{customer.pk}/rediger/"}
    invoices = Invoice.objects.filter(company=company)
    if invoice := invoices.order_by("pk").last():
        found |= {"invoice": f"/fakturaer/{invoice.pk}/", "run": f"/utsendelser/{invoice.run_id}/"}
    held = invoices.filter(last_delivery__status="held").order_by("pk").last()
    return found | ({"invoice held": f"/fakturaer/{held.pk}/"} if held else {})


def files_of(company: Company) -> dict[str, str]:
    """What is downloaded from the pages."""
    found = {"customers' file": "/kunder/last-ned/"}
    if invoice := Invoice.objects.filter(company=company).order_by("pk").last():
        found |= {
            "XML": f"/fakturaer/{invoice.pk}/xml/",
            "evidence": f"/fakturaer/{invoice.pk}/bevis/",
            "run's report": f"/utsendelser/{invoice.run_id}/rapport.csv",
        }
    return found
