"""libical's opinion of a calendar: an independent reader that knows the tables of RFC 5546 (Debian's libical3)."""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache
from typing import Any


@cache
def library() -> Any:
    """Return the library, None where it is not installed."""
    name = ctypes.util.find_library("ical")
    if name is None:
        return None
    found = ctypes.CDLL(name)
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
    return [line for line in text.splitlines() if line.startswith("X-LIC-ERROR")]
