"""Attachments of issues: uploaded as forms, read as bytes."""

from mimetypes import MimeTypes
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from server.sandbox import refusals, wire, writes
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.jira_issues import ONE, issue_of
from server.sandbox.jira_search import view_of
from server.sandbox.records import Attachment, Change, Issue

API = "/rest/api/3/attachment"
UPLOAD_LIMIT = 20 * 2**20  # bytes, of one file
KINDS = MimeTypes()  # Python's own table, without the machine's
NO_CHECK = ("no-check", "nocheck")
MEDIA = "/media/jira/{attachment}"


def must_trust(call: Call) -> None:
    """A form could be sent by any web page, but not with this header."""
    if call.headers.get("x-atlassian-token", "").lower() not in NO_CHECK:
        raise refusals.Refusal(403, {"errorMessages": ["XSRF check failed"], "errors": {}})


def files(form: FormData) -> list[UploadFile]:
    return [value for name, value in form.multi_items() if name == "file" and isinstance(value, UploadFile)]


def kind_of(file: UploadFile) -> str:
    guessed = KINDS.guess_type(file.filename or "")[0]
    return file.content_type or guessed or "application/octet-stream"


def add(call: Call) -> Response:
    must_trust(call)
    found = issue_of(call)
    project = call.site.projects[found.project]
    writes.must_write(project, call.person, "You do not have permission to create attachments for this issue.")
    given = files(call.form)
    if not given:
        raise refusals.jira(400, "No file was attached: the form takes parts named 'file'.")
    if any((file.size or 0) > UPLOAD_LIMIT for file in given):
        raise refusals.jira(413, f"The attachment exceeds the maximum size of {UPLOAD_LIMIT} bytes.")
    made = [_attached(call, found, file, file.file.read()) for file in given]
    return answer([wire.attachment(view_of(call), each) for each in made])


def _attached(call: Call, issue: Issue, file: UploadFile, content: bytes) -> Attachment:
    name, author, now = file.filename or "file", call.person.account_id, call.site.now()
    made = Attachment(call.site.next_id(), name, kind_of(file), len(content), author, now, content)
    issue.attachments.append(made)
    change = Change("Attachment", "attachment", (None, None), (made.id, name))
    writes.record(call.site, call.person, issue, [change])
    call.site.happened("attachment_created", call.person, issue.id, issue=issue, attachment=made)
    return made


def _found(call: Call) -> tuple[Issue, Attachment]:
    wanted = call.path["attachment"]
    for issue in call.site.issues_for(call.person):
        for attachment in issue.attachments:
            if attachment.id == wanted:
                return issue, attachment
    raise refusals.jira(404, f"The attachment with id '{wanted}' does not exist")


def metadata(call: Call) -> Response:
    shown = wire.attachment(view_of(call), _found(call)[1])
    return answer(shown | {"id": int(shown["id"])})


def content(call: Call) -> Response:
    attachment = _found(call)[1]
    if call.query.get("redirect", "true").lower() != "false":
        return RedirectResponse(f"{call.origin}{MEDIA.format(attachment=attachment.id)}", 303)
    return media(call)


def media(call: Call) -> Response:
    """The bytes, from `Range: bytes=...` on where it is asked for."""
    attachment = _found(call)[1]
    body = attachment.content or bytes(attachment.size)  # the demo's screenshot is black
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(attachment.filename)}"}
    asked = call.headers.get("range", "")
    if not asked.startswith("bytes="):
        return Response(body, 200, headers, attachment.mime_type)
    first, _, last = asked.removeprefix("bytes=").partition("-")
    start, end = int(first) if first.isdigit() else 0, int(last) if last.isdigit() else len(body) - 1
    if start >= len(body) or end < start:
        raise refusals.jira(416, "The range supplied is invalid.")
    part = body[start : end + 1]
    headers["content-range"] = f"bytes {start}-{start + len(part) - 1}/{len(body)}"
    return Response(part, 206, headers, attachment.mime_type)


def settings(_: Call) -> Response:
    return answer({"enabled": True, "uploadLimit": UPLOAD_LIMIT})


def delete(call: Call) -> Response:
    issue, attachment = _found(call)
    project = call.site.projects[issue.project]
    writes.must_write(project, call.person, "You do not have permission to delete this attachment.")
    issue.attachments.remove(attachment)
    change = Change("Attachment", "attachment", (attachment.id, attachment.filename), (None, None))
    writes.record(call.site, call.person, issue, [change])
    call.site.happened("attachment_deleted", call.person, issue.id, issue=issue, attachment=attachment)
    return nothing()


TABLE: Table = (
    Operation("POST", ONE + "/attachments", add, errors=(400, 403, 404, 413), form=True),
    Operation("GET", API + "/meta", settings),
    Operation("GET", API + "/{attachment}", metadata, errors=(404,)),
    Operation("GET", API + "/content/{attachment}", content, errors=(404, 416)),
    Operation("GET", MEDIA, media, errors=(404, 416)),
    Operation("DELETE", API + "/{attachment}", delete, errors=(403, 404)),
)
