"""People who use Confluence."""

from typing import Annotated

from pydantic import Field

from server.client import WikiPerson
from server.context import Confluence
from server.entities import Model, line
from tools.declare import reads
from tools.lists import heading
from tools.parameters import LONGEST_QUERY, Limit


class Users(Model):
    users: list[WikiPerson]

    def text(self) -> str:
        if not self.users:
            return "Nobody matches. Names match by the start of each word; an e-mail address only if it is visible."
        count = heading(len(self.users), "person").replace("persons", "people")
        rows = [line(each.name, each.email or "-", each.account_id, by=" | ") for each in self.users]
        return "\n".join([count, "name | e-mail | account id", *rows])


@reads
async def confluence_search_user(
    query: Annotated[str, Field(min_length=1, max_length=LONGEST_QUERY, description="Name, e-mail or user CQL")],
    confluence: Confluence,
    limit: Limit = 10,
    group_name: Annotated[str | None, Field(min_length=1, description="Only its members")] = None,
) -> Users:
    """Find Confluence users by name or e-mail."""
    if group_name is None:
        return Users(users=await confluence.people_like(query, limit))
    group = await confluence.group(group_name)
    members = await confluence.members(group.id)
    wanted = query.strip().casefold()
    return Users(users=[each for each in members if each.called(wanted)][:limit])
