"""libical's opinion of a calendar: an independent reader that knows the tables of RFC 5546 (Debian's libical3).

``tests/conftest.py`` lets it look at every calendar that any test makes.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache
from typing import Any

from services.notifications.adapters import ical
from services.notifications.domain.contentlines import Fault

# RFC 5546 3.2.8 has "0 or 1" for it; the table of libical 3.0 has "0"
_MISTAKEN = (b"METHOD:DECLINECOUNTER", "SEQUENCE property. Expected 0 instances of the property and got 1")


def watch() -> bool:
    """From now on a calendar in which libical finds a fault does not leave; say whether libical is there."""
    own = ical.lint
    if library() is None:
        return False
    ical.lint = lambda body: own(body) + tuple(Fault(0, said, "libical") for said in faults(body))
    return True


@cache
def library() -> Any:
    """Return the library, None where it is not installed."""
    name = ctypes.util.find_library("ical")
    if name is None:
        return None
    found = ctypes.PyDLL(name)  # one call at a time: tests have threads
    found.icalparser_parse_string.restype = ctypes.c_void_p
    found.icalparser_parse_string.argtypes = [ctypes.c_char_p]
    found.icalrestriction_check.argtypes = [ctypes.c_void_p]
    found.icalcomponent_as_ical_string_r.restype = ctypes.c_void_p
    found.icalcomponent_as_ical_string_r.argtypes = [ctypes.c_void_p]
    found.icalcomponent_free.argtypes = [ctypes.c_void_p]
    found.icalmemory_free_buffer.argtypes = [ctypes.c_void_p]
    return found


def faults(body: bytes) -> list[str]:
    """Return what libical finds wrong; with a METHOD, also what that METHOD forbids or lacks."""
    lib = library()
    component = lib.icalparser_parse_string(body)
    if not component:
        return ["not a calendar"]
    if b"\nMETHOD:" in body:
        lib.icalrestriction_check(component)
    pointer = lib.icalcomponent_as_ical_string_r(component)
    text = ctypes.string_at(pointer).replace(b"\r\n ", b"").decode()
    lib.icalmemory_free_buffer(pointer)
    lib.icalcomponent_free(component)
    found = [line for line in text.split("\r\n") if line.startswith("X-LIC-ERROR")]
    return [line for line in found if not (_MISTAKEN[0] in body and line.endswith(_MISTAKEN[1]))]
