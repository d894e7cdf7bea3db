from django.urls import path
from django.views.generic import RedirectView

from distribution.views import activation, agreements, choices, company, frame, health, invoices, link, runs

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="invoices"), name="home"),
    path("firma/<int:company_id>/velg/", frame.choose_company, name="choose-company"),
    path("sprak/", frame.choose_language, name="choose-language"),
    path("fakturaer/", invoices.invoice_list, name="invoices"),
    path("fakturaer/<int:invoice_id>/", invoices.invoice_page, name="invoice"),
    path("fakturaer/<int:invoice_id>/avgjor/", invoices.settle_invoice, name="settle"),
    path("fakturaer/<int:invoice_id>/pdf/", invoices.invoice_pdf, name="invoice-pdf"),
    path("fakturaer/<int:invoice_id>/xml/", invoices.invoice_xml, name="invoice-xml"),
    path("fakturaer/<int:invoice_id>/bevis/", invoices.invoice_evidence, name="invoice-evidence"),
    path("fakturaer/<int:invoice_id>/filer/<uuid:key>/", invoices.frozen_file, name="frozen-file"),
    path("mitt-firma/", company.company_page, name="company"),
    path("mitt-firma/elektronisk-faktura/", agreements.electronic_invoice, name="electronic-invoice"),
    path("mitt-firma/elektronisk-faktura/avtaler/<slug:kind>/", agreements.conclude, name="conclude"),
    path("mitt-firma/elektronisk-faktura/innstillinger/", choices.settings_page, name="settings"),
    path("mitt-firma/elektronisk-faktura/aktivering/", activation.activation_page, name="activation"),
    path("mitt-firma/elektronisk-faktura/aktivering/forslag/", activation.edit, name="proposals"),
    path("mitt-firma/elektronisk-faktura/aktivering/angre/", activation.undo, name="undo-proposals"),
    path("mitt-firma/elektronisk-faktura/aktivering/bekreft/", activation.confirm, name="activate"),
    path("utsendelser/", runs.run_list, name="runs"),
    path("utsendelser/<int:run_id>/", runs.run_page, name="run"),
    path("i/<str:token>", link.link_page, name="link"),
    path("i/<str:token>/pdf", link.link_pdf, name="link-pdf"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
