"""The protocols that other tests draw are protocols: whatever is drawn, nothing is wrong with it."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escalate.storage.files.protocols import parse_protocol
from tests.random_protocols import protocols
from tests.sizes import size


@settings(max_examples=size(8, 100), suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_nothing_is_wrong_with_a_protocol_drawn(drawn: st.DataObject) -> None:
    parse_protocol(drawn.draw(protocols()), "random.toml")
