"""How requests leave this machine, read from the environment."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from httpx2 import URL, InvalidURL

from server.addresses import valid_port
from server.errors import SettingsError

Text = Callable[[str], str]
Names = Callable[[str], tuple[str, ...]]
Flag = Callable[[str], bool]


Header = tuple[str, str]  # its name, its value


@dataclass(frozen=True)
class Network:
    """`proxy` is a URL, `ca_file` a PEM file that replaces the usual authorities; `certificate` and its `key` are PEM
    files that prove who we are. `own` is how single hosts are reached, where that differs."""

    proxy: str = field(default="", repr=False)  # it may carry a password
    no_proxy: tuple[str, ...] = ()
    ca_file: str = ""
    certificate: str = ""
    key: str = ""
    verify: bool = True
    own: Mapping[str, "Network"] = field(default_factory=dict[str, "Network"])


_OURS = frozenset(
    {"authorization", "host", "content-length", "content-type", "transfer-encoding", "connection", "accept-encoding"}
)
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*[=:]\s*([\x20-\x7e]*)")


def read_network(text: Text, names: Names, flag: Flag, sites: Mapping[str, str]) -> Network:
    """`sites` are the addresses of the products by the prefix of their variables. Raises SettingsError."""
    common = Network(_proxy("HTTPS_PROXY", text), names("NO_PROXY"), text("SSL_CERT_FILE"))
    own: dict[str, Network] = {}
    for prefix, site in sites.items():
        host, network = URL(site).host, _of_product(prefix, common, text, names, flag)
        if network != common and own.setdefault(host, network) != network:
            raise SettingsError(
                f"Jira and Confluence are both at {host}, and their variables differ on how it is reached. "
                "Give JIRA_ and CONFLUENCE_CLIENT_CERT, _CLIENT_KEY, _SSL_VERIFY, _HTTPS_PROXY and _NO_PROXY the same "
                "values."
            )
    return replace(common, own=own)


def read_headers(name: str, text: Text) -> tuple[Header, ...]:
    """`Name=value,Other=value`. Raises SettingsError, without the values: they may be secrets."""
    found: list[Header] = []
    for part in filter(None, (part.strip() for part in text(name).split(","))):
        matched = _HEADER.fullmatch(part)
        if not matched:
            raise SettingsError(f"{name} is no list of headers. Set it to Name=value,Other-Name=value.")
        if matched[1].lower() in _OURS:
            raise SettingsError(f"{name} has {matched[1]}, which is ours to send. Take it out.")
        found.append((matched[1].lower(), matched[2].strip()))
    return tuple(found)


def _of_product(prefix: str, common: Network, text: Text, names: Names, flag: Flag) -> Network:
    certificate, key = text(f"{prefix}_CLIENT_CERT"), text(f"{prefix}_CLIENT_KEY")
    if key and not certificate:
        raise SettingsError(f"{prefix}_CLIENT_KEY is of no use without {prefix}_CLIENT_CERT. Set both, or neither.")
    return Network(
        _proxy(f"{prefix}_HTTPS_PROXY", text) or common.proxy,
        names(f"{prefix}_NO_PROXY") or common.no_proxy,
        common.ca_file,
        certificate,
        key,
        flag(f"{prefix}_SSL_VERIFY") if text(f"{prefix}_SSL_VERIFY") else True,
    )


def _proxy(name: str, text: Text) -> str:
    proxy = text(name)
    if proxy and not _is_proxy(proxy):
        # The value is not repeated: it may carry a password.
        raise SettingsError(f"{name} is no proxy. It should look like http://proxy.example.com:3128")
    return proxy


def _is_proxy(url: str) -> bool:
    try:
        found = URL(url)
        valid_port(found)
        return found.scheme in ("http", "https") and bool(found.host)
    except (InvalidURL, ValueError):
        return False
