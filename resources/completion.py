"""What may stand in a template's variable or a prompt's argument, from what the account sees.

Somebody types meanwhile: answers are remembered, a longer beginning is answered from a shorter one's where that was
the whole answer, and of each kind only one question is out at a time.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import anyio
from mcp import MCPError
from mcp.server import MCPServer, ServerRequestContext
from mcp.types import (
    INTERNAL_ERROR,
    CompleteRequestParams,
    CompleteResult,
    Completion,
    ResourceTemplateReference,
)

from resources import choices
from resources.choices import Found, Given, Source
from server.callers import known
from server.client import Memory
from server.content import plain
from server.context import Deps
from server.entities import BOARD, ENTITIES, ISSUE, PAGE, PROJECT, SPACE, SPRINT
from server.errors import Invalid, IsthmusError, NotFound, Refused

MOST = 100  # values that the protocol allows in one answer

Request = ServerRequestContext[Deps, Any]
Sources = Mapping[tuple[str, str], Source]  # by the address of a template or the name of a prompt, and the variable

_OF = {
    PROJECT.uri: choices.PROJECTS,
    ISSUE.uri: choices.ISSUES,
    BOARD.uri: choices.BOARD_IDS,
    SPRINT.uri: choices.SPRINT_IDS,
    PAGE.uri: choices.PAGES,
    SPACE.uri: choices.SPACES,
}


def of_templates() -> Sources:
    """For each variable of each entity's templates, the source of the entity that it names."""
    found: dict[tuple[str, str], Source] = {}
    for entity in ENTITIES:
        own = _OF.get(entity.uri) or choices.below(entity)
        lineage = {above.key: _OF[above.uri] for above in entity.parents}
        for key, source in {**lineage, entity.key: own}.items():
            found[entity.uri, key] = source
        if entity.listing:
            found.update({(entity.list_template, key): source for key, source in lineage.items()})
    return found


def register(mcp: MCPServer[Deps], sources: Sources) -> None:
    answers: WeakKeyDictionary[Deps, Answers] = WeakKeyDictionary()  # of each account

    async def complete(ctx: Request, params: CompleteRequestParams) -> CompleteResult:
        return CompleteResult(completion=await offered(ctx, params) or Completion(values=[]))

    async def offered(ctx: Request, params: CompleteRequestParams) -> Completion | None:
        what = params.ref.uri if isinstance(params.ref, ResourceTemplateReference) else params.ref.name
        source = sources.get((what, params.argument.name))
        if source is None:
            return None
        given = (params.context.arguments if params.context else None) or {}
        try:
            site = ctx.lifespan_context.of(known(ctx.request))
            found = await answers.setdefault(site, Answers()).find(site, source, params.argument.value, given)
        except (Invalid, NotFound):  # of another variable, which is not yet what it will be
            return None
        except Refused:  # what is of the whole site, where its projects are narrowed
            return None
        except IsthmusError as error:
            raise MCPError(INTERNAL_ERROR, str(error)) from error
        values = [plain(choice.value) for choice in found.choices]
        return Completion(
            values=values[:MOST],
            total=len(values) if found.whole else None,
            has_more=len(values) > MOST or not found.whole,
        )

    # By the request: MCPServer's own door does not say who asks.
    server = mcp._lowlevel_server  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    server.add_request_handler("completion/complete", CompleteRequestParams, complete)


class Answers:
    def __init__(self) -> None:
        self._known = Memory[Found]()
        self._turns: defaultdict[str, anyio.Lock] = defaultdict(anyio.Lock)

    async def find(self, site: Deps, source: Source, begun: str, given: Given) -> Found:
        """The choices that begin so, those whose value itself does first."""
        async with self._turns[source.name]:
            found = self._remembered(source, begun, given) or await self._ask(site, source, begun, given)
        fitting = [choice for choice in found.choices if choice.begins(begun)]
        fitting.sort(key=lambda choice: not choice.value.casefold().startswith(begun.casefold()))
        return Found(fitting, found.whole)

    def _remembered(self, source: Source, begun: str, given: Given) -> Found | None:
        for end in range(len(begun)):
            known = self._known.known(_key(source, begun[:end], given))
            if known and known.whole:
                return known
        return None

    async def _ask(self, site: Deps, source: Source, begun: str, given: Given) -> Found:
        asked = begun if source.by_beginning else ""
        return await self._known.get(_key(source, asked, given), lambda: source.ask(site, asked, given))


def _key(source: Source, begun: str, given: Given) -> str:
    return "\n".join([source.name, begun.casefold().strip(), *(given.get(name, "") for name in source.depends_on)])
