"""Custom fields of every type: described, written, changed, read, remembered and found."""

from typing import Any, cast

import httpx2
import pytest

from server.sandbox import Site
from server.sandbox.adf import as_dict, as_list
from tests.sandbox.writing import issue

pytestmark = pytest.mark.anyio
API = "/rest/api/3"
ME = "712020:5a9d3c10-41f6-4b7e-9c2d-000000000001"
SAM = "712020:5a9d3c10-41f6-4b7e-9c2d-000000000002"
NOBODY = {"accountId": "nobody"}
NO_OPTION = "Could not find valid 'id' or 'value' in the Parent Option object."
STRING = "Operation value must be a string"
NO_ARRAY = "data was not an array"
NO_OBJECT = "data was not an object"
SETS, LISTS = ["set"], ["add", "set", "remove"]


def field(number: int) -> str:
    return f"customfield_{number}"


@pytest.mark.parametrize(
    ("number", "key", "kind", "items"),
    [
        (10015, "datepicker", "date", None),
        (10016, "float", "number", None),
        (10031, "select", "option", None),
        (10032, "textarea", "string", None),
        (10033, "multiselect", "array", "option"),
        (10034, "userpicker", "user", None),
        (10035, "url", "string", None),
        (10036, "textfield", "string", None),
        (10037, "readonlyfield", "string", None),
        (10038, "datetime", "datetime", None),
        (10039, "radiobuttons", "option", None),
        (10040, "multicheckboxes", "array", "option"),
        (10041, "cascadingselect", "option-with-child", None),
        (10042, "multiuserpicker", "array", "user"),
        (10043, "grouppicker", "group", None),
        (10044, "multigrouppicker", "array", "group"),
        (10045, "labels", "array", "string"),
        (10046, "version", "version", None),
        (10047, "multiversion", "array", "version"),
        (10048, "project", "project", None),
    ],
)
async def test_a_field_says_its_type_and_what_can_be_done_to_it(
    demo: httpx2.AsyncClient, number: int, key: str, kind: str, items: str | None
) -> None:
    schema = {"type": kind, "custom": f"com.atlassian.jira.plugin.system.customfieldtypes:{key}", "customId": number}
    schema |= {"items": items} if items else {}
    listed = {row["id"]: row for row in (await demo.get(f"{API}/field")).json()}
    assert listed[field(number)]["schema"] == schema
    assert listed[field(number)]["clauseNames"][:2] == [f"cf[{number}]", listed[field(number)]["name"]]
    edit = (await demo.get(f"{API}/issue/DEMO-7/editmeta")).json()["fields"][field(number)]
    assert (edit["schema"], edit["operations"]) == (schema, LISTS if kind == "array" else SETS)
    create = (await demo.get(f"{API}/issue/createmeta/DEMO/issuetypes/10003?maxResults=100")).json()["fields"]
    assert next(row for row in create if row["fieldId"] == field(number))["schema"] == schema


async def test_a_screen_offers_what_may_be_chosen(demo: httpx2.AsyncClient) -> None:
    fields = (await demo.get(f"{API}/issue/DEMO-7/editmeta")).json()["fields"]
    code = fields[field(10041)]["allowedValues"][0]
    assert (code["value"], [child["value"] for child in code["children"]]) == ("Code", ["Logic", "Concurrency"])
    assert "children" not in fields[field(10041)]["allowedValues"][2]
    for number, attribute, first in ((10039, "value", "Low"), (10046, "name", "4.11"), (10048, "key", "DEMO")):
        assert fields[field(number)]["allowedValues"][0][attribute] == first
    assert fields[field(10045)]["autoCompleteUrl"].endswith("suggest?customFieldId=10045&query=")


def brief(value: Any) -> Any:
    """What tells one value from another."""
    if isinstance(value, list):
        return [brief(each) for each in as_list(cast(object, value))]
    if not isinstance(value, dict):
        return value
    shown = as_dict(cast(object, value))
    name = next(shown[key] for key in ("accountId", "key", "value", "name") if key in shown)
    return [name, brief(shown["child"])] if "child" in shown else name


