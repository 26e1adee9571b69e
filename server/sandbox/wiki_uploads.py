"""Confluence v1: attachments sent as forms, changed and fetched."""

import re
from dataclasses import replace
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.responses import Response

from server.sandbox import refusals, wiki_file_wire
from server.sandbox.adf import as_dict
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.jira_attachments import NO_CHECK, UPLOAD_LIMIT, files, kind_of
from server.sandbox.wiki_files import files_of, link, lookup, sent
from server.sandbox.wiki_records import FileVersion, Page, PageFile
from server.sandbox.wiki_spaces import view_of

ALL = "/wiki/rest/api/content/{content}/child/attachment"
EACH = ALL + "/{attachment}"
DOWNLOAD = "/wiki/download/attachments/{content}/{filename}"
MEDIA_TYPE = re.compile(r"[!-~]+/[ -~]+")
Upload = tuple[str, str, bytes, str]  # name, media type, bytes, comment


def _must_trust(call: Call) -> None:
    if call.headers.get("x-atlassian-token", "").lower() not in NO_CHECK:
        raise refusals.Refusal(403, {"statusCode": 403, "message": "XSRF check failed"})


def _page(call: Call) -> Page:
    wanted = call.path["content"]
    found = call.site.page_for(call.person, wanted)
    if found is None or found.status not in ("current", "draft"):
        raise refusals.legacy(404, f"No content found with id: ContentId{{id={wanted}}}")
    return found


def _writable(call: Call) -> Page:
    found = _page(call)
    if not call.site.may_update(call.person, found):
        raise refusals.legacy(403, "User not permitted to attach files to this content")
    return found


def _container(call: Call) -> Page:
    """The page that takes new attachments: a draft only where the request says that it is one."""
    found = _writable(call)
    if call.query.get("status", "current") != found.status:
        raise refusals.legacy(404, f"No content found with id: ContentId{{id={found.id}}}")
    return found


def _attached(call: Call, page: Page) -> PageFile:
    wanted = call.path["attachment"]
    if not wanted.removeprefix("att").isdecimal():
        raise refusals.legacy(400, f"Invalid attachment id: {wanted}")
    found = lookup(call, wanted)
    if found is None or found.page != page.id or found.status != "current":
        raise refusals.legacy(404, f"No attachment found with id: {wanted}")
    return found


def _words(call: Call, name: str) -> list[str]:
    """Parts of the form that are text, sent as values or as files."""
    given = call.form.getlist(name)
    return [value.file.read().decode(errors="replace") if isinstance(value, UploadFile) else value for value in given]


def _uploads(call: Call) -> list[Upload]:
    given, comments = files(call.form), _words(call, "comment")
    if not given:
        raise refusals.legacy(400, "At least one file is required in the part named 'file'")
    if comments and len(comments) != len(given):
        raise refusals.legacy(400, "Every file must have a comment if one has")
    if any((file.size or 0) > UPLOAD_LIMIT for file in given):
        raise refusals.legacy(404, f"The attachment exceeds the maximum size of {UPLOAD_LIMIT} bytes")
    read = [(file.filename or "file", kind_of(file), file.file.read()) for file in given]
    return [(*one, comment) for one, comment in zip(read, comments or [""] * len(read), strict=True)]


def _version(call: Call, upload: Upload, number: int) -> FileVersion:
    name, kind, content, comment = upload
    minor = _words(call, "minorEdit")[:1] == ["true"]
    return FileVersion(number, name, kind, call.person.account_id, call.site.now(), content, comment, minor)


def _kept(call: Call, page: Page, upload: Upload) -> PageFile:
    """As a new attachment, or as a new version of the one with this name."""
    found = next((one for one in files_of(call.site, page) if one.name == upload[0]), None)
    if found:
        return _renewed(call, found, upload)
    number = call.site.next_id()
    name = str(UUID(int=int(number), version=4))
    made = PageFile(f"att{number}", page.id, name, [_version(call, upload, 1)])
    call.site.files[made.id] = made
    call.site.happened("attachment_created", call.person, page.id, attachment=made.id)
    return made


def _renewed(call: Call, found: PageFile, upload: Upload) -> PageFile:
    found.versions.append(_version(call, upload, found.latest.number + 1))
    call.site.happened("attachment_updated", call.person, found.page, attachment=found.id)
    return found


