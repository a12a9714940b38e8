"""``mamgbr db|train|engine|app ...``: the commands of all packages as one installed command."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

USAGE = """usage: mamgbr PACKAGE ...

  mamgbr db ...      the store: demo data, imports, history, backups
  mamgbr train ...   train models and compare them with other systems
  mamgbr engine ...  rank items and participants, explain, and choose the model that serves
  mamgbr app ...     start the web app; options are those of `streamlit run`

`mamgbr PACKAGE --help` lists the commands of a package."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command of a package and returns its exit code. A package is loaded only when it is named."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] in (["-h"], ["--help"]):
        print(USAGE)
        return 0
    if words[:1] == ["app"]:
        return _app(words[1:])
    if words[:1] in (["db"], ["train"], ["engine"]):
        package = importlib.import_module(f"{words[0]}.__main__")
        return int(package.main(words[1:], f"mamgbr {words[0]}"))
    print(USAGE, file=sys.stderr)
    return 2


def _app(options: list[str]) -> int:
    from streamlit.web import cli

    folder = Path(__file__).parent / "app"
    cli.main(["run", str(folder), *options], prog_name="streamlit")  # ends the process
    return 0


if __name__ == "__main__":
    sys.exit(main())
