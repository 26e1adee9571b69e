"""Each attack that is known of servers of this kind, and the tests that fail where its defence is gone."""

from typing import NamedTuple


class Row(NamedTuple):
    """`of`: how the list of attacks names it. `elsewhere`: what stands against it where we have no such part."""

    of: str
    tests: tuple[str, ...] = ()
    elsewhere: str = ""


_FILES = "tests/flows/test_attachments.py"
_DOORS = "tests/flows/test_doors.py"
_FILTER = "tests/flows/test_policy_filter.py"
_QUERIES = "tests/policy/test_queries.py"
_OWN = "tests/attacks/test_attacks.py"
_INJECTIONS = "tests/attacks/test_injections.py::test_no_text_gets_an_agent_past_the_guards"
_SAVED = f"{_FILES}::test_whatever_an_attachment_is_called_it_stays_in_the_folder"
_SENT = f"{_QUERIES}::test_what_is_sent_reads_as_it_was_meant"
_TOOLS = "tests/policy/test_tools.py::test_a_tool_does_nothing_to_what_is_outside"
_LOGIN = "the tests of signing in to Atlassian"
_CALLERS = "the tests of callers over HTTP"

ROWS = (
    Row("CVE-2026-27825", (_SAVED, f"{_FILES}::test_a_link_in_the_folder_is_not_written_through")),
    Row(
        "GHSA-6vmq-24h2-pj7j",
        (
            f"{_FILES}::test_files_are_saved_into_the_folder_and_never_over_another",
            f"{_FILES}::test_without_a_folder_nothing_is_saved",
            f"{_OWN}::test_the_system_and_a_home_are_no_folders_for_files",
        ),
    ),
    Row(
        "GHSA-g5r6-gv6m-f5jv",
        (
            f"{_FILES}::test_nothing_outside_the_folder_is_read",
            f"{_FILES}::test_without_a_folder_no_path_is_taken",
            f"{_OWN}::test_no_other_argument_takes_a_path",
        ),
    ),
    Row("CVE-2026-27826", (f"{_OWN}::test_no_tool_takes_an_address",), elsewhere=_CALLERS),
    Row("27825+27826", (f"{_FILES}::test_a_site_that_sends_us_elsewhere_is_not_followed", _SAVED), elsewhere=_CALLERS),
    Row("GHSA-49xv-9743-pw8w", (f"{_OWN}::test_a_name_is_looked_up_once_and_that_address_is_called",)),
    Row(
        "GHSA-6529-c226-h328",
        (
            "tests/flows/test_resilience.py::test_a_redirect_is_not_followed",
            f"{_FILES}::test_a_site_that_sends_us_elsewhere_is_not_followed",
            f"{_FILES}::test_a_file_of_a_page_comes_down_without_our_credentials_on_the_way",
        ),
    ),
    Row("GHSA-hgcf-4mq8-5266", ("tests/test_settings.py::test_an_address_that_can_mislead_is_refused",)),
    Row("#1087", (f"{_FILES}::test_a_site_that_sends_us_elsewhere_is_not_followed",)),
    Row("GHSA-wrhw-j3f9-8vc6", elsewhere=_CALLERS),
    Row(
        "GHSA-3r68-hf9h-887v",
        (
            "tests/flows/test_policy.py::test_a_tool_that_is_off_is_unknown_in_the_words_of_one_that_never_was",
            "tests/flows/test_policy.py::test_read_only_holds_at_the_call",
        ),
    ),
    Row(
        "GHSA-w66g-j6c4-hcfc",
        (
            f"{_FILTER}::test_a_search_finds_what_is_inside_alone",
            "tests/policy/test_tools.py::test_a_tool_does_nothing_to_what_is_outside",
        ),
    ),
    Row(
        "GHSA-6rrj-86cw-gg9j",
        (f"{_OWN}::test_a_number_is_no_query", f"{_QUERIES}::test_what_is_sent_reads_as_it_was_meant"),
    ),
    Row(
        "Open at HEAD",
        (
            f"{_QUERIES}::test_the_filter_binds_the_whole_query",
            f"{_QUERIES}::test_queries_at_random_stay_inside_and_lose_nothing",
            f"{_FILTER}::test_what_is_outside_is_refused_in_the_words_for_what_is_not_there",
        ),
    ),
    Row("Open by configuration", (f"{_DOORS}::test_the_service_says_that_it_lives_and_answers_loopback_names_alone",)),
    Row("GHSA-g5xv-mhgm-v5f6", ("tests/flows/test_audit.py::test_the_file_is_its_owners_alone",), elsewhere=_LOGIN),
    Row("GHSA-g2r2-3j32-j27x", elsewhere=_LOGIN),
    Row("#1533", elsewhere="we register no clients and are no proxy for signing in"),
    Row("GHSA-86qp-5c8j-p5mr", elsewhere=_CALLERS),
    Row("SNYK-PYTHON-FASTMCP-13776148", elsewhere="we register no clients and are no proxy for signing in"),
    Row("#949", ("tests/flows/test_secrets.py::test_neither_tokens_nor_bodies_are_logged",)),
    Row("#951", (f"{_OWN}::test_netrc_speaks_for_nobody",)),
    Row("#948", ("tests/content/test_hostile_content.py::test_repeated_markdown_is_parsed_in_linear_work",)),
    Row("#1491", (_INJECTIONS, f"{_OWN}::test_a_key_is_spelled_in_one_way")),
    Row(
        "#1481",
        (
            "tests/flows/test_resilience.py::test_a_retry_after_that_makes_no_sense_is_replaced_by_our_own_pace",
            "tests/flows/test_resilience.py::test_limits_without_end_are_given_up_after_the_configured_retries",
        ),
    ),
    Row("aashari 3.3.0", (f"{_DOORS}::test_a_start_that_cannot_be_says_why_in_one_sentence",)),
    Row("CVE-2021-26073", elsewhere="the tests of webhooks"),
    Row(
        "Prompt injection",
        (
            _INJECTIONS,
            "tests/flows/test_lockdown.py::test_a_change_elsewhere_is_asked_about_with_all_of_it",
            "tests/flows/test_lockdown.py::test_a_customers_text_is_labelled",
        ),
    ),
    Row("CVE-2025-6514", (f"{_OWN}::test_nobody_is_told_to_run_a_proxy",)),
    Row('"jira-mcp-reader"', (f"{_OWN}::test_a_key_never_becomes_a_path",)),
    Row('"Living off AI"', (_INJECTIONS,)),
)