Becomes = tuple[Any, tuple[str | None, str | None]]
ROWS: list[tuple[int, Any, Any, tuple[str | None, str | None], str]] = [
    (10036, "Ada & Sons", "Ada & Sons", (None, "Ada & Sons"), "~ sons"),
    (10037, "tracker 7", "tracker 7", (None, "tracker 7"), "~ tracker"),
    (10015, "2026-05-04", "2026-05-04", ("2026-05-04", "4/May/26"), "= 2026-05-04"),
    (
        10038,
        "2026-03-01T23:30:00.000+0200",
        "2026-03-01T21:30:00.000+0000",
        ("2026-03-01T21:30:00+0000", "1/Mar/26 9:30 PM"),
        "> '2026-03-01 21:00'",
    ),
    (10016, 2.5, 2.5, (None, "2.5"), "> 2"),
    (10016, 3, 3.0, (None, "3"), "= 3"),
    (10031, {"value": "Major"}, "Major", ("10101", "Major"), "= Major"),
    (10039, {"id": "10322"}, "High", ("10322", "High"), "in (High, Low)"),
    (
        10033,
        [{"value": "Web"}, {"id": "10203"}],
        ["Web", "Search"],
        ("[10200, 10203]", "Web,Search"),
        "= Search",
    ),
    (10040, [{"value": "iOS"}], ["iOS"], ("[10341]", "iOS"), "!= Windows"),
    (
        10041,
        {"value": "Code", "child": {"value": "Logic"}},
        ["Code", "Logic"],
        (None, "Parent values: Code(10360)Level 1 values: Logic(10361)"),
        "in cascadeOption(Code, Logic)",
    ),
    (10041, {"id": "10366"}, "Unknown", (None, "Parent values: Unknown(10366)"), "in cascadeOption(Unknown, none)"),
    (10034, {"accountId": SAM}, SAM, (SAM, "Sam Carter"), "= 'Sam Carter'"),
    (
        10042,
        [{"accountId": SAM}, {"accountId": ME}],
        [SAM, ME],
        (f"[{SAM}, {ME}]", "[Sam Carter, Demo User]"),
        "= currentUser()",
    ),
    (10043, {"name": "developers"}, "developers", (None, "[developers]"), "= Developers"),
    (
        10044,
        [{"groupId": "group-leadership"}, {"name": "developers"}],
        ["leadership", "developers"],
        (None, "[leadership, developers]"),
        "= leadership",
    ),
    (10045, ["blue", "green"], ["blue", "green"], (None, "blue green"), "= green"),
    (
        10035,
        "https://example.com/a",
        "https://example.com/a",
        (None, "https://example.com/a"),
        "= 'https://example.com/a'",
    ),
    (10046, {"name": "4.12"}, "4.12", ("10601", "4.12"), "= 4.12"),
    (10047, [{"id": "10600"}, {"name": "5.0"}], ["4.11", "5.0"], ("10600, 10602", "4.11, 5.0"), "= 5.0"),
    (10048, {"key": "HELP"}, "HELP", ("10001", None), "= HELP"),
]
VALUES = [(number, raw, (read, written), jql) for number, raw, read, written, jql in ROWS]


@pytest.mark.parametrize(("number", "raw", "becomes", "jql"), VALUES)
async def test_a_value_is_written_read_remembered_found_and_emptied(
    demo: httpx2.AsyncClient, number: int, raw: Any, becomes: Becomes, jql: str
) -> None:
    name, (read, written) = field(number), becomes

    async def found(query: str) -> bool:
        body = {"jql": f"key in ({made}, {other}) AND cf[{number}] {query}"}
        answer = await demo.post(f"{API}/search/jql", json=body)
        assert answer.status_code == 200, answer.text
        return made in [each["id"] for each in answer.json()["issues"]]

    made = (await demo.post(f"{API}/issue", json=issue(**{name: raw}))).json()["id"]
    other = (await demo.post(f"{API}/issue", json=issue())).json()["id"]
    for issue_id in (made, other):
        assert (await demo.put(f"{API}/issue/{issue_id}", json={"fields": {name: raw}})).status_code == 204
        assert brief((await demo.get(f"{API}/issue/{issue_id}?fields={name}")).json()["fields"][name]) == read
    (item,) = (await demo.get(f"{API}/issue/{other}/changelog")).json()["values"][0]["items"]
    assert (item["fieldId"], item["fieldtype"], item["from"], item["fromString"]) == (name, "custom", None, None)
    assert (item["to"], item["toString"]) == (written[0], written[1] or item["toString"])
    assert await found(jql)
    assert not await found("is EMPTY")
    empty: list[str] | None = [] if isinstance(raw, list) else None
    assert (await demo.put(f"{API}/issue/{made}", json={"fields": {name: empty}})).status_code == 204
    assert (await demo.get(f"{API}/issue/{made}?fields={name}")).json()["fields"] == {name: None}
    assert await found("is EMPTY")
    (item,) = (await demo.get(f"{API}/issue/{made}/changelog")).json()["values"][0]["items"]
    assert (item["from"], item["to"], item["toString"]) == (written[0], None, None)


