"""KID, the payment reference of Norwegian banks: 2 to 25 characters, the last a check digit by MOD10 (Luhn) or MOD11, as the
company has agreed for its account. MOD11 writes ten as «-». The only place that knows the check digits."""

from django.utils.translation import gettext as _
from stdnum import luhn

INVOICE_DIGITS = 7  # behind the customer's number, so that no two invoices share a KID
SHORTEST, LONGEST = INVOICE_DIGITS + 2, 25
MOD10, MOD11 = "mod10", "mod11"


def is_kid(kid: str) -> bool:
    digits, check = kid[:-1], kid[-1:]
    if not 2 <= len(kid) <= LONGEST or not (kid.isascii() and digits.isdigit()):
        return False
    return check == mod11_digit(digits) or (check.isdigit() and bool(luhn.is_valid(kid)))


def name_of(reference: str) -> str:
    """What a payment reference is called, in the active language: only one with its check digit is a KID."""
    return _("KID") if is_kid(reference) or not reference else _("Betalingsreferanse")


def kid_of(rule: str, length: int, customer_number: str, invoice_number: str) -> str:
    """Customer and invoice number, filled with zeros to `length` with the check digit; empty where the company has no rule, a
    number isn't digits or begins with a zero that filling would hide, or they don't fit."""
    places = customer_digits(length)
    for number, room in ((customer_number, places), (invoice_number, INVOICE_DIGITS)):
        if not (number.isascii() and number.isdigit()) or number.startswith("0") or len(number) > room:
            return ""
    digits = customer_number.zfill(places) + invoice_number.zfill(INVOICE_DIGITS)
    if rule == MOD10:
        return digits + str(luhn.calc_check_digit(digits))
    return digits + mod11_digit(digits) if rule == MOD11 else ""


def customer_digits(length: int) -> int:
    """The room for the customer's number."""
    return length - 1 - INVOICE_DIGITS


def mod11_digit(digits: str) -> str:
    """Weights 2 to 7 from the right, again and again."""
    weighted = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(digits)))
    return {10: "-", 11: "0"}.get(11 - weighted % 11, str(11 - weighted % 11))
