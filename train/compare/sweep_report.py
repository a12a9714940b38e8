"""A sweep's rows as a page for people."""

from collections.abc import Sequence

from train.compare.markdown import COLUMNS, by_run, cell, cells, commands, headings, table
from train.compare.results import Row
from train.config import otherwise


def sweep_report(param: str, rows: Sequence[Row]) -> str:
    """Markdown: a section for each preset, other settings, seed and state of the data, a line a value."""
    parts = [
        f"# Sweep of {param}",
        "One right answer among 10 and among 100 candidates of validation groups, the same for all values; below "
        "each figure its 95 % bootstrap interval over groups. A training's best evaluation was picked on the same "
        "groups.",
    ]
    sections: dict[tuple[str, str, int, str], list[Row]] = {}
    for row in rows:
        alike = (row["preset"], _changes(param, row), row["seed"], row["data_version"])
        sections.setdefault(alike, []).append(row)
    for (base, changes, seed, data), chosen in sections.items():
        lines = []
        for run in by_run(chosen):
            found, first = cells(run), run[0]
            lines.append(
                [
                    first["setting"],
                    *(cell(found.get(column)) for column in COLUMNS),
                    f"{first['seconds']:.1f}",
                    str(first["peak_mib"]),
                    first["code_version"],
                ]
            )
        parts += [
            f"## Preset {base}{changes}, seed {seed}",
            f"{chosen[0]['training_groups']} groups to learn from, {chosen[0]['validation_groups']} kept for "
            f"validation, data version {data}.",
            commands(chosen),
            table([param, *headings(COLUMNS), "seconds", "peak MiB", "code"], lines),
        ]
    return "\n\n".join(parts) + "\n"


def _changes(param: str, row: Row) -> str:
    """What the row's settings are besides the swept ones, where today's preset has something else."""
    changes = otherwise(row["preset"], row["settings"], apart_from=param.split("+"))
    return "".join(f", {name}={value}" for name, value in changes.items())
