"""What an invoice says, in the terms of EN 16931 (BT and BG numbers in the comments). Text that is absent is ''.

Amounts are as the document writes them: a credit note has positive amounts, an invoice that corrects
another may be negative.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from distribution.documents.payment import Account, Card, DirectDebit, Payee

ZERO = Decimal(0)
EHF_BILLING = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
BILLING_PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"


class DocumentType(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    street: str = ""
    additional: str = ""
    line3: str = ""
    postcode: str = ""
    town: str = ""
    subdivision: str = ""
    country: str = ""  # ISO 3166-1 alpha-2


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """BG-4 or BG-7. `name` is the trading name, or the legal name where no other is given.

    `endpoint` and `identifiers` are (scheme, value); the scheme of an identifier may be ''. So is `tax_registration`, BT-32,
    where it is another than Foretaksregisteret.
    """

    name: str
    legal_name: str = ""
    endpoint: tuple[str, str] | None = None
    identifiers: tuple[tuple[str, str], ...] = ()
    legal_id: str = ""
    legal_id_scheme: str = ""
    legal_form: str = ""  # BT-33, what else the law wants said of the seller
    vat_number: str = ""
    tax_registration: tuple[str, str] | None = None
    registered_in_foretaksregisteret: bool = False
    address: Address = field(default_factory=Address)
    contact_name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRepresentative:
    """BG-11: who answers for the VAT of a foreign seller."""

    name: str
    vat_number: str = ""
    address: Address = field(default_factory=Address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """BG-13 and the invoicing period BG-14: where and when. `location` is (scheme, value); the scheme may be ''."""

    on: date | None = None
    start: date | None = None
    end: date | None = None
    name: str = ""
    location: tuple[str, str] | None = None
    address: Address = field(default_factory=Address)


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """What else the document belongs to (BT-11, 14 to 18); those that nearly every invoice has stand in the invoice itself.

    `invoiced_object` is (scheme, value), a meter or a subscription; the scheme may be ''.
    """

    project: str = ""
    sales_order: str = ""
    receiving_advice: str = ""
    despatch_advice: str = ""
    tender: str = ""
    invoiced_object: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecedingInvoice:
    """BG-3: the invoice that a credit note or a correction concerns."""

    number: str
    issue_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceCharge:
    """BG-20/21 on the document, BG-27/28 on a line (without VAT of its own). `amount` has no sign for its kind."""

    is_charge: bool
    amount: Decimal
    reason: str = ""
    reason_code: str = ""
    percent: Decimal | None = None
    base_amount: Decimal | None = None
    vat_category: str = ""
    vat_rate: Decimal | None = None
    exemption_reason: str = ""  # said of the subtotal instead by EN 16931; some say it here too
    exemption_reason_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VatSubtotal:
    """BG-23. `category` is UNCL5305: S, Z, E, AE, K, G, O, L, M."""

    category: str
    rate: Decimal | None
    taxable: Decimal
    tax: Decimal
    exemption_reason: str = ""
    exemption_reason_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """BG-22. `tax_total_in_tax_currency` is BT-111, in the document's `tax_currency`."""

    line_total: Decimal
    tax_exclusive: Decimal
    tax_inclusive: Decimal
    payable: Decimal
    tax_total: Decimal = ZERO
    tax_total_in_tax_currency: Decimal | None = None
    allowance_total: Decimal = ZERO
    charge_total: Decimal = ZERO
    prepaid: Decimal = ZERO
    rounding: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """BT-158: `code` of the list `list_id` (UNTDID 7143: TSP is UNSPSC)."""

    code: str
    list_id: str = ""
    list_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """BG-25. `unit` is UN/ECE Rec 20; `price` is for `base_quantity` units; `net_amount` is after allowances.

    `standard_id` and `invoiced_object` are (scheme, value). `price` is what is left of `gross_price` after `price_discount`.
    """

    id: str
    name: str
    net_amount: Decimal
    quantity: Decimal | None = None
    unit: str = ""
    price: Decimal | None = None
    base_quantity: Decimal | None = None
    base_unit: str = ""  # BT-150, where it is said again
    gross_price: Decimal | None = None
    price_discount: Decimal | None = None
    description: str = ""
    note: str = ""
    item_number: str = ""  # BT-155, the seller's
    buyer_item_number: str = ""
    standard_id: tuple[str, str] | None = None  # BT-157: a GTIN is (0160, …)
    classifications: tuple[Classification, ...] = ()
    origin: str = ""  # BT-159, ISO 3166-1 alpha-2
    attributes: tuple[tuple[str, str], ...] = ()  # BG-32: name, value
    accounting_cost: str = ""  # BT-133
    order_line: str = ""  # BT-132
    invoiced_object: tuple[str, str] | None = None  # BT-128
    start: date | None = None
    end: date | None = None
    allowances: tuple[AllowanceCharge, ...] = ()
    vat_category: str = ""
    vat_rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """BG-24. `content` is None where the document only points to it."""

    reference: str
    description: str = ""
    filename: str = ""
    mime: str = ""
    content: bytes | None = field(default=None, repr=False)
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceData:
    """`customer_number` is the buyer's number at the seller (BT-46 without scheme), not repeated in `buyer.identifiers`.

    `notes` holds one line of text each. `payment_id` is the KID; `account` an IBAN or a BBAN as written. `type_code` (BT-3)
    is '' for the ordinary 380 and 381.
    """

    document_type: DocumentType
    number: str
    issue_date: date
    currency: str
    seller: Party
    buyer: Party
    totals: Totals
    lines: tuple[Line, ...]
    type_code: str = ""
    specification: str = EHF_BILLING  # BT-24
    process: str = BILLING_PROCESS  # BT-23
    due_date: date | None = None
    tax_currency: str | None = None
    tax_point: date | None = None  # BT-7
    tax_point_code: str = ""  # BT-8
    notes: tuple[str, ...] = ()
    buyer_reference: str = ""
    order_reference: str = ""
    contract_reference: str = ""
    accounting_cost: str = ""  # BT-19, the buyer's
    references: References = field(default_factory=References)
    customer_number: str = ""
    payee: Payee | None = None
    tax_representative: TaxRepresentative | None = None
    delivery: Delivery = field(default_factory=Delivery)
    payment_means_code: str = ""  # UNTDID 4461
    payment_means_text: str = ""
    payment_id: str = ""
    account: str = ""
    account_name: str = ""
    bic: str = ""
    other_accounts: tuple[Account, ...] = ()
    card: Card | None = None
    direct_debit: DirectDebit | None = None
    payment_terms: str = ""
    preceding: tuple[PrecedingInvoice, ...] = ()
    allowances: tuple[AllowanceCharge, ...] = ()
    vat: tuple[VatSubtotal, ...] = ()
    attachments: tuple[Attachment, ...] = ()
