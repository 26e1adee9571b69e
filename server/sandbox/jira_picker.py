"""Suggestions for somebody who types the key of an issue, or words of its summary."""

import re
from collections.abc import Iterable
from html import escape
from itertools import islice

from starlette.responses import Response

from server.sandbox import jql
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.jira_search import asker_of
from server.sandbox.records import Issue, Json
from server.sandbox.refusals import Refusal

MOST = 20
WORD = re.compile(r"\w+")


def _matches(issue: Issue, query: str) -> bool:
    """A key by its beginning or its number, a summary by words that begin as the query's do."""
    wanted = query.casefold().strip()
    words = WORD.findall(str(issue.values.get("summary") or "").casefold())
    by_words = all(any(word.startswith(each) for word in words) for each in WORD.findall(wanted))
    return issue.key.casefold().startswith(wanted) or str(issue.number) == wanted or by_words


def _suggestion(issue: Issue, query: str) -> Json:
    summary = str(issue.values.get("summary") or "")
    words = [re.escape(word) for word in WORD.findall(query)]
    pattern = re.compile(rf"\b({'|'.join(words)})", re.IGNORECASE) if words else None
    marked = pattern.sub(r"<b>\1</b>", escape(summary)) if pattern else escape(summary)
    return {
        "id": int(issue.id),
        "key": issue.key,
        "keyHtml": pattern.sub(r"<b>\1</b>", issue.key) if pattern else issue.key,
        "img": "/images/icons/issuetypes/generic.svg",
        "summary": marked,
        "summaryText": summary,
    }


def _section(name: str, label: str, found: list[Issue], query: str) -> Json:
    shown = [_suggestion(issue, query) for issue in found[:MOST]]
    said = {"sub": f"Showing {len(shown)} of {len(found)} matching issues"} if shown else {"msg": "No matching issues"}
    return {"id": name, "label": label, **said, "issues": shown}


def _current(call: Call) -> Iterable[Issue]:
    try:
        yield from jql.search(call.query["currentJQL"], asker_of(call), bounded=False)
    except Refusal:  # a query that can't be read finds nothing here
        return


def suggestions(call: Call) -> Response:
    query, own = call.query.get("query", ""), call.person.account_id
    without = (call.query.get("currentIssueKey"), "")
    subtasks = call.query.get("showSubTasks", "true").lower() != "false"

    def wanted(issue: Issue) -> bool:
        return issue.key not in without and (subtasks or not issue.values.get("parent")) and _matches(issue, query)

    theirs = (issue for issue in call.site.issues_for(call.person) if _had_to_do_with(issue, own))
    history = sorted(filter(wanted, theirs), key=lambda issue: issue.updated, reverse=True)
    sections = [_section("hs", "History Search", history, query)]
    if "currentJQL" in call.query:
        found = list(islice(filter(wanted, _current(call)), MOST))
        sections.append(_section("cs", "Current Search", found, query))
    return answer({"sections": sections})


def _had_to_do_with(issue: Issue, account_id: str) -> bool:
    return issue.creator == account_id or any(entry.author == account_id for entry in issue.histories)


TABLE: Table = (Operation("GET", "/rest/api/3/issue/picker", suggestions),)
