"""Short words for what tests write."""

from typing import Any

Doc = dict[str, Any]


def doc(text: str = "Hello") -> Doc:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"type": "doc", "version": 1, "content": [paragraph]}


def issue(summary: Any = "A new issue", **fields: Any) -> Doc:
    return {"fields": {"project": {"key": "DEMO"}, "issuetype": {"name": "Task"}, "summary": summary} | fields}


def page(title: str, body: str = "<p>Hello</p>", **more: Any) -> Doc:
    written = {"representation": "storage", "value": body}
    return {"spaceId": "65537", "status": "current", "title": title, "body": written} | more
