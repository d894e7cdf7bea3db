"""Telephone numbers as the API wants them."""

import re


def international(phone: str) -> str:
    """With the country's code; a number without one is Norwegian."""
    digits = re.sub(r"[^\d+]", "", phone)
    if digits.startswith("+"):
        return digits
    return f"+{digits[2:]}" if digits.startswith("00") else f"+47{digits}"
