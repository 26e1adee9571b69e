"""The defences, taken away one by one: `python -m tests.attacks.mutants`. Each time a test of ours has to fail."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
COPIED = ("server", "tools", "resources", "tests", "docs", "pyproject.toml", "README.md", "mcp.json.example")


class Mutant(NamedTuple):
    """A defence that is gone where `before` reads as `after`, and the test that has to notice."""

    gone: str
    file: str
    before: str
    after: str
    test: str


_FILES = "tests/flows/test_attachments.py"
_INJECTIONS = "tests/attacks/test_injections.py"
_OWN = "tests/attacks/test_attacks.py"

MUTANTS = (
    Mutant(
        "names of downloads are made safe",
        "server/folder.py",
        "_create, self.root, safe(name))",
        "_create, self.root, name)",
        f"{_FILES}::test_whatever_an_attachment_is_called_it_stays_in_the_folder",
    ),
    Mutant(
        "downloads are new files",
        "server/folder.py",
        "os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW",
        "os.O_CREAT | os.O_TRUNC",
        f"{_FILES}::test_files_are_saved_into_the_folder_and_never_over_another",
    ),
    Mutant(
        "links are not followed on the way to an upload",
        "server/folder.py",
        "os.open(steps[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK",
        "os.open(steps[-1], os.O_RDONLY | os.O_NONBLOCK",
        f"{_FILES}::test_nothing_outside_the_folder_is_read",
    ),
    Mutant(
        "steps upward and hidden files are refused",
        "server/folder.py",
        'step == "" or step.startswith(".") or ',
        'step == "" or ',
        f"{_FILES}::test_nothing_outside_the_folder_is_read",
    ),
    Mutant(
        "uploads are regular files",
        "server/folder.py",
        "if not stat.S_ISREG(about.st_mode):",
        "if False:",
        f"{_FILES}::test_nothing_outside_the_folder_is_read",
    ),
    Mutant(
        "the system's folders are none for files",
        "server/environment.py",
        "if value and _too_much(Path(value)):",
        "if False:",
        f"{_OWN}::test_the_system_and_a_home_are_no_folders_for_files",
    ),
    Mutant(
        "unknown arguments are refused",
        "tools/declare.py",
        "        self._refuse_unknown(arguments)\n",
        "",
        f"{_OWN}::test_no_other_argument_takes_a_path",
    ),
    Mutant(
        "files come from the site or from Atlassian's media alone",
        "server/client/transfers.py",
        "if to.userinfo or not (own or media):",
        "if False:",
        f"{_FILES}::test_a_site_that_sends_us_elsewhere_is_not_followed",
    ),
    Mutant(
        "addresses that can be read in two ways are none",
        "server/addresses.py",
        "if _MISLEADING.search(url):",
        "if False:",
        "tests/test_settings.py::test_an_address_that_can_mislead_is_refused",
    ),
    Mutant(
        "hidden tools are not offered",
        "server/app.py",
        "admitted = [tool for tool in chosen if policy.admits(tool.needs, changes=tool.changes)]",
        "admitted = [tool for tool in chosen if policy.admits(tool.needs)]",
        "tests/flows/test_policy.py::test_read_only_holds_at_the_call",
    ),
    Mutant(
        "the filter is added to a query",
        "server/policy/gate.py",
        "return str(queries.bounded(query, keys, self.language) if keys is not None else query)",
        "return str(query)",
        "tests/flows/test_policy_filter.py::test_the_site_is_asked_for_what_is_inside_alone_so_that_a_page_of_a_search_is_full",
    ),
    Mutant(
        "the filter binds the whole query",
        "server/policy/gate.py",
        "            query = parse(text, self.language)\n",
        "            return text + ' AND project in (' + ','.join(await self.keys(request) or ()) + ')'\n",
        _INJECTIONS,
    ),
    Mutant(
        "what a request names is inside",
        "server/policy/gate.py",
        "if not proven_later and not await self.inside(kind, name, request):",
        "if False:",
        "tests/policy/test_gate.py",
    ),
    Mutant(
        "only this machine's names are answered over HTTP",
        "server/web/__init__.py",
        "if not self._serves(",
        "if False and self._serves(",
        "tests/flows/test_doors.py::test_the_service_says_that_it_lives_and_answers_loopback_names_alone",
    ),
    Mutant(
        "the audit log is its owner's",
        "server/store/dialect.py",
        "_ONLY_OWNER = 0o600",
        "_ONLY_OWNER = 0o644",
        "tests/flows/test_audit.py::test_the_file_is_its_owners_alone",
    ),
    Mutant(
        "the person is asked",
        "tools/consent.py",
        "        if text is None:\n            return Consent()\n        if _can_ask",
        "        if True:\n            return Consent()\n        if _can_ask",
        _INJECTIONS,
    ),
    Mutant(
        "an answer counts for what was asked",
        "tools/consent.py",
        "    for _ in range(MOST_CHANGES):",
        "    return consent\n    for _ in range(MOST_CHANGES):",
        "tests/flows/test_consent.py::test_what_changed_while_the_person_was_asked_is_asked_about_again",
    ),
    Mutant(
        "an agent confirms what it was told",
        "tools/consent.py",
        "if confirmed and known == seal:",
        "if confirmed:",
        "tests/flows/test_consent.py::test_an_agent_confirms_what_it_was_told_and_nothing_else",
    ),
    Mutant(
        "text from outside is remembered",
        "tools/lockdown.py",
        "    if shown.trusted:\n",
        "    if True:\n",
        _INJECTIONS,
    ),
    Mutant(
        "customers are known by their accounts",
        "server/policy/standing.py",
        '"customer": "external customer"',
        '"customer": "colleague"',
        "tests/flows/test_lockdown.py::test_a_customers_text_is_labelled",
    ),
    Mutant(
        "what nobody sees is taken out of results",
        "tools/declare.py",
        "text=plain(text)",
        "text=text",
        _INJECTIONS,
    ),
    Mutant(
        "comments along with other changes are internal",
        "tools/internal.py",
        '"properties": [{"key": INTERNAL, "value": internal()}]',
        '"properties": []',
        "tests/flows/test_consent.py::test_comments_along_with_other_changes_are_internal",
    ),
    Mutant(
        "secrets are not logged",
        "server/client/connection.py",
        "        logger.info(text)\n",
        "        logger.warning('%s %s', text, self._headers)\n",
        "tests/flows/test_resilience.py::test_a_read_is_repeated_when_atlassian_stumbles",
    ),
)


def survives(mutant: Mutant) -> bool:
    """Whether its test passes without the defence."""
    with tempfile.TemporaryDirectory() as place:
        for name in COPIED:
            copied = ROOT / name
            shutil.copytree(copied, Path(place) / name) if copied.is_dir() else shutil.copy(copied, place)
        file = Path(place) / mutant.file
        text = file.read_text(encoding="utf-8")
        if mutant.before not in text:
            raise SystemExit(f"{mutant.file} does not say {mutant.before!r} any more ({mutant.gone}).")
        file.write_text(text.replace(mutant.before, mutant.after, 1), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", mutant.test]
        # The copy's own, for our command as well.
        environment = {**os.environ, "PYTHONPATH": place}
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):  # nothing was tested
            raise SystemExit(done.stdout + done.stderr)
        return done.returncode == 0


def main(words: Sequence[str]) -> None:
    chosen = [mutant for mutant in MUTANTS if all(word in mutant.gone for word in words)]
    alive = 0
    for mutant in chosen:
        lives = survives(mutant)
        alive += lives
        print("LIVES " if lives else "killed", mutant.gone, flush=True)  # noqa: T201 - what it is for
    print(f"{len(chosen) - alive} of {len(chosen)} killed")  # noqa: T201 - what it is for
    sys.exit(1 if alive else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
