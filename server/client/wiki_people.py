"""Who is meant, in Confluence: people and groups by what they are called."""

import re
from collections.abc import Sequence

from pydantic import Field, field_validator

from server.entities import Model
from server.errors import Invalid

_CQL = re.compile(r"""^\s*user(\.\w+)?\s*[=~]|\bin\s*\(""", re.IGNORECASE)


class WikiPerson(Model):
    account_id: str = Field(validation_alias="accountId")
    name: str = Field("", validation_alias="displayName")
    email: str = ""

    @field_validator("name", "email", mode="before")
    @classmethod
    def _hidden(cls, value: object) -> object:
        return value or ""  # null where the person shows it to nobody

    def called(self, wanted: str) -> bool:
        """Whether part of the name, or the start of the address, is `wanted`, which is in lower case."""
        return wanted in self.name.casefold() or self.email.casefold().startswith(wanted)

    def is_called(self, wanted: str) -> bool:
        names = (self.account_id, self.email, "" if "@" in wanted else self.name)
        return wanted.casefold() in {name.casefold() for name in names if name}


class Group(Model):
    id: str
    name: str


class Groups(Model):
    groups: list[Group] = Field(validation_alias="results")


class Members(Model):
    people: list[WikiPerson] = Field(validation_alias="results")


class _Row(Model):
    user: WikiPerson


class Found(Model):
    rows: list[_Row] = Field(validation_alias="results")


def person_query(words: str) -> str:
    """The CQL for a name, an address, an account id, or for what is CQL already."""
    if _CQL.search(words):
        return words
    escaped = words.strip().replace("\\", "\\\\").replace('"', '\\"')
    by_id = re.fullmatch(r"[0-9a-f]{24}|[0-9]+:[0-9a-fA-F-]{36}", words.strip())
    return f'user.accountid = "{escaped}"' if by_id else f'user ~ "{escaped}"'


def the_one(name: str, people: Sequence[WikiPerson]) -> WikiPerson:
    """The one person of exactly this name. Raises Invalid with the candidates."""
    same = [each for each in people if each.is_called(name.strip())]
    if len(same) == 1:
        return same[0]
    if not people:
        raise Invalid(
            f"Nobody here is named `{name}`. Use an e-mail address, a full display name or an account id."
        ).then("confluence_search_user finds people.")
    names = "; ".join(f"{each.name} ({each.account_id})" for each in (same or people)[:10])
    raise Invalid(f"Who is `{name}`? Perhaps {names}. Repeat with the account id of the right one.")


def the_group(name: str, groups: Sequence[Group]) -> Group:
    """Raises Invalid with the candidates."""
    same = [each for each in groups if name.strip().casefold() in (each.name.casefold(), each.id)]
    if same:
        return same[0]
    near = f" Perhaps {', '.join(each.name for each in groups[:10])}." if groups else ""
    raise Invalid(f"No group is named `{name}`.{near}")
