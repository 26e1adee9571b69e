"""Change something small in an issue's description."""

from server.content import adf_to_markdown, plain
from server.context import Jira
from server.entities import ISSUE
from tools.declare import writes
from tools.descriptions import DESCRIPTION, description, rewritten
from tools.jira_issues.writing import Written, browse
from tools.parameters import IssueKey
from tools.rewrites import AllowLoss, DryRun, tried
from tools.small_edits import Action, At, Change, Column, SmallEdit, Which


@writes(destructive=True, idempotent=False)
async def jira_edit_description(
    issue_key: IssueKey,
    action: Action,
    jira: Jira,
    at: At = "",
    content: Change = "",
    column: Column = "",
    number: Which = None,
    allow_loss: AllowLoss = False,
    dry_run: DryRun = False,
) -> Written:
    """Change a part of a Jira issue's description, or add to it."""
    before = await description(jira, issue_key)
    edited = SmallEdit(action, at, content, column, number).of(plain(adf_to_markdown(before)))
    change = await rewritten(f"the description of {issue_key}", before, edited)
    done = Written(key=issue_key, done=f"Updated {issue_key}: {DESCRIPTION}", url=browse(jira, issue_key))
    if dry_run:
        return done.model_copy(update={"preview": tried(change.preview())})
    if not allow_loss:
        change.refuse_losses()
    body = {"fields": {DESCRIPTION: change.after}}
    await jira.send("PUT", ISSUE.path(issue_key), body=body, named=ISSUE.named(issue_key))
    return done
