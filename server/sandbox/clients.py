"""The apps and scoped tokens with which a site begins."""

from collections.abc import Callable
from datetime import datetime

from server.sandbox import scopes
from server.sandbox.oauth import App, Authority
from server.sandbox.people import DEMO, SERVICE_ACCOUNT

DEMO_APP = App("demo-app", "demo-app-secret-for-this-sandbox-only", "Demo App", ("http://localhost:8765/callback",))
SERVICE = App("reporting-app", "reporting-app-secret", "Reporting", account_id=SERVICE_ACCOUNT.account_id)
SCOPED_TOKEN = "demo-scoped-token"  # noqa: S105 - it opens nothing but the sandbox


def authority(now: Callable[[], datetime]) -> Authority:
    found = Authority(now)
    found.register(DEMO_APP)
    found.register(SERVICE)
    found.scoped[SCOPED_TOKEN] = (DEMO.account_id, scopes.KNOWN)
    return found
