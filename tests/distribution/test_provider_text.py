"""R14: the text of the company's mails at the provider. Order: the ERP's, ours, the provider's."""

import email
from email.message import EmailMessage
from email.policy import default

import pytest
from django.conf import LazySettings

from customers.models import Company
from distribution.models import ProviderAccount
from tests.autoinvoice import company_with_keys, work
from tests.distribution.test_provider_account import signed_in
from tests.factories import left, make_company, make_customer, out, queue, register, set_choices
from tests.fake_autoinvoice import Remote

pytestmark = pytest.mark.django_db
PAGE = "/mitt-firma/elektronisk-faktura/innstillinger/"
ORDER = f"{PAGE}hos-autoinvoice/"
THEIRS = {"send_invoice_email": {"content_data": {"note_to_receiver": "Hilsen fra AutoInvoice"}}}


def mail_to_a_customer(company: Company, text: str = "") -> str:
    register()
    work(queue(make_customer(company, email="kunde@firma.test"), email_text=text))
    newest = max(out("email"), key=lambda path: path.stat().st_mtime_ns)
    message = email.message_from_bytes(next(newest.glob("*.eml")).read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_it_is_read_from_there_and_used_last_of_the_three(provider: Remote) -> None:
    provider.company(settings=THEIRS)
    company = company_with_keys()
    answer = signed_in(company).post(ORDER, {"order": "read"}, follow=True).content.decode()

    assert "Hilsen fra AutoInvoice" in answer
    assert "Sist avstemt" in answer
    assert "Hilsen fra AutoInvoice" in mail_to_a_customer(company)
    set_choices(company, email_text_nb="Hilsen oss")
    ours = mail_to_a_customer(company)
    assert "Hilsen oss" in ours
    assert "Hilsen fra AutoInvoice" not in ours
    assert "Hilsen fra økonomisystemet" in mail_to_a_customer(company, "Hilsen fra økonomisystemet")


def test_ours_is_written_there_with_the_time(provider: Remote) -> None:
    company = company_with_keys()
    set_choices(company, email_text_nb="Hilsen oss")

    signed_in(company).post(ORDER, {"order": "write", "email_text_nb": "ikke lagret"})

    written = provider.truth()["settings"]["send_invoice_email"]["content_data"]["note_to_receiver"]
    row = ProviderAccount.objects.get()
    assert (written, row.email_text) == ("Hilsen oss", "Hilsen oss")
    assert row.email_text_at is not None


@pytest.mark.parametrize(
    "strange", [{"send_invoice_email": 7}, {"send_invoice_email": {"content_data": {"note_to_receiver": 7}}}]
)
def test_nonsense_there_changes_nothing_here(provider: Remote, strange: object) -> None:
    provider.company(settings=strange)
    company = company_with_keys()
    ProviderAccount.objects.update(email_text="som før")

    signed_in(company).post(ORDER, {"order": "read"})

    assert ProviderAccount.objects.get().email_text == "som før"


def test_only_with_the_transport_and_with_keys(provider: Remote, settings: LazySettings) -> None:
    without, company = make_company(), company_with_keys()
    ProviderAccount.objects.update(email_text="Hilsen fra AutoInvoice")
    assert signed_in(without).post(ORDER, {"order": "read"}).status_code == 404
    assert ORDER not in signed_in(without).get(PAGE).content.decode()

    settings.EINVOICE_TRANSPORT = "folder"

    assert signed_in(company).post(ORDER, {"order": "read"}).status_code == 404
    assert ORDER not in signed_in(company).get(PAGE).content.decode()
    assert "Hilsen fra AutoInvoice" not in mail_to_a_customer(company)
    assert left("email", ".eml")
