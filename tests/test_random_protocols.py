"""The protocols the other tests draw are protocols: whatever is drawn, nothing is wrong with it."""

from hypothesis import HealthCheck, given, settings

from escalate.storage.protocol_files import parse_protocol
from tests.random_protocols import protocols


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(protocols())
def test_every_protocol_drawn_is_sound(text: str) -> None:
    assert parse_protocol(text, "random.toml").id == "random"
