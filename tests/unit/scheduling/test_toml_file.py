"""Lines of keys in a TOML text."""

from __future__ import annotations

from services.scheduling.domain.toml_file import key_lines

TEXT = '''# a comment = 1
id = "x"
notes = """
name = "not a key"
[not.a.header]
"""

[organiser]   # the town
name = "y"

[[programmes]]
id = "one"

[[programmes.activities]]
group = { kind = "whole" }

[[programmes.activities]]
id = "b"

[[programmes]]
[[programmes.activities]]
id = "c"
'''


def test_each_key_has_the_line_it_starts_on() -> None:
    assert key_lines(TEXT) == {
        "id": 2,
        "notes": 3,
        "organiser": 8,
        "organiser.name": 9,
        "programmes[1]": 11,
        "programmes[1].id": 12,
        "programmes[1].activities[1]": 14,
        "programmes[1].activities[1].group": 15,
        "programmes[1].activities[2]": 17,
        "programmes[1].activities[2].id": 18,
        "programmes[2]": 20,
        "programmes[2].activities[1]": 21,
        "programmes[2].activities[1].id": 22,
    }
