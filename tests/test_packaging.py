import os
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.world import ISTHMUS


def test_no_dependency_owns_our_top_level_names() -> None:
    owners = packages_distributions()
    taken = {name: set(owners.get(name, [])) for name in ("server", "tools", "resources")}
    assert all(owner <= {"isthmus"} for owner in taken.values()), taken


def test_a_folder_of_the_users_that_shadows_ours_is_named(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "__init__.py").write_text("raise SystemExit('the wrong tools ran')")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ended = subprocess.run([ISTHMUS, "stdio", "--demo"], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert f"`tools` is {tmp_path}" in ended.stderr


def test_stdio_imports_nothing_that_it_does_not_need() -> None:
    code = (
        "import sys; from server import doors; from server.settings import *; from server.app import build;"
        "build(read_settings(demo_environment()));"
        "unwanted = {'a2a', 'typer', 'rich', 'sqlalchemy', 'lark', 'server.sandbox', 'markdown_it'};"
        "print(sorted(unwanted & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