@pytest.mark.parametrize(
    ("number", "raw", "words"),
    [
        (10036, 7, STRING),
        (10036, "x" * 256, "The entered text is too long. It exceeds the allowed limit of 255 characters."),
        (10037, {"value": "x"}, STRING),
        (10032, "plain", "Operation value must be an Atlassian Document (see the Atlassian Document Format)"),
        (10016, "3", "Operation value must be a number"),
        (10015, "soon", "Error parsing date string: soon"),
        (10038, 7, STRING),
        (10038, "2026-03-01T23:30:00.000+02:00", "Error parsing time: 2026-03-01T23:30:00.000+02:00"),
        (10038, "2026-03-01T23:30:00+0200", "Error parsing time: 2026-03-01T23:30:00+0200"),
        (10038, "2026-13-01T23:30:00.000+0200", "Error parsing time: 2026-13-01T23:30:00.000+0200"),
        (10031, "Major", NO_OPTION),
        (10031, [{"value": "Major"}], NO_OPTION),
        (10031, {"name": "Major"}, NO_OPTION),
        (10039, {"value": "Huge"}, "Option value 'Huge' is not valid"),
        (10039, {"id": "99"}, "Option id '99' is not valid"),
        (10040, {"value": "iOS"}, NO_ARRAY),
        (10040, [{"name": "iOS"}], "Option id 'null' is not valid"),
        (10033, [{"id": None}], "Option id 'null' is not valid"),
        (10041, {"value": "Logic"}, "Option value 'Logic' is not valid"),
        (10041, "Code", NO_OPTION),
        (
            10041,
            {"value": "Code", "child": {"value": "Import"}},
            "The option 'Import' is invalid for parent option 'Code'",
        ),
        (10041, {"id": "10366", "child": {"id": "10361"}}, "The option '10361' is invalid for parent option 'Unknown'"),
        (10034, NOBODY, "User 'nobody' does not exist."),
        (10042, NOBODY, NO_ARRAY),
        (10042, ["nobody"], NO_OBJECT),
        (10042, [NOBODY], "User 'nobody' does not exist."),
        (10043, "developers", NO_OBJECT),
        (10043, {"name": "nobodies"}, "Could not find groupnames: nobodies"),
        (10044, [{"groupId": "nobodies"}], "Could not find groupnames: nobodies"),
        (10045, ["a b"], "The label 'a b' contains spaces which is invalid."),
        (10035, "nowhere", "The entered URL is not valid."),
        (10046, {"name": "99"}, "Version name '99' is not valid"),
        (10046, {"id": "99"}, "Version id '99' is not valid"),
        (10047, {"id": "99"}, NO_ARRAY),
        (10048, "HELP", NO_OBJECT),
        (10048, {"key": "VAULT"}, "Specify a valid project ID or key"),
    ],
)
async def test_each_type_refuses_what_it_is_not(rough: httpx2.AsyncClient, number: int, raw: Any, words: str) -> None:
    for refused in (
        await rough.post(f"{API}/issue", json=issue(**{field(number): raw})),
        await rough.put(f"{API}/issue/DEMO-20", json={"fields": {field(number): raw}}),
        await rough.put(f"{API}/issue/DEMO-20", json={"update": {field(number): [{"set": raw}]}}),
    ):
        assert refused.status_code == 400
        assert refused.json() == {"errorMessages": [], "errors": {field(number): words}}


