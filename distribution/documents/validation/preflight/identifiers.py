"""Whether a number of a register can be one: their digits have check digits."""

import re
from itertools import cycle

from distribution.documents.validation.preflight.reading import CannotTell

DIGITS = re.compile(r"[0-9]+")
WHOLE = re.compile(r"[ \t\r\n]*[+-]?[0-9]+[ \t\r\n]*")
LETTERS = re.compile(r"[A-Za-z]+")
LETTERS_AND_DIGITS = re.compile(r"[A-Za-z0-9]+")
WEIGHTS_OF_AN_ABN = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)


def is_gln(text: str) -> bool:
    """GS1: from the right, the weights are 3 and 1."""
    return _is_digits(text) and -_weighed(text[:-1], (3, 1)) % 10 == int(text[-1])


def is_norwegian(text: str) -> bool:
    """Enhetsregisteret: mod 11, and a check digit of 10 is no number at all."""
    return _is_digits(text, 9) and is_mod11(text)


def is_mod11(digits: str) -> bool:
    return int(digits) > 0 and -_weighed(digits[:-1], (2, 3, 4, 5, 6, 7)) % 11 == int(digits[-1])


def is_danish(text: str) -> bool:
    return _is_digits(text, 8) or is_danish_with_country(text)


def is_danish_with_country(text: str) -> bool:
    return text.startswith("DK") and _is_digits(text[2:], 8)


def is_ten_digits(text: str) -> bool:
    return _is_digits(text, 10)


def is_belgian(text: str) -> bool:
    return _is_digits(text, 10) and 97 - int(text[:8]) % 97 == int(text[8:])


def is_swedish(text: str) -> bool:
    return _is_digits(text, 10) and -_luhn(text[:-1]) % 10 == int(text[-1])


def is_australian(text: str) -> bool:
    if not _is_digits(text, 11):
        return False
    digits = [int(text[0]) - 1, *map(int, text[1:])]
    return sum(digit * weight for digit, weight in zip(digits, WEIGHTS_OF_AN_ABN, strict=True)) % 89 == 0


def is_italian_office(text: str) -> bool:
    return len(text) == 6 and LETTERS_AND_DIGITS.fullmatch(text) is not None


def is_italian_tax_code(text: str) -> bool:
    """Of a person 16 characters, of a company 11 digits (the official rule takes a sign for a digit)."""
    if len(text) == 16:
        letters, numbers = (text[:6], text[8], text[15]), (text[6:8], text[9:11], text[14])
        return all(map(LETTERS.fullmatch, letters)) and all(map(WHOLE.fullmatch, numbers))
    return len(text) == 11 and WHOLE.fullmatch(text) is not None


def is_italian_vat(text: str) -> bool:
    """Luhn after IT; of other countries nothing is asked."""
    number = text[2:]
    if text[:2] not in {"IT", "it"}:
        return True
    if len(number) != 11 or not WHOLE.fullmatch(number):
        return False
    if not _is_digits(number):
        raise CannotTell  # a sign passes for a whole number, and then can't be read as a digit
    return _luhn(number[:-1]) % 10 == -int(number[-1]) % 10


def is_dutch_vat(text: str) -> bool:
    return re.fullmatch(r"NL[0-9]{9}B[0-9]{2}", text) is not None


def has_digits(count: int, text: str) -> bool:
    return _is_digits(text, count)


def _is_digits(text: str, count: int | None = None) -> bool:
    return DIGITS.fullmatch(text) is not None and count in {None, len(text)}


def _weighed(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(reversed(digits), cycle(weights), strict=False))


def _luhn(digits: str) -> int:
    """The digits of the doubled ones are added; the one on the right is doubled."""
    return sum(
        sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(reversed(digits), cycle((2, 1)), strict=False)
    )
