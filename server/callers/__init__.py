"""Who calls over HTTP: what a caller shows, whom it makes known, and how much it may ask for."""

from server.callers.allowance import Allowance
from server.callers.caller import Caller, CallerError, Login, NotKnown, NotNow, Scheme, Shown, User, known
from server.callers.own import OwnAccounts
from server.callers.tokens import Tokens

__all__ = [
    "Allowance",
    "Caller",
    "CallerError",
    "Login",
    "NotKnown",
    "NotNow",
    "OwnAccounts",
    "Scheme",
    "Shown",
    "Tokens",
    "User",
    "known",
]
