from __future__ import annotations

import pytest

from services.registration.domain import cells
from services.registration.domain.csvfile import Wrong
from services.registration.domain.uai import LETTERS, is_uai, key_letter


def test_key_letter_of_the_published_example() -> None:
    assert key_letter("0951099") == "D"


@pytest.mark.parametrize("code", ["0750654D", "0750655E"])  # the lycées Henri-IV and Louis-le-Grand in Paris
def test_key_letter_of_real_schools(code: str) -> None:
    assert key_letter(code[:7]) == code[-1]


def test_letters_are_the_alphabet_without_i_o_q() -> None:
    assert sorted(set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") - set(LETTERS)) == ["I", "O", "Q"]
    assert len(LETTERS) == 23


@pytest.mark.parametrize("text", ["", "951099D", "09510999", "0951099d", "0951099DD"])
def test_is_uai_refuses_other_forms(text: str) -> None:
    assert not is_uai(text)


def test_a_swapped_digit_is_seen_and_the_letter_given() -> None:
    with pytest.raises(Wrong) as caught:
        cells.uai("0951909D")
    assert (caught.value.code, caught.value.facts) == ("uai_key", {"letter": key_letter("0951909")})


def test_spaces_and_case_do_not_matter() -> None:
    assert cells.uai("095 1099d") == "0951099D"
