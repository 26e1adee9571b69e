"""Made-up documents of blocks that many share: every node type and every mark of the format occurs."""

from collections.abc import Callable
from random import Random
from typing import Any

from server.sandbox.generated.vocabulary import PARTS, STEPS, complaint, pick, sentence, sentences
from server.sandbox.records import Json

POOL = 2_000  # blocks
DAY = 86_400_000  # milliseconds


def node(kind: str, *content: Json, **attrs: Any) -> Json:
    made: Json = {"type": kind}
    if attrs:
        made["attrs"] = attrs
    if content:
        made["content"] = list(content)
    return made


def text(words: str, *marks: Json) -> Json:
    return {"type": "text", "text": words, **({"marks": list(marks)} if marks else {})}


def mark(kind: str, **attrs: Any) -> Json:
    return {"type": kind, **({"attrs": attrs} if attrs else {})}


def marked(made: Json, *marks: Json) -> Json:
    return made | {"marks": list(marks)}


def paragraph(*content: Json | str) -> Json:
    return node("paragraph", *(text(each) if isinstance(each, str) else each for each in content))


class Blocks:
    """Makes blocks for one site: `people` are account ids with names, ids come from the seed."""

    def __init__(self, chance: Random, people: list[tuple[str, str]]) -> None:
        self.chance = chance
        self.people = people

    def id(self) -> str:
        raw = f"{self.chance.getrandbits(128):032x}"
        return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"

    def words(self) -> str:
        return sentence(self.chance)

    # Inlines

    def mention(self) -> Json:
        account, name = self.people[int(self.chance.random() * len(self.people))]
        return node("mention", id=account, text=f"@{name}", localId=self.id())

    def status(self) -> Json:
        color = pick(self.chance, ["neutral", "purple", "blue", "red", "yellow", "green"])
        return node("status", text=pick(self.chance, ["DRAFT", "OPEN", "DONE"]), color=color, localId=self.id())

    def date(self) -> Json:
        return node("date", timestamp=str(20_000 * DAY + int(self.chance.random() * 700) * DAY))

    def emoji(self) -> Json:
        name, shown = self.chance.choice((("smile", "😄"), ("warning", "⚠️"), ("rocket", "🚀"), ("thumbsup", "👍")))
        return node("emoji", shortName=f":{name}:", text=shown)

    def media(self, kind: str = "media") -> Json:
        attrs = {"id": self.id(), "type": "file", "collection": "generated"}
        return node(kind, **attrs, **({"width": 640, "height": 360} if kind == "media" else {}))

    def card(self, kind: str) -> Json:
        more = {"layout": "center", "width": 80.0} if kind == "embedCard" else {}
        return node(kind, url=f"https://example.com/{self.chance.randrange(999)}", **more)

    def extension(self, kind: str, *content: Json) -> Json:
        key = pick(self.chance, ["toc", "jira", "chart", "poll"])
        attrs = {"extensionType": "com.atlassian.confluence.macro.core", "extensionKey": key}
        return node(kind, *content, **attrs, localId=self.id())

    # Blocks

    def plain(self) -> Json:
        return paragraph(sentences(self.chance, 1, 4))

    def rich(self) -> Json:
        link = mark("link", href=f"https://docs.example.com/{self.chance.randrange(999)}")
        choices: list[Callable[[], Json]] = [
            lambda: text(self.words(), mark("strong"), mark("em")),
            lambda: text(self.words(), mark("strike")),
            lambda: text(self.words(), mark("underline")),
            lambda: text("max_retries = 4", mark("code")),
            lambda: text(self.words(), link),
            lambda: text("2", mark("subsup", type=pick(self.chance, ["sub", "sup"]))),
            lambda: text(self.words(), mark("textColor", color="#bf2600")),
            lambda: text(self.words(), mark("backgroundColor", color="#fff0b3")),
            lambda: text(self.words(), mark("annotation", id=self.id(), annotationType="inlineComment")),
            self.mention,
            self.status,
            self.date,
            self.emoji,
            lambda: self.card("inlineCard"),
            lambda: self.media("mediaInline"),
            lambda: self.extension("inlineExtension"),
            lambda: node("placeholder", text="Say who is affected"),
            lambda: node("hardBreak"),
        ]
        inner = [self.chance.choice(choices)() for _ in range(3)]
        return paragraph(f"{self.words()} ", inner[0], " ", inner[1], f" {self.words()} ", inner[2])

    def heading(self) -> Json:
        return node("heading", text(complaint(self.chance)), level=self.chance.randint(1, 6))

    def listed(self) -> Json:
        items = [node("listItem", paragraph(step.capitalize())) for step in self.chance.sample(STEPS, 4)]
        if self.chance.random() < 0.5:
            return node("orderedList", *items, order=1)
        return node("bulletList", *items[:-1], node("listItem", paragraph(self.words()), node("bulletList", items[-1])))

    def code(self) -> Json:
        body = f"def fix(part):\n    # {self.words()}\n    return part.restart({self.chance.randrange(99)})"
        return node("codeBlock", text(body), language=pick(self.chance, ["python", "sql", "json", "java"]))

    def panel(self) -> Json:
        kind = pick(self.chance, ["info", "note", "warning", "success", "error"])
        return node("panel", paragraph(self.words()), panelType=kind)

    def table(self) -> Json:
        head = node("tableRow", *(node("tableHeader", paragraph(name)) for name in ("Part", "State", "Owner")))
        rows = [
            node(
                "tableRow",
                node("tableCell", paragraph(pick(self.chance, PARTS))),
                node("tableCell", paragraph(self.status())),
                node("tableCell", paragraph(self.mention()), background="#e3fcef"),
            )
            for _ in range(self.chance.randint(1, 4))
        ]
        return node("table", head, *rows, isNumberColumnEnabled=False, layout="default", localId=self.id())

    def tasks(self) -> Json:
        items = [
            node("taskItem", text(self.words()), localId=self.id(), state=pick(self.chance, ["TODO", "DONE"]))
            for _ in range(3)
        ]
        return node("taskList", *items, localId=self.id())

    def block_task(self) -> Json:
        item = node("blockTaskItem", paragraph(self.words()), localId=self.id(), state="TODO")
        return node("taskList", item, localId=self.id())

    def decisions(self) -> Json:
        item = node("decisionItem", text(self.words()), localId=self.id(), state="DECIDED")
        return node("decisionList", item, localId=self.id())

    def picture(self) -> Json:
        bordered = marked(self.media(), mark("border", size=2, color="#091e4224"))
        return node("mediaSingle", bordered, node("caption", text(self.words())), layout="center")

    def pictures(self) -> Json:
        return node("mediaGroup", self.media(), self.media())

    def expand(self) -> Json:
        inner = node("nestedExpand", paragraph(self.words()), title="More")
        return node("expand", paragraph(self.words()), inner, title=complaint(self.chance))

    def layout(self) -> Json:
        columns = [node("layoutColumn", self.plain(), width=50.0) for _ in range(2)]
        return marked(node("layoutSection", *columns), mark("breakout", mode="wide"))

    def aligned(self) -> Json:
        return marked(self.plain(), mark("alignment", align=pick(self.chance, ["center", "end"])))

    def indented(self) -> Json:
        return marked(self.plain(), mark("indentation", level=self.chance.randint(1, 3)))

    def small(self) -> Json:
        return marked(self.plain(), mark("fontSize", fontSize="small"))

    def bodied(self) -> Json:
        return self.extension("bodiedExtension", self.plain())

    def sourced(self) -> Json:
        sources = mark("dataConsumer", sources=[self.id()])
        return marked(self.extension("extension"), sources, mark("fragment", localId=self.id(), name="Chart"))

    def makers(self) -> list[Callable[[], Json]]:
        rare: list[Callable[[], Json]] = [
            self.pictures,
            self.expand,
            self.layout,
            self.aligned,
            self.indented,
            self.small,
            self.bodied,
            self.sourced,
            self.decisions,
            self.block_task,
            lambda: node("rule"),
            lambda: self.card("blockCard"),
            lambda: self.card("embedCard"),
            lambda: node("blockquote", self.plain()),
            lambda: self.extension("extension"),
            lambda: node("syncBlock", resourceId=self.id(), localId=self.id()),
            lambda: node("bodiedSyncBlock", self.plain(), resourceId=self.id(), localId=self.id()),
        ]
        common = [self.plain] * 30 + [self.rich] * 14 + [self.heading] * 4 + [self.listed] * 6 + [self.panel] * 3
        return [*common, *[self.code] * 3, *[self.table] * 3, *[self.tasks] * 2, self.picture, *rare]

    def pool(self) -> list[Json]:
        makers = self.makers()
        # Each maker in turn, so that none is left to chance.
        return [makers[place % len(makers)]() for place in range(POOL)]


def document(chance: Random, pool: list[Json], least: int, most: int) -> Json:
    count = chance.randint(least, most)
    content = [pool[int(chance.random() * len(pool))] for _ in range(count)]
    return {"type": "doc", "version": 1, "content": content}
