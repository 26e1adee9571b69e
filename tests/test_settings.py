import pytest

from server.errors import SettingsError
from server.settings import NARROWING, VARIABLES, demo_environment, read_settings

ACCOUNT = {"JIRA_URL": "https://acme.atlassian.net", "JIRA_USERNAME": "a@example.com", "JIRA_API_TOKEN": "secret"}


def complaint(**environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings({**ACCOUNT, **environment})
    return str(caught.value)


def test_one_product_alone_is_enough() -> None:
    settings = read_settings(ACCOUNT)
    assert settings.jira is not None
    assert settings.jira.site == "https://acme.atlassian.net"
    assert settings.confluence is None


def test_confluence_is_found_with_or_without_wiki_in_its_address() -> None:
    for url in ("https://acme.atlassian.net/wiki", "https://acme.atlassian.net/wiki/", "https://acme.atlassian.net"):
        settings = read_settings(
            {"CONFLUENCE_URL": url, "CONFLUENCE_USERNAME": "a@example.com", "CONFLUENCE_API_TOKEN": "secret"}
        )
        assert settings.confluence is not None
        assert settings.confluence.site == "https://acme.atlassian.net"


def test_a_token_is_never_in_the_settings_own_words() -> None:
    assert "secret" not in repr(read_settings(ACCOUNT))


@pytest.mark.parametrize("name", NARROWING)
def test_a_limit_that_is_not_honoured_stops_the_start_by_name(name: str) -> None:
    assert name in complaint(**{name: "PROJ"})


def test_a_site_without_its_account_names_what_is_missing() -> None:
    assert "JIRA_USERNAME and JIRA_API_TOKEN are not" in complaint(JIRA_USERNAME="", JIRA_API_TOKEN="")
    assert "JIRA_API_TOKEN is not" in complaint(JIRA_API_TOKEN="")
    assert "JIRA_URL is not" in complaint(JIRA_URL="")


def test_two_ways_in_at_once_are_named() -> None:
    said = complaint(JIRA_PERSONAL_TOKEN="pat")  # noqa: S106 - nobody's token
    assert "JIRA_API_TOKEN and JIRA_PERSONAL_TOKEN are set" in said


def test_a_data_centers_token_at_a_cloud_site_is_answered_with_what_works_there() -> None:
    said = complaint(JIRA_PERSONAL_TOKEN="pat", JIRA_USERNAME="", JIRA_API_TOKEN="")  # noqa: S106 - nobody's token
    assert "is for Data Center, and JIRA_URL is a Cloud site" in said


def test_a_data_center_may_live_below_a_path() -> None:
    at = {"JIRA_URL": "https://acme.example/jira", "JIRA_PERSONAL_TOKEN": "pat"}
    assert read_settings(at).jira


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("acme.atlassian.net", "not an http(s) address"),
        ("ftp://acme.atlassian.net", "not an http(s) address"),
        ("http://acme.atlassian.net", "in the clear"),
        ("https://user:pw@acme.atlassian.net", "user name or password"),
        ("https://acme.atlassian.net?x=1", "query or a fragment"),
        ("http://localhost\\@evil.example/", "backslash"),
        ("https://acme.atlassian.net:port", "not an address"),
        ("https://[::1", "not an address"),
        ("https://acme.atlassian.net/browse/X-1", "it has a path"),
        ("https://acme.atlassian.net/wiki/home", "it has a path"),
    ],
)
def test_an_address_that_can_mislead_is_refused(url: str, problem: str) -> None:
    said = complaint(JIRA_URL=url)
    assert "JIRA_URL" in said
    assert problem.lower() in said.lower()


def test_http_is_accepted_on_loopback_alone() -> None:
    for url in ("http://127.0.0.1:8322", "http://[::1]:8322", "http://localhost:8322", "http://sandbox.localhost"):
        assert read_settings({**ACCOUNT, "JIRA_URL": url}).jira


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("READ_ONLY_MODE", "perhaps"),
        ("JIRA_TIMEOUT", "soon"),
        ("JIRA_TIMEOUT", "0.0"),
        ("ISTHMUS_MAX_RETRIES", "-1"),
        ("ISTHMUS_MAX_RETRIES", "1.7"),
        ("ISTHMUS_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(name: str, value: str) -> None:
    said = complaint(**{name: value})
    assert name in said
    assert value not in said  # people paste secrets into the wrong place


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JIRA_PROJECTS_FILTER", ","),
        ("JIRA_PROJECTS_FILTER", "EN G"),
        ("CONFLUENCE_SPACES_FILTER", "ENG;WEB"),
        ("JIRA_INTERNAL_ONLY_PROJECTS", "*"),
        ("JIRA_ISSUE_KEY_PATTERN", "("),
        ("JIRA_PROJECT_KEY_PATTERN", "["),
        ("ISTHMUS_MAX_BULK", "many"),
        ("ISTHMUS_DESTRUCTIVE_PER_MINUTE", "-1"),
    ],
)
def test_a_bound_that_binds_nothing_stops_the_start(name: str, value: str) -> None:
    assert name in complaint(**{name: value})


def test_lists_and_flags_are_read_as_people_write_them() -> None:
    settings = read_settings(
        {
            **ACCOUNT,
            "READ_ONLY_MODE": "Yes",
            "ISTHMUS_ALLOWED_HOSTS": "a.example, b.example",
            "ISTHMUS_LOG_LEVEL": "debug",
        }
    )
    assert settings.read_only
    assert settings.allowed_hosts == ("a.example", "b.example")
    assert settings.log_level == "DEBUG"


def test_each_default_in_the_table_is_the_one_in_force() -> None:
    spelled = {variable.name: variable.default for variable in VARIABLES if variable.default}
    assert read_settings({**demo_environment(), **spelled}) == read_settings(demo_environment())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"ISTHMUS_TOKENS": "isthmus_secret"}, "ISTHMUS_TOKENS is no list of NAME:HASH"),
        ({"ISTHMUS_TOKENS": f"ada:{'0' * 63}"}, "`isthmus token NAME` makes a token"),
        ({"ISTHMUS_OAUTH_ISSUER": "https://login.example.com"}, "needs ISTHMUS_PUBLIC_URL"),
        ({"ISTHMUS_OAUTH_ISSUER": "login"}, "ISTHMUS_OAUTH_ISSUER is wrong: it is not an http(s) address"),
        ({"ISTHMUS_PUBLIC_URL": "http://mcp.example.com/mcp"}, "in the clear"),
        ({"ISTHMUS_OAUTH_KEYS_URL": "https://a@b"}, "carries a user name"),
        ({"ISTHMUS_CALLS_PER_MINUTE": "0"}, "ISTHMUS_CALLS_PER_MINUTE is not a number from 1"),
        (
            {"ISTHMUS_CALLER_CREDENTIALS": "true", "ISTHMUS_TOKENS": f"ada:{'0' * 64}"},
            "Set one or the other",
        ),
    ],
)
def test_callers_that_could_not_be_asked_stop_the_start(given: dict[str, str], says: str) -> None:
    said = complaint(**given)
    assert says in said
    assert "secret" not in said


def test_where_callers_have_accounts_the_site_needs_none() -> None:
    site = {"JIRA_URL": "https://acme.atlassian.net", "ISTHMUS_CALLER_CREDENTIALS": "true"}
    settings = read_settings(site)
    assert settings.jira
    assert settings.callers.own_accounts
    assert "JIRA_USERNAME is not set" in complaint(**site, JIRA_USERNAME="")
