"""A recovery key as somebody writes it down, and types it: a slip is found, and said in which group."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalate.errors import BadInput
from escalate.storage.encryption.secret import (
    _SCRYPT,
    file_key,
    header,
    is_opened_by,
    new_secret,
    new_start,
    of_passphrase,
    read_recovery_key,
    recovery_key,
)
from tests.sizes import size

SECRET = bytes(range(0, 256, 16))
WRITTEN = "000176-090640-181104-271568-362032-452496-542960-633424"

secrets = st.binary(min_size=16, max_size=16)


def test_a_secret_is_written_in_eight_groups_of_six_digits() -> None:
    assert recovery_key(SECRET) == WRITTEN


@given(secrets)
def test_what_is_written_is_read(secret: bytes) -> None:
    assert read_recovery_key(recovery_key(secret)) == secret


@pytest.mark.parametrize("said", [WRITTEN.replace("-", " "), WRITTEN.replace("-", ""), f"  {WRITTEN}\n"])
def test_it_is_read_with_hyphens_spaces_or_nothing_between(said: str) -> None:
    assert read_recovery_key(said) == SECRET


def test_every_wrong_digit_and_every_two_that_change_places_are_found_with_their_group() -> None:
    digits = [at for at, each in enumerate(WRITTEN) if each != "-"]
    wrong = [
        (at, WRITTEN[:at] + other + WRITTEN[at + 1 :])
        for at, other in product(digits, "0123456789")
        if other != WRITTEN[at]
    ]
    wrong += [
        (at, WRITTEN[:at] + WRITTEN[at + 1] + WRITTEN[at] + WRITTEN[at + 2 :])
        for at in digits
        if at + 1 in digits and WRITTEN[at] != WRITTEN[at + 1]
    ]
    for at, said in wrong:
        with pytest.raises(BadInput, match=f"There is a slip in group {at // 7 + 1} of the recovery key"):
            read_recovery_key(said)
    assert len(wrong) > 450


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (WRITTEN[:-1], "8 groups of 6 digits, 48 in all, and that has 47"),
        (f"{WRITTEN}-000011", "and that has 54"),
        (WRITTEN.replace("000176", "999999"), "a slip in group 1"),
        (WRITTEN.replace("000176", "000177").replace("633424", "633425"), "a slip in groups 1 and 8"),
    ],
)
def test_what_is_no_recovery_key_is_refused(said: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        read_recovery_key(said)


@pytest.mark.parametrize("said", ["correct horse battery", "1234 5678", "", "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩٠"])
def test_a_passphrase_is_not_taken_for_a_recovery_key(said: str) -> None:
    assert read_recovery_key(said) is None


def test_a_file_says_which_secret_opens_it_and_nothing_else_does() -> None:
    secret, other = new_secret(), new_secret()
    begins = header(new_start(), secret)
    assert (len(begins), begins[:4]) == (16, b"ESCA")
    assert is_opened_by(begins, secret)
    assert not is_opened_by(begins, other)
    assert len(file_key(begins, secret)) == 32
    assert secret not in begins + file_key(begins, secret)


def test_two_files_of_one_secret_have_different_keys() -> None:
    secret = new_secret()
    first, second = (header(new_start(), secret) for _ in range(2))
    assert file_key(first, secret) != file_key(second, secret)


def test_a_guess_at_a_passphrase_costs_what_it_has_to() -> None:
    assert _SCRYPT["n"] * _SCRYPT["r"] * 128 == 128 * 1024 * 1024
    assert _SCRYPT["p"] == 1


def test_a_passphrase_comes_to_the_same_secret_however_its_letters_are_composed_and_to_another_in_another_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(_SCRYPT, "n", size(2**10, _SCRYPT["n"]))
    begins = b"ESCA12345678"
    assert of_passphrase("Caf\u00e9 au lait ", begins) == of_passphrase("Cafe\u0301 au lait", begins)
    assert of_passphrase("Caf\u00e9 au lait", b"ESCA12345679") != of_passphrase("Caf\u00e9 au lait", begins)
