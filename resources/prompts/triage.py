"""New issues of a project, and what to do about each."""

from collections.abc import Sequence

from mcp.types import ContentBlock

from resources import choices
from resources.prompts import declare
from resources.prompts.declare import Argument, Asked, Prompt
from server.client import quote
from server.entities import PROJECT


async def _write(asked: Asked) -> Sequence[str | ContentBlock]:
    project, label, status = (asked.values[name] for name in ("project", "label", "status"))
    key = project.upper()
    shown = await asked.shown(PROJECT, key)
    parts = [
        f"project = {quote(key)}",
        f"labels = {quote(label)}" if label else "",
        f"status = {quote(status)}" if status else "statusCategory = 'To Do' AND assignee IS EMPTY",
    ]
    jql = " AND ".join(part for part in parts if part) + " ORDER BY priority DESC, created"
    task = asked.instructed(
        f"Triage the issues of {key} below. Propose a table first: for each issue its type, its priority, who should "
        "take it and why; then change what I agree to.",
        ("jira_get_issue", "Read what its summary leaves unclear with jira_get_issue."),
        ("jira_search", "Look for duplicates with jira_search; name the older issue."),
        ("jira_search_assignable_users", "Whom an issue can be given to: jira_search_assignable_users."),
        ("", "Show me the table, and wait for my word."),
        ("jira_update_issue", "Set type, priority, labels and assignee with jira_update_issue."),
        ("jira_add_comment", "Ask the reporter for what is missing with jira_add_comment, in one question."),
        ("jira_create_issue_link", "Link duplicates with jira_create_issue_link."),
        ("jira_transition_issue", "Move on with jira_transition_issue what can be started or closed."),
        ("", "Say in the end what was changed, and what is left and why."),
    )
    columns = ("issuetype", "priority", "status", "reporter", "created", "summary")
    return [task, shown, await asked.issues("To triage", jql, *columns)]


TRIAGE = Prompt(
    name="triage",
    title="Triage new issues",
    about="Go through a project's issues that nobody has taken yet: type, priority, duplicates, who does it",
    arguments=(
        declare.PROJECT,
        Argument(name="label", about="only issues with this label", default="", choices=choices.LABELS),
        Argument(
            name="status",
            about="issues in this status, rather than those not started that nobody has",
            default="",
            choices=choices.STATUSES,
        ),
    ),
    tools=frozenset({"jira_search"}),
    write=_write,
)
