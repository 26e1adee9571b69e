"""Links between issues, and the kinds of them."""

from starlette.responses import Response

from server.sandbox import catalog, refusals, shapes, wire, writes
from server.sandbox.adf import as_dict
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.catalog import LinkType
from server.sandbox.jira_search import view_of
from server.sandbox.records import Change, Issue, Json, Link

ROOT, KIND = "/rest/api/3/issueLink", "/rest/api/3/issueLinkType"
NO_LINK = "No issue link with id '{}' exists."
MAY_NOT = "No Link Issue Permission for issue '{}'"


def _number(call: Call, name: str) -> str:
    wanted = call.path[name]
    if not wanted.isascii() or not wanted.isdigit():
        raise refusals.jira(400, f"The id '{wanted}' is not a number.")
    return wanted


# Kinds


def kinds(call: Call) -> Response:
    return answer({"issueLinkTypes": [shapes.link_type(view_of(call), row) for row in catalog.LINK_TYPES.values()]})


def kind(call: Call) -> Response:
    wanted = _number(call, "kind")
    if wanted not in catalog.LINK_TYPES:
        raise refusals.jira(404, f"No issue link type with id '{wanted}' found.")
    return answer(shapes.link_type(view_of(call), catalog.LINK_TYPES[wanted]))


def _wanted_kind(given: Json) -> LinkType:
    for row in catalog.LINK_TYPES.values():
        if given.get("name") == row.name or given.get("id") == row.id:
            return row
    raise refusals.jira(404, f"No issue link type with name '{given.get('name', given.get('id'))}' found.")


# Links


def _end(call: Call, side: str) -> Issue:
    given = as_dict(call.json.get(side))
    found = call.site.issue_for(call.person, str(given.get("key") or given.get("id") or ""))
    if found is None:
        raise refusals.jira(404, refusals.NO_ISSUE)
    return found


def _must_link(call: Call, *ends: Issue) -> None:
    """One may do it who may write in the project of either end."""
    if not any(call.site.projects[each.project].writers & call.person.groups for each in ends):
        raise refusals.jira(404, MAY_NOT.format(ends[0].key))


def _told(call: Call, row: LinkType, inward: Issue, outward: Issue, *, made: bool) -> None:
    """Both histories say it, each in the words of its side."""
    for issue, other, words in ((inward, outward, row.outward), (outward, inward, row.inward)):
        says, nothing_there = (other.key, f"This issue {words} {other.key}"), (None, None)
        old, new = (nothing_there, says) if made else (says, nothing_there)
        writes.record(call.site, call.person, issue, [Change("Link", "issuelinks", old, new)])


def create(call: Call) -> Response:
    row = _wanted_kind(as_dict(call.json.get("type")))
    inward, outward = _end(call, "inwardIssue"), _end(call, "outwardIssue")
    _must_link(call, inward, outward)
    if call.json.get("comment") is not None:
        writes.add_comment(call.site, call.person, outward, as_dict(call.json["comment"]))
    same = (row.id, inward.id, outward.id)
    if any((each.kind, each.inward, each.outward) == same for each in call.site.links_of(inward)):
        return answer({}, 201)
    made = Link(call.site.next_id(), *same)
    call.site.add_link(made)
    _told(call, row, inward, outward, made=True)
    call.site.happened("issuelink_created", call.person, made.id, link=made)
    return answer({}, 201)


def _found(call: Call) -> tuple[Link, Issue, Issue]:
    """The link and its ends, for somebody who may see both."""
    wanted = _number(call, "link")
    link = call.site.links.get(wanted)
    ends = [call.site.issue_for(call.person, each) for each in (link.inward, link.outward)] if link else []
    if link is None or ends[0] is None or ends[1] is None:
        raise refusals.jira(404, NO_LINK.format(wanted))
    return link, ends[0], ends[1]


def read(call: Call) -> Response:
    link, inward, outward = _found(call)
    view = view_of(call)
    shown = {
        "id": link.id,
        "self": f"{view.api}/issueLink/{link.id}",
        "type": shapes.link_type(view, catalog.LINK_TYPES[link.kind]),
        "inwardIssue": wire.brief(view, inward),
        "outwardIssue": wire.brief(view, outward),
    }
    return answer(shown)


def delete(call: Call) -> Response:
    link, inward, outward = _found(call)
    _must_link(call, inward, outward)
    call.site.remove_link(link)
    _told(call, catalog.LINK_TYPES[link.kind], inward, outward, made=False)
    call.site.happened("issuelink_deleted", call.person, link.id, link=link)
    return nothing()


TABLE: Table = (
    Operation("GET", KIND, kinds),
    Operation("GET", KIND + "/{kind}", kind, errors=(400, 404)),
    Operation("POST", ROOT, create, errors=(400, 404)),
    Operation("GET", ROOT + "/{link}", read, errors=(400, 404)),
    Operation("DELETE", ROOT + "/{link}", delete, errors=(400, 404)),
)
