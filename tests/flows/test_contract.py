"""Where Atlassian's published documents lie beside the checkout, every exchange of the suite is held to them."""

import pytest

from tests.sandbox.contract import CHECKER
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_an_exchange_that_breaks_the_contract_is_noticed(world: World) -> None:
    if not CHECKER.exists():
        pytest.skip("the published documents are not beside this checkout: exchanges go unchecked")
    async with world.http() as http:
        await http.get("/rest/api/3/issue/DEMO-7", params={"no-such-parameter": "x"})
    [found] = world.violations()
    assert found["kind"] == "unknown-query"
    world.checked.forgive()
