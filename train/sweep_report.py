"""A sweep's rows as a page for people."""

from collections.abc import Sequence

from train.markdown import COLUMNS, by_run, cell, cells, commands, headings, table
from train.results import Row


def sweep_report(param: str, rows: Sequence[Row]) -> str:
    """Markdown: a section for each preset, seed and state of the data, a line a value."""
    parts = [
        f"# Sweep of {param}",
        "One right answer among 10 and among 100 candidates of validation groups, the same for all values; below "
        "each figure its 95 % bootstrap interval over groups. A training's best evaluation was picked on the same "
        "groups.",
    ]
    sections = dict.fromkeys((row["preset"], row["seed"], row["data_version"]) for row in rows)
    for preset, seed, data in sections:
        chosen = [
            row
            for row in rows
            if (row["preset"], row["seed"], row["data_version"]) == (preset, seed, data)
        ]
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
            f"## Preset {preset}, seed {seed}",
            f"{chosen[0]['training_groups']} groups to learn from, {chosen[0]['validation_groups']} kept for "
            f"validation, data version {data}.",
            commands(chosen),
            table([param, *headings(COLUMNS), "seconds", "peak MiB", "code"], lines),
        ]
    return "\n\n".join(parts) + "\n"
