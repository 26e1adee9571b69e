"""Confluence v2: comments on a passage of a page, marked in its body."""

from dataclasses import replace
from uuid import UUID

from starlette.responses import Response

from server.sandbox import refusals, wiki_markers, wiki_wire
from server.sandbox.adf import as_dict
from server.sandbox.call import Call, Operation, Table
from server.sandbox.wiki_comments import Kind, answered, edit, place, text_of
from server.sandbox.wiki_records import Anchor, Page, PageComment
from server.sandbox.wiki_spaces import V2

INLINE = Kind("inline-comments", inline=True)


def _chosen(call: Call, page: Page) -> tuple[str, int]:
    """The selected text and which of its occurrences is meant."""
    given = as_dict(call.json.get("inlineCommentProperties"))
    selection = given.get("textSelection")
    if not isinstance(selection, str) or not selection:
        raise refusals.wiki(400, "Required field 'inlineCommentProperties.textSelection' is missing")
    there = wiki_markers.count(page.latest.body, selection)
    said, index = given.get("textSelectionMatchCount"), given.get("textSelectionMatchIndex")
    if not isinstance(said, int) or not isinstance(index, int):
        raise refusals.wiki(400, "textSelectionMatchCount and textSelectionMatchIndex are required")
    if said != there or not 0 <= index < there:
        raise refusals.wiki(
            400, f"The text selection was found {there} times: match count {said} and match index {index} do not fit"
        )
    return selection, index


def _anchor(call: Call, page: Page) -> Anchor:
    """Marks the passage in the page, which keeps its version."""
    selection, index = _chosen(call, page)
    anchor = Anchor(str(UUID(int=int(call.site.next_id()), version=4)), selection)
    body = wiki_markers.put(page.latest.body, selection, index, anchor.marker)
    page.versions[-1] = replace(page.latest, body=body, adf="")
    return anchor


def create(call: Call) -> Response:
    page, parent = place(call, INLINE)
    text, document = text_of(call)
    anchor = parent.anchor if parent else _anchor(call, page)
    above, author = parent.id if parent else "", call.person.account_id
    made = PageComment(call.site.next_id(), page.id, author, text, call.site.now(), above, document, anchor)
    page.comments.append(made)
    call.site.happened("comment_created", call.person, page.id, comment=made.id)
    return answered(call, wiki_wire.comment(call.site, made, "storage"), 201)


def _resolve(call: Call, found: PageComment) -> None:
    wanted, anchor = call.json.get("resolved"), found.anchor
    if anchor is None or not isinstance(wanted, bool) or wanted == (anchor.state == "resolved"):
        return
    state = "resolved" if wanted else "reopened"
    found.anchor = replace(anchor, state=state, resolver=call.person.account_id, resolved=call.site.now())


def update(call: Call) -> Response:
    page, found = INLINE.own(call) if call.json.get("body") is not None else INLINE.open(call)
    if wiki_wire.resolution(page, found) == "dangling":
        raise refusals.wiki(400, "A dangling comment cannot be updated")
    if call.json.get("resolved") is not None and found.parent:
        raise refusals.wiki(400, "Only the first comment of a thread can be resolved")
    edit(call, found)
    _resolve(call, found)
    call.site.happened("comment_updated", call.person, page.id, comment=found.id)
    return answered(call, wiki_wire.comment(call.site, found, "storage"))


TABLE: Table = (
    *INLINE.table(),
    Operation("POST", f"{V2}/inline-comments", create, errors=(400, 403, 404, 413)),
    Operation("PUT", f"{V2}/inline-comments/{{comment}}", update, errors=(400, 403, 404, 409, 413)),
)
