"""A Confluence space."""

from pydantic import AliasPath, Field

from server.entities.confluence_mirrors import SPACE_MIRROR
from server.entities.entity import Entity
from server.entities.model import Model, line


class Space(Model):
    id: str
    key: str
    name: str
    type: str | None = None
    status: str | None = None
    homepage_id: str | None = Field(None, validation_alias="homepageId")
    description: str | None = Field(None, validation_alias=AliasPath("description", "plain", "value"))

    def text(self) -> str:
        facts = line(self.type, self.status, self.homepage_id and f"homepage {self.homepage_id}")
        return line(f"# {self.key}: {self.name}\n{facts}".rstrip(), self.description, by="\n\n")


SPACE = Entity(
    name="space",
    product="confluence",
    key="key",
    pattern="~?[A-Za-z0-9_.-]+",
    model=Space,
    read_path="spaces",
    read_query={"keys": "{id}", "description-format": "plain"},
    listed="results",
    hint="Check the key.",
    finder="confluence_list_spaces lists the spaces.",
    mirror=SPACE_MIRROR,
)
