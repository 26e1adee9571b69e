"""The command line. `stdio` starts without the rest of it: an agent host waits for every import."""

import gc
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> None:
    given = sys.argv[1:] if arguments is None else list(arguments)
    _check_origin()
    if given in (["stdio"], ["stdio", "--demo"]):
        gc.disable()  # until the server stands: what imports make is no garbage, and looking for it costs a tenth
        from server import doors

        doors.stdio(demo="--demo" in given)
    else:
        from server.commands import app

        app(given, prog_name="isthmus")


def _check_origin() -> None:
    """Our other packages have everyday names: a folder of the user's on PYTHONPATH may stand before them."""
    home = Path(__file__).resolve().parent.parent
    for name in ("tools", "resources"):
        spec = find_spec(name)
        if spec is None or spec.origin is None or not Path(spec.origin).resolve().is_relative_to(home):
            found = spec.origin if spec else "nowhere"
            sys.exit(f"isthmus: the package `{name}` is {found}, not ours in {home}. Unset PYTHONPATH and start again.")


if __name__ == "__main__":
    main()
