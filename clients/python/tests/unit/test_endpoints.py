"""Goal: the next of several brokers is chosen as is said. Method: a clock that is moved by hand."""

from __future__ import annotations

import pytest

from hyperloom import _limits
from hyperloom._endpoints import Endpoints, LoadBalancing, addresses_of


class _Clock:
    now = 0.0


def several(names: str, balancing: LoadBalancing) -> tuple[Endpoints[str], _Clock]:
    clock = _Clock()
    return Endpoints(names, balancing, lambda: clock.now), clock


def picks(endpoints: Endpoints[str], count: int) -> str:
    return "".join(endpoints.pick() for _ in range(count))


def test_the_first_is_taken_while_it_can_be_reached_and_another_stays_in_its_place() -> None:
    endpoints, clock = several("abc", "pick_first")
    assert picks(endpoints, 3) == "aaa"
    endpoints.failed("a")
    assert picks(endpoints, 3) == "bbb"
    clock.now += _limits.ENDPOINT_REST_SECONDS
    assert picks(endpoints, 2) == "bb"
    endpoints.failed("b")
    endpoints.failed("c")
    assert picks(endpoints, 2) == "aa"


def test_each_is_taken_in_turn_but_for_those_that_failed_a_moment_ago() -> None:
    endpoints, clock = several("abc", "round_robin")
    assert picks(endpoints, 4) == "abca"
    endpoints.failed("b")
    assert picks(endpoints, 4) == "caca"
    clock.now += _limits.ENDPOINT_REST_SECONDS
    assert picks(endpoints, 3) == "bca"
    endpoints.failed("b")
    endpoints.answered("b")
    assert picks(endpoints, 3) == "bca"


def test_where_all_have_failed_the_one_that_has_rested_most_is_tried() -> None:
    endpoints, clock = several("ab", "pick_first")
    endpoints.failed("b")
    clock.now += 0.1
    endpoints.failed("a")
    assert endpoints.pick() == "b"


def test_addresses_are_a_list_or_a_text_with_commas() -> None:
    assert addresses_of("a:1, b:2") == addresses_of(["a:1", "b:2"]) == ["a:1", "b:2"]
    assert addresses_of("ipv4:1.2.3.4:1,5.6.7.8:2") == ["ipv4:1.2.3.4:1,5.6.7.8:2"]
    with pytest.raises(ValueError, match="no address"):
        addresses_of("a:1,,b:2")
    with pytest.raises(ValueError, match="no address"):
        addresses_of([])
