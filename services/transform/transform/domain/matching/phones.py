"""What number a phone text means, as E.164."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

PLACEHOLDERS = ("1234567", "2345678", "7654321")
TEXT_MAX = 40
SAME_DIGITS_MIN = 3
"""A number of fewer different digits was made up: 000 000 0000, 111 111 1112."""


def e164_of(text: str, country: str) -> str:
    """`country` is an ISO code, empty where it is not known; then only a text that begins with +
    or 00 can be read. Empty for what is no number, or a made-up one. The extension is left out:
    a switchboard is one number."""
    text = text[:TEXT_MAX].strip()
    if text.startswith("00"):
        text = f"+{text[2:]}"
    if not country and not text.startswith("+"):
        return ""
    try:
        number = phonenumbers.parse(text, country or None)
    except NumberParseException:
        return ""
    digits = str(number.national_number)
    made_up = len(set(digits)) < SAME_DIGITS_MIN or any(seq in digits for seq in PLACEHOLDERS)
    possible = phonenumbers.is_possible_number_with_reason(number)
    if made_up or possible != ValidationResult.IS_POSSIBLE:
        return ""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