@pytest.mark.parametrize(
    ("number", "first", "second"),
    [
        (10040, {"value": "iOS"}, {"value": "macOS"}),
        (10042, {"accountId": SAM}, {"accountId": ME}),
        (10044, {"name": "developers"}, {"name": "leadership"}),
        (10045, "blue", "green"),
        (10047, {"name": "4.11"}, {"name": "5.0"}),
    ],
)
async def test_lists_take_single_values_and_give_them_back(
    demo: httpx2.AsyncClient, number: int, first: Any, second: Any
) -> None:
    async def after(*operations: Any) -> Any:
        update = {"update": {field(number): list(operations)}}
        assert (await demo.put(f"{API}/issue/DEMO-20", json=update)).status_code == 204
        return brief((await demo.get(f"{API}/issue/DEMO-20")).json()["fields"][field(number)])

    assert await after({"set": [first]}, {"add": second}, {"add": first}) == [brief(first), brief(second)]
    assert await after({"remove": first}) == [brief(second)]


async def test_a_single_choice_is_only_set(demo: httpx2.AsyncClient) -> None:
    body = {"update": {field(10041): [{"add": {"value": "Code"}}]}}
    refused = await demo.put(f"{API}/issue/DEMO-20", json=body)
    words = f"Field with id '{field(10041)}' and name 'Cause' does not support operation 'add'"
    assert refused.json()["errors"] == {field(10041): words}


async def causes(demo: httpx2.AsyncClient, jql: str) -> list[str]:
    answer = await demo.post(
        f"{API}/search/jql", json={"jql": f"{jql} ORDER BY Cause ASC, key ASC", "fields": ["*all"]}
    )
    assert answer.status_code == 200, answer.text
    return ["/".join(brief([each["fields"][field(10041)]])[0]) for each in answer.json()["issues"]]


async def test_options_below_options_are_found_from_above_and_below(demo: httpx2.AsyncClient) -> None:
    for below in ("Import", "Migration"):
        made = issue(**{field(10041): {"value": "Data", "child": {"value": below}}})
        assert (await demo.post(f"{API}/issue", json=made)).status_code == 201
    assert await causes(demo, "Cause = Data") == ["Data/Import", "Data/Migration"]
    assert await causes(demo, "Cause = Migration") == ["Data/Migration"]
    assert await causes(demo, "Cause in cascadeOption(Data)") == ["Data/Import", "Data/Migration"]
    assert await causes(demo, "'Cause[Select List (cascading)]' in cascadeOption(Data, none)") == []
    assert await causes(demo, "Cause not in cascadeOption(Data, Import) AND Cause is not EMPTY") == ["Data/Migration"]


@pytest.mark.parametrize(
    ("jql", "words"),
    [
        ("Cause = Weather", "The value 'Weather' does not exist for the field 'Cause'."),
        ("Cause in cascadeOption(Weather)", "The value 'Weather' does not exist for the field 'Cause'."),
        (
            "Cause in cascadeOption()",
            "Function 'cascadeOption' expected between '1' and '2' arguments but received '0'.",
        ),
        ("Cause > Code", "The operator '>' is not supported by the 'Cause' field."),
        ("Cause in releasedVersions()", "Unable to find JQL function 'releasedVersions()'."),
        ("'Owning group' = nobodies", "The value 'nobodies' does not exist for the field 'Owning group'."),
        ("Customer = Ada", "The operator '=' is not supported by the 'Customer' field."),
        ("Reviewer was currentUser()", "History searches do not support the 'Reviewer' field."),
        ("'Detected at' > soon", "Date value 'soon' for field 'Detected at' is invalid."),
        ("'Related project' = VAULT", "The value 'VAULT' does not exist for the field 'Related project'."),
    ],
)
async def test_a_query_is_held_to_the_fields_type(demo: httpx2.AsyncClient, jql: str, words: str) -> None:
    refused = await demo.post(f"{API}/search/jql", json={"jql": jql})
    assert refused.status_code == 400
    assert refused.json()["errorMessages"][0].startswith(words)


