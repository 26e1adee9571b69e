"""Who may read a page, and who may change it."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AliasPath, Field

from server.client import ConfluenceApiClient, WikiPerson
from server.client.wiki_people import Group
from server.context import Confluence
from server.entities import PAGE, Model
from server.errors import Refused
from tools.confluence_trash import found_or_trashed
from tools.consent import Confirm, Consent, asks
from tools.declare import reads, writes
from tools.parameters import Names, PageId

Operation = Literal["read", "update"]
OPERATIONS: tuple[Operation, ...] = ("read", "update")
SAID = {"read": "read", "update": "edit"}
EVERYBODY = "everybody whom the space and the pages above let"
MOST = 200  # of each kind that Confluence lists at once

People = Annotated[Names | None, Field(description="Comma-separated; with both empty: everybody")]


class Circle(Model):
    """Those who alone may do it; with nobody in it, it is no restriction."""

    operation: str
    users: list[WikiPerson] = Field([], validation_alias=AliasPath("restrictions", "user", "results"))
    groups: list[Group] = Field([], validation_alias=AliasPath("restrictions", "group", "results"))

    @property
    def limits(self) -> bool:
        return bool(self.users or self.groups)

    @property
    def names(self) -> list[str]:
        people = [each.name or each.account_id for each in self.users]
        return people + [f"group {each.name}" for each in self.groups]

    def text(self) -> str:
        return f"{SAID[self.operation]}: {', '.join(self.names) or EVERYBODY}"

    def as_sent(self) -> dict[str, object]:
        users = [{"type": "known", "accountId": each.account_id} for each in self.users]
        groups = [{"type": "group", "id": each.id} for each in self.groups]
        kinds = {"user": users, "group": groups}
        return {"operation": self.operation, "restrictions": {kind: some for kind, some in kinds.items() if some}}


class Restrictions(Model):
    circles: list[Circle] = Field(validation_alias="results")

    def of(self, operation: Operation) -> Circle:
        return next(
            (each for each in self.circles if each.operation == operation),
            Circle(operation=operation, users=[], groups=[]),
        )

    def text(self) -> str:
        return "\n".join(self.of(operation).text() for operation in OPERATIONS)


class Restricted(Restrictions):
    page_id: str

    def text(self) -> str:
        return f"Page {self.page_id} is set.\n{super().text()}"

    @property
    def touched(self) -> str:
        return PAGE.uri_of(self.page_id)


@reads
async def confluence_get_page_restrictions(page_id: PageId, confluence: Confluence) -> Restrictions:
    """Tell who may read and edit a Confluence page."""
    return await _now(confluence, page_id)


async def _who_may(
    page_id: str,
    read_users: str | None,
    read_groups: str | None,
    edit_users: str | None,
    edit_groups: str | None,
    confluence: Confluence,
) -> str:
    before = await _now(confluence, page_id)
    after = await _wanted(confluence, before, (read_users, read_groups), (edit_users, edit_groups))
    changes = " ".join(_change(before.of(each), after.of(each)) for each in OPERATIONS)
    return f"Set who may read and edit page {page_id}? {changes}"


def _change(before: Circle, after: Circle) -> str:
    text = after.text()
    gone = [name for name in before.names if name not in after.names] if before.limits else ["everybody else"]
    no_longer = f"; no longer: {', '.join(gone)}" if gone and after.limits else ""
    return f"{text[:1].upper()}{text[1:]}{no_longer}."


@writes(destructive=True, idempotent=True)
async def confluence_set_page_restrictions(
    page_id: PageId,
    confluence: Confluence,
    consent: Annotated[Consent, asks(_who_may)],
    read_users: People = None,
    read_groups: Names | None = None,
    edit_users: Names | None = None,
    edit_groups: Names | None = None,
    confirm: Confirm = False,
) -> Restricted:
    """Set who alone may read or edit a Confluence page; what is not named stays."""
    stated = [(read_users, read_groups), (edit_users, edit_groups)]
    # Confluence replaces both at once, so that one of which nothing was said has to be sent as it is.
    kept = any(pair == (None, None) for pair in stated)
    before = await _now(confluence, page_id) if kept else Restrictions(circles=[])
    after = await _wanted(confluence, before, *stated)
    limiting = [circle.as_sent() for circle in after.circles if circle.limits]
    path, named = _path(page_id), PAGE.named(page_id)
    async with found_or_trashed(confluence, page_id):
        if limiting:
            await confluence.send("PUT", path, body=limiting, named=named, repeatable=True)
        else:
            await confluence.send("DELETE", path, named=named, repeatable=True)
    return Restricted(circles=after.circles, page_id=page_id)


Pair = tuple[str | None, str | None]


async def _wanted(confluence: ConfluenceApiClient, before: Restrictions, read: Pair, edit: Pair) -> Restrictions:
    """What will hold. Raises Refused where it leaves out who asks for it."""
    if read == edit == (None, None):
        raise Refused(
            "Nothing was set: pass read_users, read_groups, edit_users or edit_groups. Empty ones let everybody."
        )
    circles = [
        _whole(before.of(operation)) if pair == (None, None) else await _circle(confluence, operation, pair)
        for operation, pair in zip(OPERATIONS, (read, edit), strict=True)
    ]
    await _refuse_lockout(confluence, [each for each in circles if each.limits])
    return Restrictions(circles=circles)


def _whole(circle: Circle) -> Circle:
    if MOST in (len(circle.users), len(circle.groups)):
        raise Refused(
            f"Nothing was set: over {MOST} may {SAID[circle.operation]} it now. Name all who shall, as a group."
        )
    return circle


async def _circle(confluence: ConfluenceApiClient, operation: Operation, pair: Pair) -> Circle:
    people, groups = (_each(names) for names in pair)
    return Circle(
        operation=operation,
        users=[await confluence.person(name) for name in people],
        groups=[await confluence.group(name) for name in groups],
    )


def _each(names: str | None) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in (names or "").split(",") if name.strip()))


async def _refuse_lockout(confluence: ConfluenceApiClient, circles: Sequence[Circle]) -> None:
    if not circles:
        return
    me = await confluence.me()
    by_group = [each for each in circles if me.account_id not in {user.account_id for user in each.users}]
    if not by_group:
        return
    mine = await confluence.groups_of(me.account_id) if any(each.groups for each in by_group) else set[str]()
    for circle in by_group:
        if mine.isdisjoint(group.id for group in circle.groups):
            word = SAID[circle.operation]
            raise Refused(f'Nothing was set: you yourself could no longer {word} the page. Add "me" to {word}_users.')


def _path(page_id: str) -> str:
    return f"/wiki/rest/api/content/{page_id}/restriction"


async def _now(confluence: ConfluenceApiClient, page_id: str) -> Restrictions:
    return await confluence.get(Restrictions, _path(page_id), {"limit": MOST}, named=PAGE.named(page_id))
