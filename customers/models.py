"""Company, membership and customer: the rows and what always holds of them."""

from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from customers.identifiers import clean_emails, clean_org_number, clean_peppol_id, peppol_id_of, split_emails
from customers.people import Language, User

__all__ = [
    "ChangedBy",
    "Company",
    "Customer",
    "CustomerChange",
    "Kind",
    "Language",
    "Membership",
    "Method",
    "Role",
    "User",
]


class Role(models.TextChoices):
    ACCOUNTANT = "accountant", _("Regnskapsfører")
    ADMIN = "admin", _("Administrator")


class Kind(models.TextChoices):
    BUSINESS = "business", _("Bedrift")
    PRIVATE = "private", _("Privatperson")


class Method(models.TextChoices):
    """Distribution methods. Before activation the first three, after it the last two (R9); empty reads the parent's (R16)."""

    EINVOICE = "einvoice", _("Elektronisk faktura")
    EMAIL = "email", _("E-post")
    SELF = "self", _("Ikke send, jeg ordner det selv (e-post til bruker)")
    AUTOINVOICE = "autoinvoice", _("Automatisk utsendelse (Visma AutoInvoice)")


class PostalAddress(models.Model):
    """As it stands in the window of an envelope. Lines are the street or box first, then what more is needed."""

    address_line = models.CharField(_("gate eller postboks"), max_length=120, blank=True)
    address_line2 = models.CharField(_("adresselinje 2"), max_length=120, blank=True)
    postcode = models.CharField(_("postnummer"), max_length=16, blank=True)
    town = models.CharField(_("poststed"), max_length=80, blank=True)
    country = models.CharField(
        _("land"), max_length=2, default="NO", help_text=_("To bokstaver (ISO 3166), for eksempel NO.")
    )

    class Meta:
        abstract = True


class Company(PostalAddress):
    """The business that sends. `activated_at` is the one fact of distribution that stands here; distribution.activation writes it."""

    name = models.CharField(_("navn"), max_length=200)
    org_number = models.CharField(_("organisasjonsnummer"), max_length=9, blank=True)
    peppol_id = models.CharField(_("Peppol-id"), max_length=60, unique=True)
    email = models.CharField(_("e-post"), max_length=254, blank=True)
    # The address as it was when its owner followed a mailed link; another one since then is not verified.
    verified_email = models.CharField(max_length=254, blank=True, editable=False)
    phone = models.CharField(_("telefon"), max_length=40, blank=True)
    bank_account = models.CharField(_("kontonummer"), max_length=34, blank=True)
    language = models.CharField(_("språk"), max_length=2, choices=Language, default=Language.NB)
    is_test = models.BooleanField(
        _("testfirma"), default=False, help_text=_("Bruker aldri en virkelig utsending; alt merkes TEST.")
    )
    is_demo = models.BooleanField(_("demofirma"), default=False)
    activated_at = models.DateTimeField(_("aktivert"), null=True, blank=True, editable=False)
    users = models.ManyToManyField(User, through="Membership", related_name="companies")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("firma")
        verbose_name_plural = _("firmaer")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org_number"], condition=~Q(org_number=""), name="company_org_number_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def activated(self) -> bool:
        return self.activated_at is not None

    @property
    def email_verified(self) -> bool:
        return bool(self.email) and self.email == self.verified_email

    def clean(self) -> None:
        if self.org_number:
            self.org_number = clean_org_number(self.org_number)
            self.peppol_id = self.peppol_id or peppol_id_of(self.org_number)
        self.peppol_id = clean_peppol_id(self.peppol_id)


class Membership(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("rolle"), max_length=10, choices=Role)
    morning_mail = models.BooleanField(_("e-post om morgenen"), default=True)
    morning_mailed_on = models.DateField(null=True, editable=False)  # distribution.morning writes it

    class Meta:
        verbose_name = _("tilgang")
        verbose_name_plural = _("tilganger")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "company"], name="membership_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.company} ({self.get_role_display()})"


CLEANED = {
    "org_number": clean_org_number,
    "peppol_id": clean_peppol_id,
    "email": clean_emails,
    "invoice_email": clean_emails,
}


