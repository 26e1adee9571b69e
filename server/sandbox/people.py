"""The people of the demo site, and how Jira and Confluence show a person."""

from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

from server.sandbox.records import Json, Person

EVERYONE = "everyone"
ADMINISTRATORS = "jira-administrators"
ACCOUNT = "712020:5a9d3c10-41f6-4b7e-9c2d-{:012}"


def _person(number: int, name: str, mailbox: str, *groups: str, **more: object) -> Person:
    return Person(
        account_id=ACCOUNT.format(number),
        name=name,
        email=f"{mailbox}@example.com",
        token=f"{mailbox}-token",
        groups=frozenset({EVERYONE, *groups}),
        **more,  # pyright: ignore[reportArgumentType]
    )


DEMO = _person(1, "Demo User", "demo", "developers", "service-agents")
SAM_CARTER = _person(2, "Sam Carter", "sam.carter", "developers")
SAM_CARTWRIGHT = _person(3, "Sam Cartwright", "sam.cartwright", "developers", "service-agents")
ZOE = _person(4, "Zoë Lindqvist", "zoe", "developers", "leadership", "archivists")
KENJI = _person(
    5,
    "Kenji Watanabe",
    "kenji",
    "service-agents",
    email_hidden=True,
    time_zone="Asia/Tokyo",
    utc_offset=timedelta(hours=9),
)
OLGA = _person(6, "Olga Petrova", "olga", "developers", active=False)
PRIYA = _person(
    7,
    "Priya Raman",
    "priya",
    "developers",
    "leadership",
    time_zone="Asia/Kolkata",
    utc_offset=timedelta(hours=5, minutes=30),
)
ROBOT = _person(8, "Automation for Jira", "automation", account_type="app")
ADA = _person(9, "Ada Okafor", "ada", "developers", "service-agents", "leadership", ADMINISTRATORS)
CUSTOMER = replace(_person(10, "Carla Customer", "carla", account_type="customer"), groups=frozenset[str]())
SERVICE_ACCOUNT = _person(11, "Reporting Service", "reporting", "developers", account_type="app")

PEOPLE = (DEMO, SAM_CARTER, SAM_CARTWRIGHT, ZOE, KENJI, OLGA, PRIYA, ROBOT, ADA, CUSTOMER, SERVICE_ACCOUNT)


def matches(person: Person, query: str) -> bool:
    """Jira looks at the start of each word of the name and at the start of a visible address."""
    wanted = query.casefold().strip()
    words = person.name.casefold().split()
    starts = [" ".join(words[i:]) for i in range(len(words))]
    if not person.email_hidden:
        starts.append(person.email.casefold())
    return any(start.startswith(wanted) for start in starts)


def avatars(base: str, name: str) -> Json:
    return {size: f"{base}/avatar/{name}?size={size[:2]}" for size in ("48x48", "24x24", "16x16", "32x32")}


@lru_cache(maxsize=1_024)
def jira_user(person: Person, base: str) -> Json:
    """One dict for all who ask: copy it before you change it."""
    shown: Json = {
        "self": f"{base}/rest/api/3/user?accountId={person.account_id}",
        "accountId": person.account_id,
        "avatarUrls": avatars(base, person.account_id[-4:]),
        "displayName": person.name,
        "active": person.active,
        "timeZone": person.time_zone,
        "accountType": person.account_type,
    }
    if not person.email_hidden:
        shown["emailAddress"] = person.email
    return shown


def wiki_user(person: Person, base: str) -> Json:
    return {
        "type": "known",
        "accountId": person.account_id,
        "accountType": person.account_type,
        "email": "" if person.email_hidden else person.email,
        "publicName": person.name,
        "profilePicture": {
            "path": f"/wiki/aa-avatar/{person.account_id[-4:]}",
            "width": 48,
            "height": 48,
            "isDefault": True,
        },
        "displayName": person.name,
        "isExternalCollaborator": False,
        "isGuest": False,
        "_expandable": {"operations": "", "personalSpace": ""},
        "_links": {"self": f"{base}/wiki/rest/api/user?accountId={person.account_id}"},
    }
