"""What Jira does with many issues behind one's back, and how far it is."""

from collections.abc import Iterable
from datetime import timedelta

from starlette.responses import Response

from server.sandbox import jira_moves, writes
from server.sandbox.adf import as_dict, as_list
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.jira_moves import Work
from server.sandbox.records import Issue, Json, Task
from server.sandbox.refusals import Refusal, bulk

BULK = "/rest/api/3/bulk"
MOST = 1_000
KEPT = timedelta(days=14)
NOT_VALID = "Some of the issues in the issueIdsOrKeys are not valid"


def chosen(call: Call, raw: object) -> list[Issue]:
    """The issues, each once, that a request names."""
    keys = dict.fromkeys(str(key) for key in as_list(raw))
    if not keys:
        raise bulk("You must select at least one issue.")
    if len(as_list(raw)) > MOST:
        raise bulk(f"You can select at most {MOST} issues at once.")
    found = [each for key in keys if (each := call.site.issue_for(call.person, key))]
    if len(found) < len(keys):
        raise bulk(NOT_VALID)
    return list({issue.id: issue for issue in found}.values())


def _why(refusal: Refusal) -> list[str]:
    return [*refusal.body.get("errorMessages", ()), *refusal.body.get("errors", {}).values()]


def _begin(call: Call, works: Iterable[Work]) -> Response:
    """The work is done at once; that it is done, is told when its time has come."""
    task = Task(call.site.next_id(), call.person.account_id, call.site.now(), call.site.task_seconds)
    with call.site.fallout():
        for issue, work in works:
            try:
                work()
            except Refusal as refusal:
                task.failed[issue.id] = _why(refusal)
            else:
                task.processed.append(issue.id)
    call.site.tasks[task.id] = task
    return answer({"taskId": task.id}, 201)


def move(call: Call) -> Response:
    targets = as_dict(call.json.get("targetToSourcesMapping"))
    if not targets:
        raise bulk("The targetToSourcesMapping must name at least one target.")
    works: list[Work] = []
    for name, raw in targets.items():
        source = as_dict(raw)
        target = jira_moves.target(call.site, call.person, name)
        issues = chosen(call, source.get("issueIdsOrKeys"))
        works += jira_moves.planned(call.site, call.person, target, issues, source)
    if len(works) > MOST:
        raise bulk(f"You can move at most {MOST} issues at once, sub-tasks included.")
    return _begin(call, works)


def _selected(call: Call) -> list[Issue]:
    return chosen(call, call.json.get("selectedIssueIdsOrKeys"))


def delete(call: Call) -> Response:
    def gone(issue: Issue) -> None:
        if issue.id in call.site.issues:  # perhaps with its parent
            writes.delete(call.site, call.person, issue, with_subtasks=True)

    return _begin(call, [(issue, lambda issue=issue: gone(issue)) for issue in _selected(call)])


def transition(call: Call) -> Response:
    inputs = [as_dict(each) for each in as_list(call.json.get("bulkTransitionInputs"))]
    if not inputs:
        raise bulk("The bulkTransitionInputs must not be empty.")
    if any(not each.get("transitionId") for each in inputs):
        raise bulk("Each of the bulkTransitionInputs needs a transitionId.")
    return _begin(call, [work for each in inputs for work in _transitions(call, each)])


def _transitions(call: Call, given: Json) -> list[Work]:
    body: Json = {"transition": {"id": str(given["transitionId"])}}
    issues = chosen(call, given.get("selectedIssueIdsOrKeys"))
    return [(each, lambda each=each: writes.transition(call.site, call.person, each, body)) for each in issues]


def watch(call: Call) -> Response:
    return _begin(call, [(issue, lambda issue=issue: _watching(call, issue)) for issue in _selected(call)])


def _watching(call: Call, issue: Issue) -> None:
    if call.person.account_id not in issue.watchers:
        issue.watchers.append(call.person.account_id)
        call.site.changed(issue)


def unwatch(call: Call) -> Response:
    return _begin(call, [(issue, lambda issue=issue: _not_watching(call, issue)) for issue in _selected(call)])


def _not_watching(call: Call, issue: Issue) -> None:
    if call.person.account_id in issue.watchers:
        issue.watchers.remove(call.person.account_id)
        call.site.changed(issue)


# How far a task is


def _epoch(call: Call, after: timedelta, task: Task) -> int:
    return int(min(call.site.now(), task.created + after).timestamp() * 1_000)


def progress(call: Call) -> Response:
    task = call.site.tasks.get(call.path["task"])
    if task is None or task.owner != call.person.account_id or call.site.now() - task.created >= KEPT:
        raise bulk("The task associated with this taskId is not a bulk operation task")
    whole = timedelta(seconds=task.seconds)
    past = call.site.now() - task.created
    over = past >= whole
    shown: Json = {
        "taskId": task.id,
        "status": "COMPLETE" if over else "RUNNING",
        "progressPercent": 100 if over else int(100 * past / whole),
        "submittedBy": {"accountId": task.owner},
        "created": _epoch(call, timedelta(), task),
        "started": _epoch(call, timedelta(), task),
        "updated": _epoch(call, whole, task),
    }
    if over:
        shown["totalIssueCount"] = len(task.processed) + len(task.failed)
        shown["invalidOrInaccessibleIssueCount"] = 0
        shown["processedAccessibleIssues"] = [int(each) for each in task.processed]
        if task.failed:
            shown["failedAccessibleIssues"] = task.failed
    return answer(shown)


TABLE: Table = (
    Operation("POST", BULK + "/issues/move", move, errors=(400,)),
    Operation("POST", BULK + "/issues/delete", delete, errors=(400,)),
    Operation("POST", BULK + "/issues/transition", transition, errors=(400,)),
    Operation("POST", BULK + "/issues/watch", watch, errors=(400,)),
    Operation("POST", BULK + "/issues/unwatch", unwatch, errors=(400,)),
    Operation("GET", BULK + "/queue/{task}", progress, errors=(400,)),
)
