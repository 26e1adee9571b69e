"""Words or a query?"""

import re

from server.client import quote

# An operator outside quotes, or a function call: what CQL has and a few words have not.
_CQL = re.compile(r"""[=~<>]|\bin\s*\(|\border\s+by\b|\bis\s+(not\s+)?(empty|null)\b""", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*(?:"|$)')  # an open quote goes to the end: no place is tried twice


def cql(query: str) -> str:
    """`query` if it is CQL, else a search for its words."""
    return query if _CQL.search(_QUOTED.sub("", query)) else f"siteSearch ~ {quote(query)}"
