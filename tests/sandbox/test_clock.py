from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import Clock

pytestmark = pytest.mark.anyio
CLOCK = "/__sandbox__/clock"


async def test_the_sites_time_moves_at_will(demo: httpx2.AsyncClient, site: Site) -> None:
    assert (await demo.get(CLOCK)).json()["now"] == "2026-03-02T12:00:00+00:00"
    assert (await demo.post(CLOCK, json={"advance": 90})).json()["now"] == "2026-03-02T12:01:30+00:00"
    assert (await demo.post(CLOCK, json={"set": "2027-01-01T00:00:00"})).json()["now"] == "2027-01-01T00:00:00+00:00"
    assert site.now().year == 2027
    assert (await demo.get("/rest/api/3/myself")).headers["date"] == "Fri, 01 Jan 2027 00:00:00 GMT"


async def test_a_skewed_site_says_another_time_than_it_lives_by(demo: httpx2.AsyncClient, site: Site) -> None:
    told = (await demo.post(CLOCK, json={"skew": -120})).json()
    assert (told["now"], told["shown"]) == ("2026-03-02T12:00:00+00:00", "2026-03-02T11:58:00+00:00")
    shown = await demo.get("/rest/api/3/serverInfo")
    assert shown.json()["serverTime"].startswith("2026-03-02T11:58:00")
    assert shown.headers["date"] == "Mon, 02 Mar 2026 11:58:00 GMT"
    await demo.post(CLOCK, json={"advance": 60})
    assert (await demo.get(CLOCK)).json()["skew"] == -120


@pytest.mark.parametrize(
    "wrong", [[], {"advance": "x"}, {"advance": 1e20}, {"advance": 1e12}, {"set": "y"}, {"back": 1}]
)
async def test_a_time_that_is_none_is_refused(demo: httpx2.AsyncClient, wrong: Any) -> None:
    refused = await demo.post(CLOCK, json=wrong)
    assert refused.status_code == 400
    assert refused.json()["error"]


async def test_the_tokens_of_pages_die_after_a_week(demo: httpx2.AsyncClient, clock: Clock) -> None:
    asked = {"jql": "project = DEMO", "maxResults": 2}
    token = (await demo.post("/rest/api/3/search/jql", json=asked)).json()["nextPageToken"]
    links = [
        (await demo.get(path, params={**more, "limit": 1})).json()["_links"]["next"]
        for path, more in (("/wiki/api/v2/pages", {}), ("/wiki/rest/api/search", {"cql": "type = page"}))
    ]
    following = [link if link.startswith("/wiki") else f"/wiki{link}" for link in links]
    clock.pass_by(days=6)
    assert (await demo.post("/rest/api/3/search/jql", json={**asked, "nextPageToken": token})).status_code == 200
    assert [(await demo.get(link)).status_code for link in following] == [200, 200]
    clock.pass_by(days=1)
    dead = await demo.post("/rest/api/3/search/jql", json={**asked, "nextPageToken": token})
    assert dead.status_code == 400
    assert "nextPageToken" in dead.json()["errorMessages"][0]
    assert [(await demo.get(link)).status_code for link in following] == [400, 400]
