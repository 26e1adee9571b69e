"""Tokens of an authorization server: taken where they are for this server and signed by a key of that one; nothing
else opens the door."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import httpx2
import jwt
import pytest

from tests.authorization import EC_KEY, OTHER_KEY, RESOURCE, RSA_KEY, Authority, authority, pem, published
from tests.served import bearer, calling, knock, on_loopback, served
from tests.world import World, told

pytestmark = pytest.mark.anyio


async def test_a_token_for_this_server_opens_the_door(world: World, era: str) -> None:
    async with authority() as issuer, served(world, **issuer.environment) as url:
        async with calling(url, bearer(issuer.token()), era) as agent:
            assert (await told(agent, "jira_get_issue", {"issue_key": "DEMO-7"})).startswith("# DEMO-7")
    assert issuer.asked == ["/.well-known/oauth-authorization-server", "/jwks.json"]


async def test_where_to_get_a_token_is_told_to_whoever_comes_without(world: World) -> None:
    async with authority() as issuer, served(world, ISTHMUS_OAUTH_SCOPES="read", **issuer.environment) as url:
        answer = await knock(url)
        challenge = answer.headers["www-authenticate"]
        where = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp"
        assert challenge == f'Bearer realm="isthmus", resource_metadata="{where}", scope="read"'
        async with httpx2.AsyncClient(trust_env=False) as http:
            about = (await http.get(url.removesuffix("/mcp") + httpx2.URL(where).path)).json()
    assert about["resource"] == RESOURCE
    assert about["authorization_servers"] == [issuer.url]
    assert about["scopes_supported"] == ["read"]


def unsigned(token: str) -> str:
    head, body, _ = token.split(".")
    nothing = base64.urlsafe_b64encode(b'{"alg":"none","kid":"one"}').decode().rstrip("=")
    return f"{nothing}.{body}." if head else ""


def confused(issuer: Authority) -> str:
    """Signed with the public key, as if that were a secret that both share."""
    parts = [
        {"alg": "HS256", "typ": "JWT", "kid": "one"},
        jwt.decode(issuer.token(), options={"verify_signature": False}),
    ]
    text = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    seal = hmac.digest(pem(RSA_KEY), text.encode(), sha256)
    return f"{text}.{base64.urlsafe_b64encode(seal).decode().rstrip('=')}"


NOW = int(time.time())
BAD: dict[str, Callable[[Authority], str]] = {
    "junk": lambda _: "junk",
    "three parts of junk": lambda _: "a.b.c",
    "no signature": lambda issuer: unsigned(issuer.token()),
    "the public key as a secret": confused,
    "a key that is not published": lambda issuer: issuer.token(OTHER_KEY),
    "a key that nobody knows": lambda issuer: issuer.token(headers={"kid": "two"}),
    "no key named": lambda issuer: issuer.token(OTHER_KEY, headers={"kid": ""}),
    "a key of its own": lambda issuer: issuer.token(OTHER_KEY, headers={"jwk": published(OTHER_KEY, "one")}),
    "an algorithm that the key is not for": lambda issuer: issuer.token(EC_KEY, "ES256"),
    "another issuer": lambda issuer: issuer.token(iss="https://evil.example"),
    "an issuer that begins so": lambda issuer: issuer.token(iss=issuer.url + "/"),
    "another audience": lambda issuer: issuer.token(aud="https://other.example/mcp"),
    "an audience that begins so": lambda issuer: issuer.token(aud=RESOURCE + "/more"),
    "no audience": lambda issuer: issuer.token(aud=None),
    "expired": lambda issuer: issuer.token(exp=NOW - 60),
    "not yet": lambda issuer: issuer.token(nbf=NOW + 3600),
    "without end": lambda issuer: issuer.token(exp=None),
    "nobody's": lambda issuer: issuer.token(sub=None),
    "an identity, no access": lambda issuer: issuer.token(headers={"typ": "logout+jwt"}),
    "critical and unknown": lambda issuer: issuer.token(headers={"crit": ["x"], "x": 1}),
    "too long": lambda issuer: issuer.token(more="x" * 20_000),
}


@pytest.mark.parametrize("kind", BAD)
async def test_a_token_that_is_not_good_is_none(world: World, kind: str) -> None:
    async with authority() as issuer, served(world, **issuer.environment) as url:
        answer = await knock(url, bearer(BAD[kind](issuer)))
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert await world.requests() == []


async def test_who_has_a_genuine_token_is_told_what_is_wrong_with_it(world: World) -> None:
    async with authority() as issuer, served(world, ISTHMUS_OAUTH_SCOPES="admin", **issuer.environment) as url:
        expired = await knock(url, bearer(issuer.token(exp=NOW - 60)))
        elsewhere = await knock(url, bearer(issuer.token(aud="https://other.example")))
        forged = await knock(url, bearer(issuer.token(OTHER_KEY, exp=NOW - 60)))
        narrow = await knock(url, bearer(issuer.token()))
    assert "has expired" in expired.json()["error_description"]
    assert RESOURCE in elsewhere.json()["error_description"]
    assert "expired" not in forged.json()["error_description"]
    assert (narrow.status_code, narrow.json()["error"]) == (403, "insufficient_scope")
    assert 'scope="admin"' in narrow.headers["www-authenticate"]


@pytest.mark.parametrize(
    "scopes", [{"scope": "read"}, {"scope": None, "scp": ["read"]}, {"scope": None, "scp": "read"}]
)
async def test_scopes_are_read_as_servers_write_them(world: World, scopes: dict[str, Any]) -> None:
    async with authority() as issuer, served(world, ISTHMUS_OAUTH_SCOPES="read", **issuer.environment) as url:
        assert (await knock(url, bearer(issuer.token(**scopes)))).status_code == 200
        assert (await knock(url, bearer(issuer.token(scope=7)))).status_code == 403


async def test_clocks_may_differ_a_little(world: World) -> None:
    now = int(time.time())
    async with authority() as issuer, served(world, **issuer.environment) as url:
        assert (await knock(url, bearer(issuer.token(exp=now - 5, nbf=now + 5, iat=now + 5)))).status_code == 200


async def test_a_new_key_is_found_and_an_old_one_forgotten(world: World) -> None:
    async with authority() as issuer, served(world, **issuer.environment) as url:
        assert (await knock(url, bearer(issuer.token()))).status_code == 200
        issuer.keys = [published(EC_KEY, "two", alg="ES256", use="sig")]
        new = bearer(issuer.token(EC_KEY, "ES256", headers={"kid": "two"}))
        assert (await knock(url, new)).status_code == 401, "it has looked just now"
        world.waits.seconds.append(31.0)
        assert (await knock(url, new)).status_code == 200
        assert (await knock(url, bearer(issuer.token()))).status_code == 401


async def test_a_stranger_cannot_make_it_ask_the_issuer_without_end(world: World) -> None:
    async with authority() as issuer, served(world, **issuer.environment) as url:
        for number in range(5):
            await knock(url, bearer(issuer.token(headers={"kid": f"made-up-{number}"})))
    assert issuer.asked.count("/jwks.json") == 1


async def test_an_issuer_that_is_away_is_no_fault_of_the_callers(world: World) -> None:
    async with authority() as issuer, served(world, **issuer.environment) as url:
        issuer.status = 500
        for _ in range(2):
            away = await knock(url, bearer(issuer.token()))
            assert (away.status_code, away.headers["retry-after"]) == (503, "30")
        issuer.status = 200
        world.waits.seconds.append(31.0)
        assert (await knock(url, bearer(issuer.token()))).status_code == 200
        issuer.status = 500
        world.waits.seconds.append(3600.0)
        assert (await knock(url, bearer(issuer.token()))).status_code == 200, "the keys of before will do"


@pytest.mark.parametrize(
    "metadata", [{"issuer": "https://evil.example"}, {"jwks_uri": None}, {"jwks_uri": "http://127.0.0.1:1/"}]
)
async def test_metadata_of_somebody_else_is_not_believed(world: World, metadata: dict[str, Any]) -> None:
    async with authority() as issuer, served(world, **issuer.environment) as url:
        issuer.metadata = metadata
        assert (await knock(url, bearer(issuer.token()))).status_code == 503
    assert "/jwks.json" not in issuer.asked


async def test_an_issuer_without_metadata_needs_the_address_of_its_keys(world: World) -> None:
    async with authority() as issuer:
        keys = f"{issuer.url}/jwks.json"
        async with served(world, ISTHMUS_OAUTH_KEYS_URL=keys, **issuer.environment) as url:
            assert (await knock(url, bearer(issuer.token()))).status_code == 200
    assert issuer.asked == ["/jwks.json"]


@pytest.mark.parametrize("keys", [None, "none", [], ["x"], [{"kty": "oct", "kid": "one", "k": "c2VjcmV0"}]])
async def test_keys_that_are_none_open_nothing(world: World, keys: Any) -> None:
    async with authority() as issuer, served(world, **issuer.environment) as url:
        issuer.keys = keys
        assert (await knock(url, bearer(issuer.token()))).status_code in (401, 503)
        assert (await knock(url, bearer(issuer.token("secret" * 8, "HS256")))).status_code == 401


async def test_a_token_never_says_where_its_key_is(world: World) -> None:
    evil = Authority(keys=[published(OTHER_KEY, "one")])
    async with on_loopback(evil) as trap, authority() as issuer, served(world, **issuer.environment) as url:
        elsewhere = {"jku": f"{trap}/jwks.json", "x5u": f"{trap}/jwks.json", "iss": trap}
        answer = await knock(url, bearer(issuer.token(OTHER_KEY, headers=elsewhere, iss=trap)))
    assert answer.status_code == 401
    assert evil.asked == []


async def test_tokens_of_the_operator_are_taken_beside_those_of_the_issuer(world: World) -> None:
    hashed = sha256(b"isthmus_own").hexdigest()
    async with authority() as issuer, served(world, ISTHMUS_TOKENS=f"ada:{hashed}", **issuer.environment) as url:
        assert (await knock(url, bearer("isthmus_own"))).status_code == 200
        assert (await knock(url, bearer(issuer.token()))).status_code == 200
        assert (await knock(url, bearer("isthmus_other"))).status_code == 401


async def test_a_session_of_one_subject_is_not_anothers(world: World) -> None:
    async with authority() as issuer, served(world, **issuer.environment) as url:
        opened = await knock(url, bearer(issuer.token()))
        session = {"mcp-session-id": opened.headers["mcp-session-id"], "mcp-protocol-version": "2025-11-25"}
        listing: dict[str, Any] = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}
        own = await knock(url, {**session, **bearer(issuer.token(jti="renewed"))}, listing)
        others = await knock(url, {**session, **bearer(issuer.token(sub="eve"))}, listing)
    assert (own.status_code, others.status_code) == (200, 404)
