"""JSON in rows and hashes is what Python's own encoder makes of a value, however it is made."""

import json

import pytest

from escalate.storage.rows import as_json

VALUES = [
    # anything that rows and hashes hold
    [1, "ab12", 2, "entry", "17"],
    {"subject": None, "facts": {"severity": "high", "aged-16": True}, "at": 0, "a": [], "themes": ["drift"]},
    'a quotation mark " a backslash \\ a tab \t and \x00',
    ["\u2028", "é", "\ud800", "👩", "<&>"],
    [1.5, -3, 10**30, [], {}, [[]], {"b": {"z": 1, "a": 2}}],
    ["é" * 500, *range(50)],
    [],
    {},
    None,
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_json_is_what_pythons_own_encoder_makes(value: object) -> None:
    assert as_json(value) == json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError):
        as_json({"at": object()})
