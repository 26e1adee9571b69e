"""Groups of people, as both products name them."""

from server.sandbox.records import Json
from server.sandbox.site import Site


def group_id(name: str) -> str:
    return f"group-{name}"


def names(site: Site) -> list[str]:
    return sorted(set[str]().union(*(person.groups for person in site.people.values())))


def found(site: Site, wanted: str) -> str | None:
    """The name of the group with this id."""
    return next((name for name in names(site) if group_id(name) == wanted), None)


def wiki_group(name: str, base: str) -> Json:
    return {
        "type": "group",
        "name": name,
        "id": group_id(name),
        "usageType": "USERBASE_GROUP",
        "managedBy": "ADMINS",
        "_links": {"self": f"{base}/wiki/rest/api/group/by-id?id={group_id(name)}"},
    }
