"""How a connection proves whose it is."""

from server.client.auth.account import Account, Identity, Signed
from server.client.auth.accounts import account_of
from server.client.auth.wire import Wire

__all__ = ["Account", "Identity", "Signed", "Wire", "account_of"]
