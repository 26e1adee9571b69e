"""An authorization server: its metadata, its keys, and tokens, signed by it or by somebody who would like to be it."""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.served import on_loopback

RESOURCE = "https://mcp.example.com/mcp"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def published(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, name: str, **more: str) -> dict[str, Any]:
    public = key.public_key()
    is_rsa = isinstance(public, rsa.RSAPublicKey)
    known = RSAAlgorithm.to_jwk(public, as_dict=True) if is_rsa else ECAlgorithm.to_jwk(public, as_dict=True)
    return {**known, "kid": name, **more}


def pem(key: rsa.RSAPrivateKey) -> bytes:
    """The public half, as anybody can have it."""
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@dataclass
class Authority:
    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=lambda: [published(RSA_KEY, "one")])
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    status: int = 200
    asked: list[str] = field(default_factory=list[str])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        app = Starlette()
        app.add_route("/{path:path}", self._answer)
        await app(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.scope["path"]
        self.asked.append(path)
        if path == "/jwks.json":
            return JSONResponse({"keys": self.keys}, self.status)
        if path == "/.well-known/oauth-authorization-server":
            return JSONResponse({"issuer": self.url, "jwks_uri": f"{self.url}/jwks.json", **self.metadata}, self.status)
        return Response(status_code=404)

    @property
    def environment(self) -> dict[str, str]:
        return {"ISTHMUS_OAUTH_ISSUER": self.url, "ISTHMUS_PUBLIC_URL": RESOURCE}

    def token(
        self,
        key: Any = RSA_KEY,
        algorithm: str = "RS256",
        headers: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A good one, but for what is told otherwise; a claim that is None is left out."""
        now = int(time.time())
        good = {"iss": self.url, "aud": RESOURCE, "sub": "ada", "exp": now + 300, "iat": now, "scope": "read write"}
        told = {name: value for name, value in {**good, **claims}.items() if value is not None}
        return jwt.encode(told, key, algorithm, headers={"kid": "one", **(headers or {})})


@asynccontextmanager
async def authority() -> AsyncGenerator[Authority]:
    found = Authority()
    async with on_loopback(found) as url:
        found.url = url
        yield found
