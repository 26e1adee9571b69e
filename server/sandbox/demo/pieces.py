"""Short words for writing ADF by hand."""

from server.sandbox.records import Json, Person


def t(text: str, *marks: str, href: str = "") -> Json:
    shown: list[Json] = [{"type": mark} for mark in marks]
    if href:
        shown.append({"type": "link", "attrs": {"href": href}})
    return {"type": "text", "text": text} | ({"marks": shown} if shown else {})


def inline(*parts: str | Json) -> list[Json]:
    return [t(part) if isinstance(part, str) else part for part in parts]


def p(*parts: str | Json) -> Json:
    return {"type": "paragraph", "content": inline(*parts)}


def h(level: int, text: str) -> Json:
    return {"type": "heading", "attrs": {"level": level}, "content": [t(text)]}


def ul(*items: str | Json) -> Json:
    return {"type": "bulletList", "content": [{"type": "listItem", "content": [p(item)]} for item in items]}


def ol(*items: str | Json) -> Json:
    rows = [{"type": "listItem", "content": [p(item)]} for item in items]
    return {"type": "orderedList", "attrs": {"order": 1}, "content": rows}


def panel(kind: str, *parts: str | Json) -> Json:
    return {"type": "panel", "attrs": {"panelType": kind}, "content": [p(*parts)]}


def code(language: str, text: str) -> Json:
    return {"type": "codeBlock", "attrs": {"language": language}, "content": [t(text)]}


def table(header: list[str], *rows: list[str]) -> Json:
    def row(kind: str, cells: list[str]) -> Json:
        return {"type": "tableRow", "content": [{"type": kind, "attrs": {}, "content": [p(cell)]} for cell in cells]}

    attrs = {"isNumberColumnEnabled": False, "layout": "default", "localId": "8f2d0c7e-table"}
    return {
        "type": "table",
        "attrs": attrs,
        "content": [row("tableHeader", header), *(row("tableCell", cells) for cells in rows)],
    }


def mention(person: Person) -> Json:
    return {"type": "mention", "attrs": {"id": person.account_id, "text": f"@{person.name}", "accessLevel": ""}}


def status(text: str, color: str) -> Json:
    return {"type": "status", "attrs": {"text": text, "color": color, "localId": f"status-{text.lower()}", "style": ""}}


def tasks(*items: tuple[str, bool]) -> Json:
    rows = [
        {
            "type": "taskItem",
            "attrs": {"localId": f"task-{number}", "state": "DONE" if done else "TODO"},
            "content": [t(text)],
        }
        for number, (text, done) in enumerate(items, 1)
    ]
    return {"type": "taskList", "attrs": {"localId": "tasks-1"}, "content": rows}


def expand(title: str, *blocks: Json) -> Json:
    return {"type": "expand", "attrs": {"title": title}, "content": list(blocks)}


def emoji(name: str, text: str) -> Json:
    return {"type": "emoji", "attrs": {"shortName": f":{name}:", "id": f"{ord(text):x}", "text": text}}


def day(milliseconds: int) -> Json:
    return {"type": "date", "attrs": {"timestamp": str(milliseconds)}}


def card(url: str) -> Json:
    return {"type": "inlineCard", "attrs": {"url": url}}


def media(number: int, width: int, height: int) -> Json:
    attrs = {
        "type": "file",
        "id": f"6c1f3a0e-0000-4000-8000-{number:012d}",
        "collection": "",
        "width": width,
        "height": height,
        "alt": "screenshot.png",
    }
    return {"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [{"type": "media", "attrs": attrs}]}


RULE: Json = {"type": "rule"}


def doc(*blocks: Json) -> Json:
    return {"type": "doc", "version": 1, "content": list(blocks)}
