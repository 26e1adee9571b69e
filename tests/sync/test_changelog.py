"""Which changes are ours: those that an intent of ours accounts for; in doubt, none."""

from dataclasses import replace

from server.entities.synced import Rule, Value
from server.store.rows import Intent
from server.sync.changelog import Overwritten, walk
from server.sync.remote import Entry

RULES: dict[str, Rule] = {"summary": "scalar", "labels": "set", "key": "fixed"}
SENT = Intent(entity="e", attempt=1, verb="update", target="1", fields={"summary": "ours"}, after=5)
ADDED = Intent(entity="e", attempt=2, verb="update", target="1", fields={}, added={"labels": ("x",)}, after=5)


def by_us(number: int, field: str, before: Value, after: Value) -> Entry:
    return Entry(number, field, before, after, by_us=True)


def by_them(number: int, field: str, before: Value, after: Value) -> Entry:
    return Entry(number, field, before, after, by_us=False)


BASE = {"summary": "base", "labels": ("a",)}


def test_what_we_sent_is_what_both_had() -> None:
    walked = walk(BASE, [by_us(6, "summary", "base", "ours")], [SENT], RULES)
    assert walked.base["summary"] == "ours"
    assert [each.state for each in walked.intents] == ["applied"]
    assert not walked.overwritten
    assert walked.seen == 6


def test_a_change_that_we_overwrote_is_known() -> None:
    log = [by_them(6, "summary", "base", "theirs"), by_us(7, "summary", "theirs", "ours")]
    walked = walk(BASE, log, [SENT], RULES)
    assert walked.overwritten == {"summary": (Overwritten("base", "theirs"),)}


def test_a_change_after_ours_is_not_overwritten() -> None:
    log = [by_us(6, "summary", "base", "ours"), by_them(7, "summary", "ours", "theirs")]
    assert not walk(BASE, log, [SENT], RULES).overwritten


def test_another_account_an_older_entry_and_another_value_are_not_ours() -> None:
    for entry in (
        by_them(6, "summary", "base", "ours"),
        by_us(5, "summary", "base", "ours"),
        by_us(6, "summary", "base", "other"),
    ):
        assert walk(BASE, [entry], [SENT], RULES).base == BASE


def test_an_intent_accounts_for_one_entry_of_a_field() -> None:
    log = [by_us(6, "summary", "base", "ours"), by_them(7, "summary", "ours", "x")]
    again = [*log, by_us(8, "summary", "x", "ours")]
    assert not walk(BASE, again, [SENT], RULES).overwritten


def test_members_that_were_sent_are_ours_and_others_are_not() -> None:
    ours = walk(BASE, [by_us(6, "labels", ("a",), ("a", "x"))], [ADDED], RULES)
    assert ours.base["labels"] == ("a", "x")
    more = walk(BASE, [by_us(6, "labels", ("a",), ("a", "x", "y"))], [ADDED], RULES)
    assert more.base == BASE


def test_what_is_not_mapped_and_what_is_over_is_passed_by() -> None:
    log = [by_us(6, "key", "A-1", "B-1"), by_us(7, "rank", "1", "2")]
    assert walk(BASE, log, [replace(SENT, state="applied")], RULES).base == BASE
