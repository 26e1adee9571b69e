"""The tour says that something went wrong where something did."""

import os
import subprocess
import sys
from pathlib import Path

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


def test_a_tour_that_nobody_reads_to_the_end_ends_in_silence() -> None:
    read, write = os.pipe()
    command = [str(Path(sys.executable).with_name("isthmus")), "demo"]
    with subprocess.Popen(command, stdout=write, stderr=subprocess.PIPE, text=True) as tour:
        os.close(write)
        assert os.read(read, 1)
        os.close(read)
        assert tour.stderr
        assert tour.stderr.read() == ""
    assert tour.returncode == 1
