"""People on a Jira site."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from server.context import Jira
from server.entities import ISSUE, PROJECT, Model, Person, line
from server.errors import Refused
from tools.declare import reads
from tools.lists import heading, table
from tools.parameters import LONGEST_QUERY, IssueKey, Limit, ProjectKey


class Profile(Person):
    time_zone: str | None = Field(None, validation_alias="timeZone")

    def text(self) -> str:
        inactive = None if self.active else "inactive"
        return line(self.name, self.account_id, self.email, self.time_zone, inactive, by=" | ")


class People(Model):
    people: list[Profile]

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, answer: Any) -> Any:
        return {"people": answer}

    def text(self) -> str:
        rows = [line(each.name, each.account_id, each.email, by=" | ") for each in self.people]
        return "\n".join([heading(len(rows), "person"), *table("name | account id | e-mail", rows)])


@reads
async def jira_get_user_profile(
    user_identifier: Annotated[str, Field(min_length=1, description="E-mail, name, id or me")], jira: Jira
) -> Profile:
    """Tell who a Jira user is."""
    if user_identifier.strip().casefold() == "me":
        return await jira.get(Profile, "myself", named="your own account")
    query = {"accountId": await jira.account_id(user_identifier)}
    return await jira.get(Profile, "user", query, named=f"person `{user_identifier}`")


@reads
async def jira_search_assignable_users(
    query: Annotated[str, Field(max_length=LONGEST_QUERY, description="May be empty")],
    jira: Jira,
    project_key: ProjectKey | None = None,
    issue_key: IssueKey | None = None,
    limit: Limit = 20,
) -> People:
    """Find who can be assigned to a Jira issue, or in a project."""
    if (project_key is None) == (issue_key is None):
        raise Refused("Assignable to what? Pass either project_key or issue_key.")
    place = {"issueKey": issue_key} if issue_key else {"project": str(project_key)}
    named = ISSUE.named(issue_key) if issue_key else PROJECT.named(str(project_key))
    asked = {"query": query, "maxResults": limit, **place}
    return await jira.get(People, "user/assignable/search", asked, named=named)
