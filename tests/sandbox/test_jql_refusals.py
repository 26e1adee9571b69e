import httpx2
import pytest

pytestmark = pytest.mark.anyio
SEARCH = "/rest/api/3/search/jql"
OPERATORS = "The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'."
FORMATS = (
    "Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', "
    "or a period format e.g. '-5d', '4w 2d'."
)
ERROR = "Error in the JQL Query: "
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."


@pytest.mark.parametrize(
    ("jql", "words"),
    [
        ("", UNBOUNDED),
        ("ORDER BY created", UNBOUNDED),
        ("project x", f"{ERROR}Expecting operator but got 'x'. {OPERATORS} (line 1, character 9)"),
        ("project", f"{ERROR}Expecting operator before the end of the query. {OPERATORS}"),
        ("project =", f"{ERROR}Expecting either a value, list or function before the end of the query."),
        (
            "project = AND",
            f"{ERROR}Expecting either a value, list or function but got 'AND'. "
            "You must surround 'AND' in quotation marks to use it as a value. (line 1, character 11)",
        ),
        ("project = DEMO and", f"{ERROR}Expecting a field name at the end of the query."),
        (
            "project = DEMO\nand = 1",
            f"{ERROR}Expecting a field name but got '='. "
            "You must surround '=' in quotation marks to use it as a field name. (line 2, character 5)",
        ),
        ("(project = DEMO", f"{ERROR}Expecting ')' before the end of the query."),
        ("project = DEMO key = 1", f"{ERROR}Expecting either 'OR' or 'AND' but got 'key'. (line 1, character 16)"),
        ("project in (DEMO HELP)", f"{ERROR}Expecting ')' but got 'HELP'. (line 1, character 18)"),
        ("project in DEMO", f"{ERROR}Expecting '(' before the end of the query."),
        ("project = DEMO order key", f"{ERROR}Expecting 'BY' but got 'key'. (line 1, character 22)"),
        (
            "project = DEMO order by",
            f"{ERROR}Expecting a field name at the end of the query.",
        ),
        ('summary ~ "open', f"{ERROR}The quoted string 'open' has not been completed. (line 1, character 11)"),
        (
            "assignee = zoe@example.com",
            f"{ERROR}The character '@' is a reserved JQL character. "
            "You must enclose it in a string or use the escape '\\u0040' instead. (line 1, character 15)",
        ),
        (
            "user = x",
            f"{ERROR}'user' is a reserved JQL word. "
            "You must surround it in quotation marks to use it in a query. (line 1, character 1)",
        ),
        (
            "status = end",
            f"{ERROR}'end' is a reserved JQL word. "
            "You must surround it in quotation marks to use it in a query. (line 1, character 10)",
        ),
        ("foo = 1", "Field 'foo' does not exist or you do not have permission to view it."),
        ("cf[99999] = 1", "Field 'cf[99999]' does not exist or you do not have permission to view it."),
        ("project = DEMO order by foo", "Field 'foo' does not exist or you do not have permission to view it."),
        ("votes = 1", "Field 'votes' does not exist or you do not have permission to view it."),
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("project = VAULT", "The value 'VAULT' does not exist for the field 'project'."),
        ("status in (Done, Gone)", "The value 'Gone' does not exist for the field 'status'."),
        ("statusCategory = Gone", "The value 'Gone' does not exist for the field 'statusCategory'."),
        ("assignee = nobody", "The value 'nobody' does not exist for the field 'assignee'."),
        ("sprint = 99", "The value '99' does not exist for the field 'sprint'."),
        ("priority > EMPTY", "The value 'EMPTY' does not exist for the field 'priority'."),
        ("summary ~ EMPTY", "The value 'EMPTY' does not exist for the field 'summary'."),
        ("key = NOPE-1", "An issue with key 'NOPE-1' does not exist for field 'key'."),
        ("project ~ DEMO", "The operator '~' is not supported by the 'project' field."),
        ("summary = x", "The operator '=' is not supported by the 'summary' field."),
        ("created > soon", f"Date value 'soon' for field 'created' is invalid. {FORMATS}"),
        (
            "created > 99999999999999999999",
            f"Date value '99999999999999999999' for field 'created' is invalid. {FORMATS}",
        ),
        ("created > -9999999d", f"Date value '-9999999d' for field 'created' is invalid. {FORMATS}"),
        ("created > startOfDay(soon)", f"Date value 'soon' for field 'created' is invalid. {FORMATS}"),
        ("status changed after soon", f"Date value 'soon' for field 'history' is invalid. {FORMATS}"),
        ("status changed after tomorrow()", f"Date value 'tomorrow' for field 'history' is invalid. {FORMATS}"),
        ("created > tomorrow()", "Unable to find JQL function 'tomorrow()'."),
        ("assignee = everybody()", "Unable to find JQL function 'everybody()'."),
        ("sprint in lastSprints()", "Unable to find JQL function 'lastSprints()'."),
        ("labels was x", "History searches do not support the 'labels' field."),
        ('"Story Points" > many', "The value 'many' is not a valid number for the field 'Story Points'."),
        (
            "project = DEMO order by " + ", ".join(["key"] * 8),
            "The maximum number of fields in an ORDER BY clause is 7.",
        ),
        (
            "assignee in membersOf(nobodies)",
            "Function 'membersOf' can not generate a list of usernames for group 'nobodies'; the group does not exist.",
        ),
    ],
)
async def test_a_bad_query_is_refused_in_jiras_words(demo: httpx2.AsyncClient, jql: str, words: str) -> None:
    refused = await demo.get(SEARCH, params={"jql": jql})
    assert refused.status_code == 400
    assert refused.json() == {"errorMessages": [words], "errors": {}}
