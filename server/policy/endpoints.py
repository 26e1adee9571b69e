"""What is known of Atlassian's operations under a filter: whose they are, and what shows it. The rest is refused.

One line is one operation, or all that lie below a path (`**`). A variable's name is the kind of thing that must be
inside of the filter. What follows says more:

    self    the answer is that thing and shows its place, so that it need not be looked up before
    only    of this list in the answer nothing is left but what shows that it is inside
    jql cql the parameter of that name is a query, to which the filter is added
    narrow  the parameter to which the filter's keys or ids go
    open    it is nobody's: people, fields, statuses
    count   the answer is a number: nothing can be taken from it afterwards
    ends    what was there is gone afterwards, or somewhere else
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

JIRA = """
GET        /rest/api/3/myself                                     open
GET        /rest/api/3/serverInfo                                 open
GET        /rest/api/3/field                                      open
GET        /rest/api/3/field/search                               open
GET        /rest/api/3/field/{}/context
GET        /rest/api/3/field/{}/context/issuetypemapping
GET        /rest/api/3/field/{}/context/projectmapping            only=values
POST       /rest/api/3/field/{}/context/mapping
GET        /rest/api/3/field/{}/context/{}/option
GET        /rest/api/3/customFieldOption/{}
GET        /rest/api/3/issuetype
GET        /rest/api/3/priority                                   open
GET        /rest/api/3/priority/search                            open
GET        /rest/api/3/resolution                                 open
GET        /rest/api/3/status
GET        /rest/api/3/issueLinkType                              open
GET        /rest/api/3/issueLinkType/{}                           open
GET        /rest/api/3/user                                       open
GET        /rest/api/3/user/search                                open
GET        /rest/api/3/user/assignable/search
GET        /rest/api/3/mypermissions
GET        /rest/api/3/attachment/meta                            open
GET        /rest/api/3/attachment/content/{attachment}
GET        /rest/api/3/attachment/thumbnail/{attachment}
GET,DELETE /rest/api/3/attachment/{attachment}
GET,POST   /rest/api/3/search/jql                                 jql=jql only=issues
POST       /rest/api/3/search/approximate-count                   jql=jql count
POST       /rest/api/3/changelog/bulkfetch
POST       /rest/api/3/comment/list
*          /rest/api/3/comment/{comment}/properties/**
GET        /rest/api/3/comment/{comment}/properties
POST       /rest/api/3/worklog/list
POST       /rest/api/3/component
GET        /rest/api/3/component/{component}                      self
PUT,DELETE /rest/api/3/component/{component}
POST       /rest/api/3/version
GET        /rest/api/3/version/{version}                          self
PUT,DELETE /rest/api/3/version/{version}
GET        /rest/api/3/version/{version}/**
POST       /rest/api/3/issue
GET        /rest/api/3/issue/picker                               jql=currentJQL
POST       /rest/api/3/issue/bulk
POST       /rest/api/3/issue/bulkfetch                            only=issues
GET        /rest/api/3/issue/createmeta                           only=projects
GET        /rest/api/3/issue/createmeta/{project}/**
GET        /rest/api/3/issue/{issue}                              self
PUT,DELETE /rest/api/3/issue/{issue}
*          /rest/api/3/issue/{issue}/**
POST       /rest/api/3/issueLink
GET,DELETE /rest/api/3/issueLink/{link}
GET        /rest/api/3/project/search                             only=values narrow=keys
GET        /rest/api/3/project/{project}                          self
*          /rest/api/3/project/{project}/**
POST       /rest/api/3/bulk/issues/move                           ends
POST       /rest/api/3/bulk/issues/delete                         ends
POST       /rest/api/3/bulk/issues/fields
POST       /rest/api/3/bulk/issues/transition
POST       /rest/api/3/bulk/issues/watch
POST       /rest/api/3/bulk/issues/unwatch
GET        /rest/api/3/bulk/queue/{}                              open
GET        /rest/agile/1.0/board                                  only=values
GET        /rest/agile/1.0/board/{board}                          self
GET        /rest/agile/1.0/board/{board}/backlog                  jql=jql only=issues
GET        /rest/agile/1.0/board/{board}/issue                    jql=jql only=issues
GET        /rest/agile/1.0/board/{board}/configuration
GET        /rest/agile/1.0/board/{board}/epic                     only=values
GET        /rest/agile/1.0/board/{board}/epic/{epic}/issue        jql=jql only=issues
GET        /rest/agile/1.0/board/{board}/project                  only=values
GET        /rest/agile/1.0/board/{board}/sprint
GET        /rest/agile/1.0/board/{board}/sprint/{sprint}/issue    jql=jql only=issues
GET        /rest/agile/1.0/board/{board}/version                  only=values
GET        /rest/agile/1.0/epic/{epic}
GET        /rest/agile/1.0/epic/{epic}/issue                      jql=jql only=issues
POST       /rest/agile/1.0/epic/{epic}/issue
POST       /rest/agile/1.0/backlog/issue
POST       /rest/agile/1.0/backlog/{board}/issue
PUT        /rest/agile/1.0/issue/rank
GET        /rest/agile/1.0/issue/{issue}                          self
POST       /rest/agile/1.0/sprint
*          /rest/agile/1.0/sprint/{sprint}
GET        /rest/agile/1.0/sprint/{sprint}/issue                  jql=jql only=issues
POST       /rest/agile/1.0/sprint/{sprint}/issue
GET        /rest/servicedeskapi/request/{issue}
*          /rest/servicedeskapi/request/{issue}/**
"""

CONFLUENCE = """
GET        /wiki/api/v2/pages                                     narrow=space-id only=results
GET        /wiki/api/v2/blogposts                                 narrow=space-id only=results
GET        /wiki/api/v2/tasks                                     narrow=space-id only=results
GET        /wiki/api/v2/tasks/{task}                              self
PUT        /wiki/api/v2/tasks/{task}
POST       /wiki/api/v2/pages
POST       /wiki/api/v2/blogposts
POST       /wiki/api/v2/whiteboards
POST       /wiki/api/v2/databases
POST       /wiki/api/v2/folders
POST       /wiki/api/v2/embeds
GET        /wiki/api/v2/pages/{pages}                             self
*          /wiki/api/v2/pages/{pages}
*          /wiki/api/v2/pages/{pages}/**
GET        /wiki/api/v2/blogposts/{blogposts}                     self
*          /wiki/api/v2/blogposts/{blogposts}
*          /wiki/api/v2/blogposts/{blogposts}/**
*          /wiki/api/v2/whiteboards/{whiteboards}
*          /wiki/api/v2/whiteboards/{whiteboards}/**
*          /wiki/api/v2/databases/{databases}
*          /wiki/api/v2/databases/{databases}/**
*          /wiki/api/v2/folders/{folders}
*          /wiki/api/v2/folders/{folders}/**
*          /wiki/api/v2/embeds/{embeds}
*          /wiki/api/v2/embeds/{embeds}/**
*          /wiki/api/v2/attachments/{attachments}
*          /wiki/api/v2/attachments/{attachments}/**
POST       /wiki/api/v2/footer-comments
POST       /wiki/api/v2/inline-comments
*          /wiki/api/v2/footer-comments/{comment}
*          /wiki/api/v2/footer-comments/{comment}/**
*          /wiki/api/v2/inline-comments/{comment}
*          /wiki/api/v2/inline-comments/{comment}/**
*          /wiki/api/v2/comments/{comment}/**
POST       /wiki/api/v2/content/convert-ids-to-types
GET        /wiki/api/v2/spaces                                    narrow=keys only=results
GET        /wiki/api/v2/spaces/{space}                            self
*          /wiki/api/v2/spaces/{space}/**
GET        /wiki/api/v2/labels/{}/pages                           narrow=space-id only=results
GET        /wiki/api/v2/labels/{}/blogposts                       narrow=space-id only=results
POST       /wiki/api/v2/users-bulk                                open
GET        /wiki/rest/api/search                                  cql=cql only=results
GET        /wiki/rest/api/content/search                          cql=cql only=results
GET        /wiki/rest/api/search/user                             open
GET        /wiki/rest/api/user                                    open
GET        /wiki/rest/api/user/bulk                               open
GET        /wiki/rest/api/user/current                            open
GET        /wiki/rest/api/user/memberof                           open
GET        /wiki/rest/api/group                                   open
GET        /wiki/rest/api/group/by-id                             open
GET        /wiki/rest/api/group/picker                            open
GET        /wiki/rest/api/group/{}/membersByGroupId               open
*          /wiki/rest/api/content/{content}
*          /wiki/rest/api/content/{content}/**
*          /wiki/rest/api/content/{content}/child/attachment/{attachments}
*          /wiki/rest/api/content/{content}/child/attachment/{attachments}/**
PUT        /wiki/rest/api/content/{content}/move/{}/{content}     ends
GET        /wiki/rest/api/space/{key}                             self
*          /wiki/rest/api/space/{key}/**
GET        /wiki/download/attachments/{content}/{}
GET        /wiki/rest/api/analytics/content/{content}/**
"""


@dataclass(frozen=True)
class Row:
    """One operation; `things` are the places in its path and the kinds of what stands there."""

    things: tuple[tuple[int, str], ...]
    notes: dict[str, str]

    def says(self, note: str) -> bool:
        return note in self.notes


@dataclass
class _Node:
    below: "dict[str, _Node]" = field(default_factory=dict[str, "_Node"])
    rows: dict[str, Row] = field(default_factory=dict[str, Row])


class Endpoints:
    """A table, by method and path."""

    def __init__(self, table: str) -> None:
        self._root = _Node()
        for line in table.strip().splitlines():
            methods, template, *notes = line.split()
            self._add(methods.split(","), template, notes)

    def _add(self, methods: Sequence[str], template: str, notes: Sequence[str]) -> None:
        things: list[tuple[int, str]] = []
        node = self._root
        for place, part in enumerate(template.split("/")[1:]):
            if part.startswith("{") and len(part) > 2:
                things.append((place, part[1:-1]))
            node = node.below.setdefault("{}" if part.startswith("{") else part, _Node())
        told = {name: value for name, _, value in (note.partition("=") for note in notes)}
        node.rows |= dict.fromkeys(methods, Row(tuple(things), told)) | node.rows

    def find(self, method: str, parts: Sequence[str]) -> Row | None:
        """The row that says most of this path."""
        return next(self._rows(self._root, method, parts, 0), None)

    def _rows(self, node: _Node, method: str, parts: Sequence[str], place: int) -> Iterator[Row]:
        if place == len(parts):
            row = node.rows.get(method) or node.rows.get("*")
            if row:
                yield row
            return
        for name in (parts[place], "{}"):
            if name in node.below and name != "**":
                yield from self._rows(node.below[name], method, parts, place + 1)
        rest = node.below.get("**")
        row = rest and (rest.rows.get(method) or rest.rows.get("*"))
        if row:
            yield row
