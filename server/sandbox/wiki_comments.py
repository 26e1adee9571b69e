"""Confluence v2: the comments below a page, and what inline comments share with them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from server.sandbox import refusals, wiki_wire
from server.sandbox.adf import as_dict
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.records import Json
from server.sandbox.wiki_pages import ONE, page_of
from server.sandbox.wiki_records import Page, PageComment, PageVersion
from server.sandbox.wiki_spaces import V2, checked_format, checked_id, listed, ordered, view_of
from server.sandbox.wiki_written import body_text, must_write

FORMATS = ("", "storage", "atlas_doc_format")
DATED: dict[str, Callable[[PageComment], datetime]] = {
    "created-date": lambda one: one.created,
    "modified-date": lambda one: one.latest.created,
}


@dataclass(frozen=True)
class Kind:
    """Footer comments or inline comments: the same operations under another name."""

    name: str
    inline: bool

    def has(self, comment: PageComment) -> bool:
        return (comment.anchor is not None) == self.inline

    def found(self, call: Call) -> tuple[Page, PageComment]:
        wanted = checked_id(call, call.path["comment"], "comment-id")
        for page in call.site.pages_for(call.person):
            for comment in page.comments:
                if comment.id == wanted and self.has(comment):
                    return page, comment
        raise refusals.wiki(404, "Not Found")

    def knows(self, call: Call) -> bool:
        wanted = call.path["comment"]
        pages = call.site.pages_for(call.person)
        return any(self.has(one) for page in pages for one in page.comments if one.id == wanted)

    def open(self, call: Call) -> tuple[Page, PageComment]:
        """A comment that the person may answer, resolve or reopen."""
        page, comment = self.found(call)
        must_write(call, call.site.spaces[page.space], "comment")
        return page, comment

    def own(self, call: Call) -> tuple[Page, PageComment]:
        """A comment that the person may change: people change what they wrote themselves."""
        page, comment = self.open(call)
        if comment.author != call.person.account_id:
            raise refusals.wiki(403, f"User {call.person.account_id} is not permitted to change this comment")
        return page, comment

    def of_page(self, call: Call) -> Response:
        page = page_of(call)
        form = checked_format(call, FORMATS)
        wanted = call.names("resolution-status")
        kept = [
            one
            for one in page.comments
            if self.has(one) and not one.parent and (not wanted or wiki_wire.resolution(page, one) in wanted)
        ]
        rows = ordered(call, kept, DATED, "created-date")
        path = f"{V2}/pages/{page.id}/{self.name}"
        return listed(call, path, rows, lambda one: wiki_wire.comment(call.site, one, form))

    def all(self, call: Call) -> Response:
        form = checked_format(call, FORMATS)
        kept = [one for page in call.site.pages_for(call.person) for one in page.comments if self.has(one)]
        rows = ordered(call, kept, DATED, "created-date")
        return listed(call, f"{V2}/{self.name}", rows, lambda one: wiki_wire.comment(call.site, one, form))

    def read(self, call: Call) -> Response:
        _, found = self.found(call)
        form = checked_format(call, (*FORMATS, "view"))
        wanted = call.query.get("version")
        version = self._version(found, wanted) if wanted is not None else None
        shown = wiki_wire.comment(call.site, found, form, version)
        if call.query.get("include-version") == "false":
            del shown["version"]
        if call.flag("include-versions"):
            shown["versions"] = {
                "results": [wiki_wire.version(one) for one in reversed(found.versions)],
                "meta": {"hasMore": False},
                "_links": {"self": f"/wiki/api/v2/{self.name}/{found.id}/versions"},
            }
        return answered(call, shown)

    def _version(self, found: PageComment, wanted: str) -> PageVersion:
        version = next((one for one in found.versions if str(one.number) == wanted), None)
        if version is None:
            raise refusals.wiki(404, f"Cannot find version {wanted} of content {found.id}")
        return version

    def delete(self, call: Call) -> Response:
        page, comment = self.own(call)
        gone = _thread(page, comment)
        page.comments = [one for one in page.comments if one.id not in gone]
        call.site.happened("comment_removed", call.person, page.id, comment=comment.id)
        return nothing()

    def children(self, call: Call) -> Response:
        page, comment = self.found(call)
        form = checked_format(call, FORMATS)
        rows = ordered(call, [one for one in page.comments if one.parent == comment.id], DATED, "created-date")
        path = f"{V2}/{self.name}/{comment.id}/children"
        return listed(call, path, rows, lambda one: wiki_wire.comment(call.site, one, form))

    def versions(self, call: Call) -> Response:
        page, comment = self.found(call)
        form = checked_format(call, FORMATS)

        def show(version: PageVersion) -> Json:
            body = {"body": wiki_wire.body(version, form)} if form else {}
            return wiki_wire.version(version) | {"comment": {"id": comment.id, "title": f"Re: {page.title}"} | body}

        return listed(call, f"{V2}/{self.name}/{comment.id}/versions", list(reversed(comment.versions)), show)

    def version(self, call: Call) -> Response:
        _, comment = self.found(call)
        wanted = checked_id(call, call.path["version"], "version-number")
        return answer(wiki_wire.version_details(comment.versions, self._version(comment, wanted)))

    def operations(self, call: Call) -> Response:
        page, comment = self.found(call)
        writes = bool(call.site.spaces[page.space].writers & call.person.groups)
        own = writes and comment.author == call.person.account_id
        verbs = ("read", *(("update", "delete") if own else ()))
        return answer({"operations": [{"operation": verb, "targetType": "comment"} for verb in verbs]})

    def table(self) -> Table:
        each = f"{V2}/{self.name}/{{comment}}"
        return (
            Operation("GET", f"{ONE}/{self.name}", self.of_page, errors=(400, 404)),
            Operation("GET", f"{V2}/{self.name}", self.all, errors=(400,)),
            Operation("GET", each, self.read, errors=(400, 404)),
            Operation("DELETE", each, self.delete, errors=(400, 403, 404)),
            Operation("GET", f"{each}/operations", self.operations, errors=(400, 404)),
            Operation("GET", f"{each}/children", self.children, errors=(400, 404)),
            Operation("GET", f"{each}/versions", self.versions, errors=(400, 404)),
            Operation("GET", f"{each}/versions/{{version}}", self.version, errors=(400, 404)),
        )


def _thread(page: Page, comment: PageComment) -> set[str]:
    """The comment and all that answers it."""
    ids = {comment.id}
    for one in page.comments:  # answers stand behind what they answer
        if one.parent in ids:
            ids.add(one.id)
    return ids


def answered(call: Call, shown: Json, status: int = 200) -> Response:
    shown["_links"]["base"] = view_of(call).wiki
    return answer(shown, status)


def place(call: Call, kind: Kind) -> tuple[Page, PageComment | None]:
    """The page that a new comment is for, and the comment that it answers."""
    page_id, parent_id = call.json.get("pageId"), call.json.get("parentCommentId")
    for page in call.site.pages_for(call.person):
        parent = next((one for one in page.comments if one.id == str(parent_id) and kind.has(one)), None)
        if parent or (page.id == str(page_id) and parent_id is None):
            must_write(call, call.site.spaces[page.space], "comment")
            return page, parent
    raise refusals.wiki(404, "Could not find the content to comment on")


def text_of(call: Call) -> tuple[str, str]:
    text, document = body_text(call.json.get("body"))
    if not text.strip():
        raise refusals.wiki(400, "Comment body cannot be empty")
    return text, document


def checked_number(call: Call, found: PageComment) -> int:
    number = as_dict(call.json.get("version")).get("number")
    if not isinstance(number, int):
        raise refusals.wiki(400, "Required field 'version.number' is missing")
    if number != found.latest.number + 1:
        raise refusals.stale(found.latest.number, number)
    return number


def edit(call: Call, found: PageComment) -> None:
    """A new version, as the body tells it; without a text it keeps the one it has."""
    number, latest = checked_number(call, found), found.latest
    text, document = text_of(call) if call.json.get("body") is not None else (latest.body, latest.adf)
    message = str(as_dict(call.json.get("version")).get("message") or "")
    now = call.site.now()
    found.edits.append(PageVersion(number, "", text, call.person.account_id, now, message, document))


FOOTER = Kind("footer-comments", inline=False)


def create(call: Call) -> Response:
    page, parent = place(call, FOOTER)
    text, document = text_of(call)
    above = parent.id if parent else ""
    made = PageComment(call.site.next_id(), page.id, call.person.account_id, text, call.site.now(), above, adf=document)
    page.comments.append(made)
    call.site.happened("comment_created", call.person, page.id, comment=made.id)
    return answered(call, wiki_wire.comment(call.site, made, "storage"), 201)


def update(call: Call) -> Response:
    page, found = FOOTER.own(call)
    if call.json.get("body") is None:
        raise refusals.wiki(400, "Required field 'body' is missing")
    edit(call, found)
    call.site.happened("comment_updated", call.person, page.id, comment=found.id)
    return answered(call, wiki_wire.comment(call.site, found, "storage"))


TABLE: Table = (
    *FOOTER.table(),
    Operation("POST", f"{V2}/footer-comments", create, errors=(400, 403, 404, 413)),
    Operation("PUT", f"{V2}/footer-comments/{{comment}}", update, errors=(400, 403, 404, 409, 413)),
)
