"""Who is Atlassian's and who is not, and that what is checked is what is reached."""

import httpx2
import pytest

from server.addresses import AUTHORITY, GATEWAY, authority_of, gateway_of, is_cloud, site_problem


@pytest.mark.parametrize(
    ("site", "cloud"),
    [
        ("https://acme.atlassian.net", True),
        ("https://ACME.Atlassian.NET", True),
        ("https://acme.jira.com/wiki", True),
        ("https://evil.atlassian.net.attacker.com", False),
        ("https://evilatlassian.net", False),
        ("https://atlassian.net", False),
        ("https://attacker.com/acme.atlassian.net", False),
    ],
)
def test_a_cloud_site_is_known_by_the_end_of_its_name(site: str, cloud: bool) -> None:  # noqa: FBT001
    assert is_cloud(site) is cloud


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost\\@evil.com/",
        "https://acme.atlassian.net\\@evil.com",
        "https://acme.atlassian.net\t.evil.com",
        "https://acme.atlassian.net\r\nX: y",
        "https://acme.atlassian.net\x00.evil.com",
        "https://acme.atlassian.net%2eevil.com",
        "https://acme.atlassian.net@evil.com",
        "https://@evil.com",
        "https://acme.atlassian.net:0",
        "https://acme.atlassian.net:99999",
        "https://api.atlassian.com/ex/jira/3f1c9a52-7f0e-4d55-9c1b-8f6d2a40e611",
        "http://169.254.169.254",
        "http://[::ffff:127.0.0.1]@evil.com",
        "",
    ],
)
def test_an_address_that_two_parsers_could_read_apart_is_refused(url: str) -> None:
    assert site_problem(url, own_path=True)


@pytest.mark.parametrize("url", ["https://acme.atlassian.net", "https://x.example:8443", "http://[::1]:8322"])
def test_the_host_that_is_checked_is_the_one_that_is_reached(url: str) -> None:
    assert site_problem(url) is None
    assert httpx2.Request("GET", f"{url}/rest").url.host == httpx2.URL(url).host


def test_only_a_sandbox_is_its_own_gateway_and_authority() -> None:
    for site in ("https://acme.atlassian.net", "https://localhost.evil.com", "https://acme.example"):
        assert (gateway_of(site), authority_of(site)) == (GATEWAY, AUTHORITY)
    assert gateway_of("http://127.0.0.1:8322/wiki") == "http://127.0.0.1:8322"