async def test_words_of_text_fields_are_found_in_all_text(demo: httpx2.AsyncClient) -> None:
    key = (await demo.post(f"{API}/issue", json=issue(**{field(10036): "Zanzibar Ltd"}))).json()["key"]
    found = await demo.post(f"{API}/search/jql", json={"jql": "text ~ zanzibar", "fields": ["summary"]})
    assert [each["key"] for each in found.json()["issues"]] == [key]


async def test_a_deleted_version_leaves_the_fields_that_named_it(demo: httpx2.AsyncClient) -> None:
    named = {field(10046): {"id": "10600"}, field(10047): [{"id": "10600"}, {"id": "10602"}]}
    assert (await demo.put(f"{API}/issue/DEMO-20", json={"fields": named})).status_code == 204
    assert (await demo.delete(f"{API}/version/10600")).status_code == 204
    fields = (await demo.get(f"{API}/issue/DEMO-20")).json()["fields"]
    assert (fields[field(10046)], brief(fields[field(10047)])) == (None, ["5.0"])


async def test_a_project_that_is_gone_is_shown_no_more(demo: httpx2.AsyncClient, site: Site) -> None:
    body = {"fields": {field(10048): {"key": "HELP"}}}
    assert (await demo.put(f"{API}/issue/DEMO-20", json=body)).status_code == 204
    del site.projects["10001"]
    assert (await demo.get(f"{API}/issue/DEMO-20")).json()["fields"][field(10048)] is None
    emptied = {"fields": {field(10048): None}}
    assert (await demo.put(f"{API}/issue/DEMO-20", json=emptied)).status_code == 204


# Required fields


async def required(http: httpx2.AsyncClient, *names: str, project: str = "DEMO") -> httpx2.Response:
    return await http.post("/__sandbox__/settings", json={"required": {project: list(names)}})


async def test_a_project_may_require_fields(rough: httpx2.AsyncClient) -> None:
    told = await required(rough, "Severity", "duedate")
    assert told.json()["required"]["DEMO"] == ["customfield_10031", "duedate"]
    refused = await rough.post("/rest/api/3/issue", json=issue(duedate=None))
    assert refused.status_code == 400
    assert refused.json()["errors"] == {
        "customfield_10031": "Severity is required.",
        "duedate": "Due date is required.",
    }
    given = {"customfield_10031": {"value": "Minor"}, "duedate": "2026-04-01"}
    made = await rough.post("/rest/api/3/issue", json=issue(**given))
    assert made.status_code == 201
    path = f"/rest/api/3/issue/{made.json()['key']}"
    emptied = await rough.put(path, json={"fields": {"customfield_10031": None}})
    assert emptied.json()["errors"] == {"customfield_10031": "Severity is required."}
    assert (await rough.put(path, json={"fields": {"summary": "Other"}})).status_code == 204
    assert (await required(rough)).json()["required"]["DEMO"] == []
    assert (await rough.put(path, json={"fields": {"customfield_10031": None}})).status_code == 204


async def test_screens_tell_what_a_project_requires(demo: httpx2.AsyncClient) -> None:
    await required(demo, "Severity")
    meta = "/rest/api/3/issue/createmeta/DEMO/issuetypes/10003"
    fields = (await demo.get(meta, params={"maxResults": 100})).json()["fields"]
    assert [row["fieldId"] for row in fields if row["required"] and row["fieldId"].startswith("custom")] == [
        "customfield_10031"
    ]
    shown = (await demo.get("/rest/api/3/issue/DEMO-7/editmeta")).json()["fields"]
    assert shown["customfield_10031"]["required"] is True
    assert [row["value"] for row in shown["customfield_10031"]["allowedValues"]][:2] == ["Critical", "Major"]


@pytest.mark.parametrize(
    "wrong", [{"DEMO": ["Colour"]}, {"NOPE": []}, ["DEMO"], {"DEMO": "Severity"}, {"DEMO": ["status"]}]
)
async def test_what_cannot_be_required_is_refused(rough: httpx2.AsyncClient, wrong: Any) -> None:
    refused = await rough.post("/__sandbox__/settings", json={"required": wrong, "lag": 5})
    assert refused.status_code == 400
    assert (await rough.post("/__sandbox__/settings", json={})).json()["lag"] == 0
