"""How figures, dates and numbers stand on paper and in mails. Pure; the spaces inside a value never break."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _
from stdnum import iban as iban_number

SPACE, MINUS, EN_DASH = "\u00a0", "\u2212", "\u2013"
CENT = Decimal("0.01")
KRONER = "NOK"


def amount(value: Decimal) -> str:
    """`1 234,50`, rounded half up as money is."""
    return _grouped(value.quantize(CENT, rounding=ROUND_HALF_UP))


def amount_with_currency(value: Decimal, currency: str) -> str:
    return f"{amount(value)}{SPACE}{'kr' if currency == KRONER else currency}"


def price(value: Decimal) -> str:
    """Two decimals, or all that it has: a price per kWh has more."""
    return amount(value) if value == value.quantize(CENT) else _grouped(value.normalize())


def quantity(value: Decimal) -> str:
    return _grouped(value.normalize())


def percent(value: Decimal) -> str:
    return f"{quantity(value)}{SPACE}%"


def day(value: date) -> str:
    return f"{value.day:02}.{value.month:02}.{value.year:04}"


def period(start: date | None, end: date | None) -> str:
    """`3.–20.11.2026` within a month; an open end stays open."""
    if start is None or end is None:
        return f"{day(start) if start else ''}{EN_DASH}{day(end) if end else ''}" if start or end else ""
    if start == end:
        return day(start)
    if (start.year, start.month) == (end.year, end.month) and start < end:
        return f"{start.day}.{EN_DASH}{end.day}.{end.month:02}.{end.year:04}"
    return f"{day(start)}{EN_DASH}{day(end)}"


def org_number(value: str) -> str:
    """Nine digits in threes; what is not a Norwegian number stays as it is."""
    digits = "".join(value.split())
    return _in_groups(digits, 3) if _is_digits(digits, 9) else value


def account(value: str) -> str:
    """As it is paid to from Norway: `8601 11 17947`, also out of a Norwegian IBAN. Foreign ones as an IBAN."""
    compact = _compact(value)
    if compact.startswith("NO") and iban_number.is_valid(compact):
        compact = compact.removeprefix("NO")[2:]
    if _is_digits(compact, 11):
        return SPACE.join((compact[:4], compact[4:6], compact[6:]))
    return iban(compact) or value


def iban(value: str) -> str:
    """In groups of four; '' where the account is not given as an IBAN."""
    compact = _compact(value)
    return _in_groups(compact, 4) if iban_number.is_valid(compact) else ""


def unit(code: str) -> str:
    """UN/ECE Rec 20 in words; a code that we have no word for stays as it is."""
    units = {
        "C62": _("stk"),
        "EA": _("stk"),
        "H87": _("stk"),
        "PCE": _("stk"),
        "NAR": _("stk"),
        "HUR": _("time"),
        "MIN": _("min"),
        "DAY": _("dag"),
        "WEE": _("uke"),
        "MON": _("mnd"),
        "ANN": _("år"),
        "KGM": "kg",
        "GRM": "g",
        "TNE": _("tonn"),
        "LTR": "l",
        "MTR": "m",
        "KMT": "km",
        "MTK": "m²",
        "MTQ": "m³",
        "KWH": "kWh",
        "SET": _("sett"),
        "LS": _("rs"),
        "PA": _("pk"),
        "BX": _("eske"),
    }
    return units.get(code, code)


def shortened(value: str, limit: int) -> str:
    return value if len(value) <= limit else f"{value[: limit - 1]}…"


def _grouped(value: Decimal) -> str:
    whole, _point, decimals = f"{abs(value):f}".partition(".")
    spaced = f"{int(whole):,}".replace(",", SPACE)
    return f"{MINUS if value < 0 else ''}{spaced}{',' if decimals else ''}{decimals}"


def _compact(value: str) -> str:
    return "".join(char for char in value if char not in " .\u00a0").upper()


def _is_digits(value: str, length: int | None = None) -> bool:
    return value.isascii() and value.isdigit() and (length is None or len(value) == length)


def _in_groups(value: str, size: int) -> str:
    return SPACE.join(value[start : start + size] for start in range(0, len(value), size))
