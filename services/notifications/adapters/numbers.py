"""Telephone numbers, typed as in France unless they begin with a plus (ITU-T E.164)."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

HOME = "FR"
_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


class MobileNumbers:
    """Port Numbers."""

    def e164(self, typed: str) -> str | None:
        """The mobile number that was typed; None when it is none."""
        try:
            number = phonenumbers.parse(typed, HOME)
        except phonenumbers.NumberParseException:
            return None
        known = phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in _MOBILE
        return phonenumbers.format_number(number, PhoneNumberFormat.E164) if known else None

    def readable(self, phone: str) -> str:
        """A number as people read it: ``+33 6 12 34 56 78``."""
        return phonenumbers.format_number(phonenumbers.parse(phone), PhoneNumberFormat.INTERNATIONAL)
