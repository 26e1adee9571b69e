"""The tour says that something went wrong where something did."""

import pytest
from blockbuster import BlockBuster

from server import doors
from server.sandbox import Site


def test_a_tour_on_a_site_that_lacks_what_it_needs_fails_at_that_step(
    capsys: pytest.CaptureFixture[str], blockbuster: BlockBuster
) -> None:
    blockbuster.deactivate()  # the tour's loop is its own: its client starts processes, and nobody else waits
    assert doors.tour(Site()) is False
    said = capsys.readouterr().out
    assert "NOT AS IT SHOULD BE" in said
    assert "Step 1 did not do what it says: Find the open bugs." in said