def _answered(call: Call, page: Page, made: list[PageFile]) -> Response:
    view = view_of(call)
    links = {"base": view.wiki, "context": "/wiki", "self": f"{view.wiki}/rest/api/content/{page.id}/child/attachment"}
    shown = [wiki_file_wire.old_attachment(view, one) for one in made]
    return answer({"results": shown, "start": 0, "limit": 50, "size": len(shown), "_links": links})


def create(call: Call) -> Response:
    _must_trust(call)
    page = _container(call)
    uploads = _uploads(call)
    taken = {one.name for one in files_of(call.site, page)}
    for name, *_ in uploads:
        if name in taken:
            raise refusals.legacy(
                400, f"Cannot add a new attachment with same file name as an existing attachment: {name}"
            )
        taken.add(name)
    return _answered(call, page, [_kept(call, page, one) for one in uploads])


def create_or_update(call: Call) -> Response:
    _must_trust(call)
    page = _container(call)
    made = [_kept(call, page, one) for one in _uploads(call)]
    return _answered(call, page, list({one.id: one for one in made}.values()))


def renew(call: Call) -> Response:
    """New bytes under the old name."""
    _must_trust(call)
    found = _attached(call, _writable(call))
    _, kind, content, comment = _uploads(call)[0]
    _renewed(call, found, (found.name, kind, content, comment))
    return answer(wiki_file_wire.old_attachment(view_of(call), found))


def update(call: Call) -> Response:
    """What is said of the file; its bytes and its version stay."""
    page = _writable(call)
    found = _attached(call, page)
    if str(call.json.get("id")) != found.id:
        raise refusals.legacy(400, "The id in the request body does not match the id in the path")
    number = as_dict(call.json.get("version")).get("number")
    if not isinstance(number, int):
        raise refusals.legacy(400, "The attachment's version number is missing")
    if number != found.latest.number:
        raise refusals.legacy(409, f"Version mismatch: the current version is {found.latest.number}, not {number}")
    target = _target(call, page)
    latest, about = found.latest, as_dict(call.json.get("metadata"))
    comment = about.get("comment", as_dict(call.json.get("extensions")).get("comment", latest.comment))
    name, kind = call.json.get("title") or latest.name, str(about.get("mediaType") or latest.mime_type)
    if not MEDIA_TYPE.fullmatch(kind):
        raise refusals.legacy(400, f"Invalid media type: {kind}")
    if any(one.name == name and one is not found for one in files_of(call.site, target)):
        raise refusals.legacy(400, f"An attachment with the name {name} already exists")
    found.versions[-1] = replace(latest, name=str(name), mime_type=kind, comment=str(comment))
    found.page = target.id
    call.site.happened("attachment_updated", call.person, found.page, attachment=found.id)
    return answer(wiki_file_wire.old_attachment(view_of(call), found))


def _target(call: Call, page: Page) -> Page:
    wanted = as_dict(call.json.get("container")).get("id")
    if wanted is None or str(wanted) == page.id:
        return page
    found = call.site.page_for(call.person, str(wanted))
    if found is None or found.status != "current" or not call.site.may_update(call.person, found):
        raise refusals.legacy(403, "User not permitted to move the attachment to this content")
    return found


def download(call: Call) -> Response:
    found = _attached(call, _page(call))
    return link(call, found, _asked(call, found))


def _asked(call: Call, found: PageFile) -> FileVersion:
    wanted = call.query.get("version", str(found.latest.number))
    version = next((one for one in found.versions if str(one.number) == wanted), None)
    if version is None:
        raise refusals.legacy(400, f"Invalid version of attachment {found.id}: {wanted}")
    return version


def media(call: Call) -> Response:
    page, name = _page(call), call.path["filename"]
    found = next((one for one in files_of(call.site, page) if one.name == name), None)
    if found is None:
        raise refusals.legacy(404, f"No attachment found with name: {name}")
    return sent(_asked(call, found))


TABLE: Table = (
    Operation("POST", ALL, create, errors=(400, 403, 404), form=True),
    Operation("PUT", ALL, create_or_update, errors=(400, 403, 404), form=True),
    Operation("PUT", EACH, update, errors=(400, 403, 404, 409)),
    Operation("POST", EACH + "/data", renew, errors=(400, 403, 404), form=True),
    Operation("GET", EACH + "/download", download, errors=(400, 404)),
    Operation("GET", DOWNLOAD, media, errors=(400, 404)),
)
