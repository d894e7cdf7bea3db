"""Identifiers of the trade as plain text: checked, and brought to one form. Errors are words for the person who typed."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from stdnum import ean, iban
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.no import fodselsnummer, kontonr, orgnr

GLN_SCHEME = "0088"
LONGEST_EMAIL = 254  # a path of 256 in its brackets (RFC 5321, 4.5.3.1.3)
ELMA_SCHEME = "0192"  # Enhetsregisteret; the older 9908 is no longer issued (Peppol code list 9.7)


def clean_org_number(value: str) -> str:
    """Nine digits with the check digit of Enhetsregisteret. Raises ValidationError."""
    try:
        return str(orgnr.validate(value))
    except StdnumError as error:
        raise ValidationError(
            _(
                "«%(value)s» er ikke et gyldig organisasjonsnummer: det har ni siffer, og det siste kontrollerer de andre."
            )
            % {"value": value}
        ) from error


def clean_national_id(value: str) -> str:
    """Eleven digits, of a birth number or a D number. Raises ValidationError, whose words don't repeat what was typed."""
    try:
        return str(fodselsnummer.validate(value))
    except StdnumError as error:
        raise ValidationError(
            _("Dette er ikke et gyldig fødselsnummer: det har elleve siffer, og de to siste kontrollerer de andre.")
        ) from error


def clean_peppol_id(value: str) -> str:
    """`scheme:value` in lower case: participants are the same whatever the case (Peppol PFUOI policy 4). Raises ValidationError."""
    match = re.fullmatch(r"\s*(\d{4}):([^\s:/]{1,50})\s*", value)
    if not match:
        raise ValidationError(
            _("«%(value)s» er ikke en Peppol-id: fire siffer, kolon og nummeret, for eksempel 0192:987654325.")
            % {"value": value}
        )
    scheme, number = match[1], match[2].lower()
    if scheme == GLN_SCHEME and not ean.is_valid(number):
        raise ValidationError(
            _("«%(value)s» er ikke en Peppol-id: 0088 er et GLN, og det siste sifferet kontrollerer de andre.")
            % {"value": value}
        )
    return f"{scheme}:{clean_org_number(number)}" if scheme == ELMA_SCHEME else f"{scheme}:{number}"


def peppol_id_of(org_number: str) -> str:
    return f"{ELMA_SCHEME}:{org_number}"


def split_emails(value: str) -> tuple[str, ...]:
    """Addresses in a field that may hold several, in order, each once."""
    found = (part.strip() for part in re.split(r"[,;\s]+", value))
    return tuple(dict.fromkeys(part for part in found if part))


def clean_emails(value: str) -> str:
    """Comma-separated addresses, each one checked. Raises ValidationError."""
    addresses = split_emails(value)
    for address in addresses:
        if len(address) > LONGEST_EMAIL:
            words = _("«%(value)s» er for lang: en e-postadresse har høyst %(most)s tegn.")
            raise ValidationError(words % {"value": address, "most": LONGEST_EMAIL})
        try:
            validate_email(address)
        except ValidationError as error:
            raise ValidationError(_("«%(value)s» er ikke en gyldig e-postadresse.") % {"value": address}) from error
    return ", ".join(addresses)


def clean_account(value: str) -> str:
    """A Norwegian account (eleven digits, the last checks the others) or an IBAN, as one word. Raises ValidationError."""
    account = re.sub(r"[\s.-]", "", value).upper()
    norwegian = re.fullmatch("[0-9]+", account)
    try:
        checked = str((kontonr if norwegian else iban).validate(account))
        valid = checked == account and (
            not norwegian or len(account) == 11
        )  # stdnum takes seven digits of Postgiro too
    except StdnumError:
        valid = False
    if not valid:
        raise ValidationError(
            _(
                "«%(value)s» er ikke et gyldig kontonummer: elleve siffer der det siste kontrollerer de andre, eller et IBAN."
            )
            % {"value": value}
        )
    return account
