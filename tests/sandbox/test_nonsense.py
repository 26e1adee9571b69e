"""Whatever is asked, the answer is one that Atlassian's documents know, and never a failure of the site itself."""

import random

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.sandbox import Site, application
from tests.sandbox.conftest import Clock, account
from tests.sandbox.contract import checked
from tests.sandbox.nonsense import Nonsense

pytestmark = pytest.mark.anyio


async def sent(seed: int, count: int) -> list[str]:
    """What went wrong with `count` requests."""
    nonsense = Nonsense(random.Random(seed))  # noqa: S311 - no secret
    held = checked(application(Site.demo(Clock())))
    wrong: list[str] = []
    transport = httpx2.ASGITransport(app=held.app)
    async with httpx2.AsyncClient(transport=transport) as http:
        for _ in range(count):
            operation, request, who = nonsense.request()
            name, password = account(who)
            try:
                answer = await http.send(request, auth=httpx2.BasicAuth(name, password))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
                wrong.append(f"{operation.method} {request.url}: {type(error).__name__} {error}")
                continue
            if answer.status_code >= 500:
                wrong.append(f"{operation.method} {request.url}: {answer.status_code}")
    return wrong + [f"{found['op']}: {found['kind']} {found['where']} {found['message']}" for found in held.answers]


@settings(max_examples=30, derandomize=True, deadline=None)
@given(st.integers(0, 2**32))
async def test_no_request_breaks_the_site_or_its_contract(seed: int) -> None:
    assert await sent(seed, 20) == []
