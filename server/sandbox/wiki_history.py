"""Confluence: an old version of a page made the latest again, and what content ids stand for."""

from collections.abc import Iterator

from starlette.responses import Response

from server.sandbox import refusals, wiki_old_wire
from server.sandbox.adf import as_dict, as_list
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.wiki_family import content_of
from server.sandbox.wiki_files import seen
from server.sandbox.wiki_records import Page, PageVersion
from server.sandbox.wiki_spaces import V2, view_of
from server.sandbox.wiki_written import TITLE_TAKEN


def _asked(call: Call) -> tuple[Page, PageVersion]:
    """A version before the latest, of a page that is there: all else is a bad request."""
    try:
        page = content_of(call)
    except refusals.Refusal as refusal:
        raise refusals.legacy(400, str(refusal.body["message"]).partition(": ")[2]) from None
    if not call.site.may_update(call.person, page):
        raise refusals.legacy(403, "User not permitted to edit this content")
    if call.json.get("operationKey") != "restore":
        raise refusals.legacy(400, f"Unsupported operation for a version: {call.json.get('operationKey')}")
    number = as_dict(call.json.get("params")).get("versionNumber")
    version = next((one for one in page.versions[:-1] if one.number == number), None)
    if version is None:
        raise refusals.legacy(400, f"There is no earlier version {number} of content {page.id}")
    return page, version


def restore(call: Call) -> Response:
    page, old = _asked(call)
    asked, latest = as_dict(call.json.get("params")), page.latest
    title = old.title if asked.get("restoreTitle") is True else latest.title
    if call.site.page_titled(page.space, title) not in (None, page):
        raise refusals.legacy(400, TITLE_TAKEN)
    author, message = call.person.account_id, str(asked.get("message") or "")
    page.versions.append(PageVersion(latest.number + 1, title, old.body, author, call.site.now(), message, old.adf))
    call.site.happened("page_updated", call.person, page.id)
    return answer(wiki_old_wire.old_version(view_of(call), page.latest))


def _kinds(call: Call) -> Iterator[tuple[str, str]]:
    """The id and the kind of everything that the person may see."""
    for page in call.site.pages_for(call.person):
        yield page.id, "page"
        for comment in page.comments:
            yield comment.id, "inline-comment" if comment.anchor else "footer-comment"
    for file in seen(call):
        yield file.id.removeprefix("att"), "attachment"


def convert(call: Call) -> Response:
    ids = call.json.get("contentIds")
    if not isinstance(ids, list):
        raise refusals.wiki(400, "Required field 'contentIds' is missing")
    wanted = [str(one) for one in as_list(call.json["contentIds"])]
    kinds = {number: kind for number, kind in _kinds(call) if number in wanted}
    return answer({"results": {one: kinds.get(one) for one in wanted}})


TABLE: Table = (
    Operation("POST", "/wiki/rest/api/content/{content}/version", restore, errors=(400, 403)),
    Operation("POST", f"{V2}/content/convert-ids-to-types", convert, errors=(400,)),
)
