"""The types of the simulated site: one of each way in which Atlassian's differ."""

from server.entities.synced import Synced

ISSUE = Synced(
    kind="issue",
    rules={
        "key": "fixed",
        "summary": "scalar",
        "priority": "scalar",
        "description": "text",
        "labels": "set",
        "status": "status",
    },
    logged=True,
    lookup_lags=True,
)
COMMENT = Synced(kind="comment", root="issue", rules={"author": "fixed", "body": "text"}, ownership="append")
WORKLOG = Synced(kind="worklog", root="issue", rules={"author": "fixed", "seconds": "scalar"}, ownership="append")
FILE = Synced(
    kind="file",
    root="issue",
    rules={"author": "fixed", "name": "fixed", "content": "content"},
    marked=False,
    told_by=("name", "content"),
    ownership="append",
)
PAGE = Synced(
    kind="page",
    rules={"title": "scalar", "body": "text", "labels": "set"},
    marked=False,
    told_by=("title",),
    versioned=True,
    unique="title",
)
REMARK = Synced(
    kind="remark",
    root="page",
    rules={"author": "fixed", "body": "text"},
    marked=False,
    told_by=("body",),
    versioned=True,
    ownership="append",
)
KINDS = {each.kind: each for each in (ISSUE, COMMENT, WORKLOG, FILE, PAGE, REMARK)}
PARTS = {"issue": ("comment", "worklog", "file"), "page": ("remark",)}
STATUSES = ("open", "doing", "review", "done")
