"""Attachments of pages on their way out."""

from typing import Any
from urllib.parse import quote

from server.sandbox.people import wiki_user
from server.sandbox.records import Json
from server.sandbox.wiki_records import FileVersion, Page, PageFile
from server.sandbox.wiki_wire import View, moment, neighbours

KINDS = {
    "image/png": "PNG Image",
    "image/jpeg": "JPEG Image",
    "image/gif": "GIF Image",
    "text/plain": "Text File",
    "application/pdf": "PDF Document",
    "application/zip": "Zip Archive",
}


def _kind(version: FileVersion) -> str:
    return KINDS.get(version.mime_type, "File")


def _links(found: PageFile, version: FileVersion, api: str) -> dict[str, str]:
    changed = int(version.created.timestamp() * 1_000)
    asked = f"version={version.number}&modificationDate={changed}&cacheVersion=1&api={api}"
    preview = quote(f"/{found.page}/{found.id.removeprefix('att')}/{version.name}", safe="")
    return {
        "webui": f"/pages/viewpageattachments.action?pageId={found.page}&preview={preview}",
        "download": f"/download/attachments/{found.page}/{quote(version.name, safe='')}?{asked}",
    }


def version(found: FileVersion) -> Json:
    return {
        "number": found.number,
        "message": found.comment,
        "minorEdit": found.minor,
        "authorId": found.author,
        "createdAt": moment(found.created),
    }


def version_details(versions: list[FileVersion], found: FileVersion) -> Json:
    return version(found) | neighbours([one.number for one in versions], found.number, found.author)


def attachment(found: PageFile, shown: FileVersion | None = None) -> Json:
    """As it is, or as it was in a version of it."""
    current = shown or found.latest
    links = _links(found, current, "v2")
    return {
        "id": found.id,
        "status": found.status if current is found.latest else "historical",
        "title": current.name,
        "createdAt": moment(found.created),
        "pageId": found.page,
        "mediaType": current.mime_type,
        "mediaTypeDescription": _kind(current),
        "comment": current.comment,
        "fileId": found.file,
        "fileSize": len(current.content),
        "webuiLink": links["webui"],
        "downloadLink": links["download"],
        "version": version(current),
        "_links": links,
    }


def operations(view: View, page: Page) -> list[Json]:
    verbs = ["read"]
    if view.site.may_update(view.person, page):
        verbs += ["update", "delete", "copy"]
    return [{"operation": verb, "targetType": "attachment"} for verb in verbs]


def old_attachment(view: View, found: PageFile) -> Json:
    """Version 1."""
    latest = found.latest
    by = wiki_user(view.site.person(latest.author), view.base)
    about: dict[str, Any] = {"mediaType": latest.mime_type, "comment": latest.comment}
    unlabelled: Json = {"labels": {"results": [], "size": 0}, "_expandable": {"currentuser": "", "properties": ""}}
    return {
        "id": found.id,
        "type": "attachment",
        "status": found.status,
        "title": latest.name,
        "macroRenderedOutput": {},
        "version": {
            "by": by,
            "when": moment(latest.created),
            "friendlyWhen": "",
            "message": latest.comment,
            "number": latest.number,
            "minorEdit": latest.minor,
        },
        "metadata": about | unlabelled,
        "extensions": about
        | {
            "fileSize": len(latest.content),
            "mediaTypeDescription": _kind(latest),
            "fileId": found.file,
            "collectionName": f"contentId-{found.page}",
        },
        "_expandable": dict.fromkeys(["childTypes", "operations", "children", "restrictions", "history", "body"], "")
        | {"container": f"/rest/api/content/{found.page}"},
        "_links": _links(found, latest, "v1") | {"self": f"{view.wiki}/rest/api/content/{found.id}"},
    }
