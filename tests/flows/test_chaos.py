"""What holds when anything may go wrong at any call; `python -m tests.properties --full` makes it 10,000 calls."""

from typing import Any

import pytest

from tests import virtual_time
from tests.chaos import Storm

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> Any:
    return virtual_time.BACKEND


@pytest.mark.parametrize("seed", [1, 2])
async def test_under_random_faults_reads_are_right_and_writes_are_not_doubled(seed: int) -> None:
    report = await Storm(seed).run(1_000)
    assert report.sound, f"{report}\n{report.wrong_reads}{report.doubled}{report.lost}{report.early}"
    assert sum(report.faults.values()) > 20
