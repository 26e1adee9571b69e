"""Spaces, pages and comments on their way out: the JSON that Confluence sends."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.datastructures import QueryParams

from server.sandbox import page_formats, storage
from server.sandbox.records import Json, Person
from server.sandbox.site import Site
from server.sandbox.wiki_records import ContentProperty, Label, Page, PageComment, PageVersion, Space

FORMATS = ("storage", "atlas_doc_format", "view", "export_view", "styled_view", "anonymous_export_view", "editor")


@dataclass(frozen=True)
class View:
    site: Site
    person: Person
    base: str

    @property
    def wiki(self) -> str:
        return f"{self.base}/wiki"


def moment(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def version(found: PageVersion) -> Json:
    return {
        "number": found.number,
        "message": found.message,
        "minorEdit": False,
        "authorId": found.author,
        "createdAt": moment(found.created),
    }


def version_details(versions: list[PageVersion], found: PageVersion) -> Json:
    return version(found) | neighbours([one.number for one in versions], found.number, found.author)


def neighbours(numbers: list[int], number: int, author: str) -> Json:
    """What is told of a single version besides: its neighbours and who had a hand in it."""
    row: Json = {"contentTypeModified": False, "collaborators": [author]}
    if number - 1 in numbers:
        row["prevVersion"] = number - 1
    if number + 1 in numbers:
        row["nextVersion"] = number + 1
    return row


def body(found: PageVersion, form: str) -> Json:
    if form == "storage":
        value = found.body
    elif form == "atlas_doc_format":
        value = found.adf or json.dumps(page_formats.to_adf(found.body), ensure_ascii=False, separators=(",", ":"))
    else:
        value = storage.view(found.body)
    return {form: {"representation": form, "value": value}}


def page_links(site: Site, found: Page) -> Json:
    key = site.spaces[found.space].key
    slug = "+".join(found.title.split())
    return {
        "editui": f"/pages/resumedraft.action?draftId={found.id}",
        "webui": f"/spaces/{key}/pages/{found.id}/{slug}",
        "tinyui": f"/x/{int(found.id):x}",
    }


def status_of(found: Page, shown: PageVersion) -> str:
    if shown is found.latest:
        return found.status
    return "draft" if shown is found.draft else "historical"


def page(site: Site, found: Page, form: str = "", shown: PageVersion | None = None) -> Json:
    current = shown or found.latest
    row: Json = {
        "id": found.id,
        "status": status_of(found, current),
        "title": current.title,
        "spaceId": found.space,
        "parentId": found.parent or None,
        "parentType": "page" if found.parent else None,
        "position": found.place,
        "authorId": found.author,
        "ownerId": found.owner,
        "lastOwnerId": found.last_owner or None,
        "createdAt": moment(found.created),
        "version": version(current),
        "body": body(current, form) if form else {},
        "_links": page_links(site, found),
    }
    return {name: value for name, value in row.items() if name not in {"parentId", "parentType"} or value is not None}


def bulk_page(site: Site, found: Page, form: str = "") -> Json:
    """As lists show it."""
    return page(site, found, form) | ({"subtype": "live"} if found.live else {})


def child(found: Page) -> Json:
    return {
        "id": found.id,
        "status": found.status,
        "title": found.title,
        "spaceId": found.space,
        "childPosition": found.place,
    }


def space(view: View, found: Space, *, described: str = "") -> Json:
    row: Json = {
        "id": found.id,
        "key": found.key,
        "name": found.name,
        "type": "global",
        "status": "current",
        "authorId": found.author,
        "createdAt": moment(found.created),
        "homepageId": found.homepage,
        "_links": {"webui": f"/spaces/{found.key}"},
    }
    if described:
        row["description"] = {described: {"representation": described, "value": found.description}}
    return row


def label(found: Label) -> Json:
    return {"id": found.id, "name": found.name, "prefix": found.prefix}


def content_property(found: ContentProperty) -> Json:
    version: Json = {
        "number": found.number,
        "message": found.message,
        "minorEdit": False,
        "authorId": found.author,
        "createdAt": moment(found.created),
    }
    return {"id": found.id, "key": found.key, "value": found.value, "version": version}


def space_property(found: ContentProperty) -> Json:
    version: Json = {"createdAt": moment(found.created), "createdBy": found.author}
    return {
        "id": found.id,
        "key": found.key,
        "value": found.value,
        "createdAt": moment(found.made),
        "createdBy": found.maker,
        "version": version | {"message": found.message, "number": found.number},
    }


def page_operations(view: View, found: Page) -> list[Json]:
    """What the person may do with a page."""
    verbs = ["read"]
    if view.site.may_update(view.person, found):
        verbs += ["update", "delete", "copy", "move", "create_comment"]
    return [{"operation": verb, "targetType": "page"} for verb in verbs]


def comment(site: Site, found: PageComment, form: str = "", shown: PageVersion | None = None) -> Json:
    """As it is, or as it was in a version of it."""
    page, current = site.pages[found.page], shown or found.latest
    row: Json = {
        "id": found.id,
        "status": "current" if current.number == found.latest.number else "historical",
        "title": f"Re: {page.title}",
        "version": version(current),
        "body": body(current, form) if form else {},
        "_links": {"webui": f"{page_links(site, page)['webui']}?focusedCommentId={found.id}"},
    }
    row |= {"parentCommentId": found.parent} if found.parent else {"pageId": found.page}
    return row | (_anchored(page, found) if found.anchor else {})


def resolution(page: Page, found: PageComment) -> str:
    """`dangling` where the text that it was about is gone."""
    thread = next((one for one in page.comments if one.id == found.parent), found)
    if thread.anchor is None:
        return ""
    gone = f'ac:ref="{thread.anchor.marker}"' not in page.latest.body
    return "dangling" if gone and thread.anchor.state != "resolved" else thread.anchor.state


def _anchored(page: Page, found: PageComment) -> Json:
    if found.anchor is None:
        return {}
    row: Json = {
        "resolutionStatus": resolution(page, found),
        "properties": {
            "inlineMarkerRef": found.anchor.marker,
            "inlineOriginalSelection": found.anchor.selection,
        },
    }
    if found.anchor.resolved:
        row["resolutionLastModifierId"] = found.anchor.resolver
        row["resolutionLastModifiedAt"] = moment(found.anchor.resolved)
    return row


def listing(view: View, results: list[Json], following: str = "") -> Json:
    links: Json = {"base": view.wiki}
    if following:
        links["next"] = following
    return {"results": results, "_links": links}


def link_header(view: View, following: str) -> dict[str, str]:
    """`Link`, as Confluence v2 sends it beside `_links`."""
    base = f'<{view.wiki}>; rel="base"'
    return {"Link": f'<{following}>; rel="next", {base}' if following else base}


def wanted_format(query: QueryParams) -> str:
    return query.get("body-format", "")
