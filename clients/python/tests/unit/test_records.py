"""Records tell what the messages that they are made of tell."""

from hyperloom._gen.v1 import forest_service_pb2
from hyperloom._records import status_from


def test_a_status_tells_the_bounds_of_its_forest() -> None:
    status = status_from(forest_service_pb2.GetStatusResponse(nodes_max=7, bytes_max=9))
    assert (status.nodes_max, status.bytes_max) == (7, 9)
    assert status_from(forest_service_pb2.GetStatusResponse()).nodes_max == 0
