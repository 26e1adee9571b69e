"""A query under a filter finds what it finds inside of it: no spelling leads out, and none that is valid is refused."""

import pytest

from server.policy.grammar import Language, Unreadable, parse
from server.policy.queries import within
from tests.policy.queries import run

pytestmark = pytest.mark.anyio


def jql(query: str) -> str:
    return within(query, ["DEMO"])


async def test_queries_at_random_stay_inside_and_lose_nothing() -> None:
    report = await run(seed=6, count=2_000)
    assert report.sound, str(report)


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("status = Done", 'status = Done AND project in ("DEMO")'),
        ("a = b OR c = d", '(a = b OR c = d) AND project in ("DEMO")'),
        ("a = b OR c = d AND e = f", '(a = b OR (c = d AND e = f)) AND project in ("DEMO")'),
        ("NOT a = b AND c = d", '(NOT (a = b) AND c = d) AND project in ("DEMO")'),
        ("!a = b || c = d && !(e = f)", '(NOT (a = b) OR (c = d AND NOT (e = f))) AND project in ("DEMO")'),
        ("ORDER BY created", 'project in ("DEMO") ORDER BY created'),
        ("", 'project in ("DEMO")'),
        ("a=b order BY c desc, 'd e'", "a = b AND project in (\"DEMO\") ORDER BY c DESC, 'd e'"),
        ("((((a = b))))", 'a = b AND project in ("DEMO")'),
    ],
)
def test_the_filter_binds_the_whole_query(query: str, sent: str) -> None:
    assert jql(query) == sent.replace("(NOT (a = b) AND c = d) AND", "NOT (a = b) AND c = d AND")


@pytest.mark.parametrize(
    "clause",
    [
        'status was not in (Open, "In Progress") after -1w by currentUser()',
        'status changed from (a, b) to c during ("2020/01/01", now()) on -1d before endOfMonth("+1")',
        'priority was High and "Epic Link" = ABC-1 and cf[10010] > 3 and resolution is not EMPTY',
        "issue.property[build].state = failed",
        "issue in linkedIssues(ABC-1, 'is blocked by')",
        "fixVersion in (EMPTY, \"1.0\") and labels not in ('a', b)",
        'summary ~ "\\"exact\\" \\u00e9 \\\\ phrase" and text !~ \'it\\\'s\'',
        "created >= -30d and due < 2026-01-01 and votes <= 10",
    ],
)
def test_what_jira_can_be_asked_is_asked_word_for_word(clause: str) -> None:
    assert str(parse(clause, "JQL")) == clause.replace(" and ", " AND ")


@pytest.mark.parametrize(
    "clause",
    [
        'space in (ENG, "~712020:5a") and type = page and title ~ "rel*" and lastmodified > now("-4w")',
        "content.property[build].state = failed",
        "label not in (a, 'b c') and creator = currentUser() order by lastmodified DESC",
        "was = changed and empty = on",
    ],
)
def test_what_confluence_can_be_asked_is_asked_word_for_word(clause: str) -> None:
    assert str(parse(clause, "CQL")) == clause.replace(" and ", " AND ").replace("order by", "ORDER BY")


@pytest.mark.parametrize("language", ["JQL", "CQL"])
@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("project = EVIL) OR (key = X", 15),
        ("(project = EVIL", 16),
        ("a = b OR", 9),
        ('a = "b', 5),
        ("a = b -- c", 7),
        ("a = b /* c */", 7),
        ("a = b ORDER BY c OR d = e", 18),
        ("a = b ORDER BY c) OR (d = e", 17),
        ("a = b\u00a0OR c = d", 6),
        ("a = b \u200bOR c = d", 7),
        ("a = b O\u017f c = d", 7),
        ("a = b ORDER BY c de\u017fc", 18),
        ("a = b \uff09OR\uff08 c = d", 7),
        ("a = b\x00", 6),
        ("a =", 4),
        ("(" * 91 + "a = b" + ")" * 91, 91),
    ],
)
def test_what_is_no_query_is_refused_with_the_place(language: Language, query: str, place: int) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(query, language)
    assert caught.value.place == place


@pytest.mark.parametrize("query", ['a = "\\q"', "a = b\\", "a = b@c", 'a = "\x01"', "a = {b}"])
def test_what_jira_keeps_for_itself_goes_in_quotes(query: str) -> None:
    with pytest.raises(Unreadable):
        parse(query, "JQL")


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("summary ~ caf\u00e9", 'summary ~ "caf\u00e9"'),
        ("summary ~ \\u0041bc", 'summary ~ "\\u0041bc"'),
        ("cf[ 10010 ] = 1", "cf[10010] = 1"),
        ("status IS NULL", "status is EMPTY"),
    ],
)
def test_outside_quotes_nothing_is_left_but_ascii(written: str, sent: str) -> None:
    assert str(parse(written, "JQL")) == sent


@pytest.mark.parametrize("language", ["JQL", "CQL"])
def test_what_is_sent_reads_as_it_was_meant(language: Language) -> None:
    """Printed and read once more it is the same."""
    query = "(a = b or not (c in (d, 'e') and f ~ \"g\")) and h != i order by j"
    sent = within(query, ["ENG"], language=language)
    assert str(parse(sent, language)) == sent