class Customer(PostalAddress):
    """Who receives. `changed_at` moves with every change of a fact that routing reads: a stored prediction is stale by it."""

    # No index of its own: customer_number_once and customer_by_name begin with it.
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="customers", db_index=False)
    number = models.CharField(_("kundenummer"), max_length=40)
    name = models.CharField(_("navn"), max_length=200)
    kind = models.CharField(_("type"), max_length=8, choices=Kind, default=Kind.BUSINESS)
    org_number = models.CharField(_("organisasjonsnummer"), max_length=9, blank=True)
    peppol_id = models.CharField(_("Peppol-id"), max_length=60, blank=True)
    email = models.CharField(_("e-post"), max_length=1000, blank=True)
    invoice_email = models.CharField(_("e-post for faktura"), max_length=1000, blank=True)
    phone = models.CharField(_("mobil"), max_length=40, blank=True)
    language = models.CharField(_("språk"), max_length=2, choices=Language, default=Language.NB)
    method = models.CharField(_("distribusjonsmåte"), max_length=12, choices=Method, blank=True)
    electronic_only = models.BooleanField(_("kun elektronisk faktura"), default=False)
    archived_at = models.DateTimeField(
        _("arkivert"), null=True, blank=True, editable=False
    )  # customers.history writes it
    # Sealed; `customers.history` writes it. For the lookup of eFaktura alone: never shown, exported or logged.
    national_id = models.BinaryField(null=True, editable=False)
    parent = models.ForeignKey(
        "self", verbose_name=_("hovedkunde"), on_delete=models.PROTECT, null=True, blank=True, related_name="branches"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("kunde")
        verbose_name_plural = _("kunder")
        # Nothing here holds the method: an activation writes that of every customer, and an index on it costs three times as much.
        indexes: ClassVar = [
            models.Index(fields=["company", "name", "id"], name="customer_by_name"),
            models.Index(fields=["company", "changed_at"], name="customer_by_age"),
            # Few are archived: they are counted by themselves and taken from the totals.
            models.Index(
                fields=["company", "name", "id"], condition=Q(archived_at__isnull=False), name="customer_archived"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "number"], name="customer_number_once"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="customer_kind"),
            models.CheckConstraint(
                condition=Q(method__in=Method.values) | Q(method="", parent__isnull=False), name="customer_method"
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="customer_not_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Every fact is checked before it raises, so that a form can show each error at its field."""
        errors: dict[str, list[str]] = {}
        for name, cleaned in CLEANED.items():
            try:
                setattr(self, name, cleaned(getattr(self, name)) if getattr(self, name) else "")
            except ValidationError as error:
                errors[name] = error.messages
        for check in (self._check_parent, self._check_method):
            try:
                check()
            except ValidationError as error:
                errors.update(error.message_dict)
        if errors:
            raise ValidationError(errors)

    def _check_parent(self) -> None:
        if self.parent is None:
            return
        if self.parent.company_id != self.company_id:
            raise ValidationError({"parent": _("Hovedkunden må være en kunde av samme firma.")})
        if self.parent.parent_id is not None:
            raise ValidationError({"parent": _("Hovedkunden kan ikke selv ha en hovedkunde.")})
        if self.pk and Customer.objects.filter(parent_id=self.pk).exists():
            raise ValidationError({"parent": _("Kunden er selv hovedkunde for andre.")})

    def _check_method(self) -> None:
        """R9, and R16: empty is allowed only where there is a parent to read."""
        if not self.method and self.parent is None:
            raise ValidationError({"method": _("Velg en distribusjonsmåte.")})
        if self.method and self.method not in methods_for(self.company):
            raise ValidationError({"method": _("Denne distribusjonsmåten kan ikke velges for firmaet.")})

    @property
    def archived(self) -> bool:
        return self.archived_at is not None

    @property
    def method_in_force(self) -> str:
        """The customer's own method, else its parent's (R16, one level)."""
        return self.method or (self.parent.method if self.parent else "")

    @property
    def emails(self) -> tuple[str, ...]:
        """Where an invoice goes by e-mail: the invoice e-mail wins over the general one (R22)."""
        return split_emails(self.invoice_email) or split_emails(self.email)


class ChangedBy(models.TextChoices):
    """What a change of a customer came with."""

    PAGE = "page", _("På siden")
    IMPORT = "import", _("Importert fra fil")
    INVOICE = "invoice", _("En faktura kom inn")


class CustomerChange(models.Model):
    """Append-only. Written by `customers.history` alone; no foreign key in the database, so that the history outlives the customer."""

    customer = models.ForeignKey(
        Customer, on_delete=models.DO_NOTHING, db_constraint=False, related_name="changes", verbose_name=_("kunde")
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    changed_by = models.CharField(max_length=7, choices=ChangedBy, default=ChangedBy.PAGE)
    name = models.CharField(max_length=40)
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        verbose_name = _("endring av kunde")
        verbose_name_plural = _("endringer av kunder")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(changed_by__in=ChangedBy.values), name="customer_changed_by"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.before} → {self.after}"


def methods_for(company: Company) -> tuple[Method, ...]:
    """The methods that may be chosen today (R9)."""
    if company.activated:
        return Method.AUTOINVOICE, Method.SELF
    return Method.EINVOICE, Method.EMAIL, Method.SELF


def method_words(method: str, company: Company) -> str:
    """As the method is called in this company: «Skriv ut og send selv» is the name before activation of «Ikke send …»."""
    if method == Method.SELF and not company.activated:
        return gettext("Skriv ut og send selv")
    return str(Method(method).label) if method else gettext("Som hovedkunden")
