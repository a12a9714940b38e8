"""The report of the page About: versions, settings, places and sizes, the serving model, without secrets."""

import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psutil
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from db.code_version import ROOT
from db.errors import EngineError
from db.settings import Settings
from engine.bundle.files import MANIFEST
from engine.bundle.manifest import Manifest, read_manifest

PACKAGES = (
    "streamlit",
    "plotly",
    "pandas",
    "numpy",
    "scipy",
    "sqlalchemy",
    "onnxruntime",
    "onnxruntime-gpu",
    "torch",  # read from its metadata: the app never imports torch
)
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "benchmarks/results/README.md", "LICENSE")
HIDDEN = "***"
SECRET = r"password|passwd|pwd|secret|token|key|credential"  # noqa: S105 - what secrets are called


@dataclass(frozen=True)
class InstalledPackage:
    """An installed package and its licence, empty where it names none."""

    name: str
    version: str
    licence: str


@dataclass(frozen=True)
class SettingRow:
    """A setting with its current value."""

    name: str  # in ``Settings``
    variable: str  # of the environment
    value: str
    default: str
    sentence: str


def installed_packages() -> list[InstalledPackage]:
    """The packages out of ``PACKAGES`` that are installed."""
    found = []
    for name in PACKAGES:
        try:
            about = metadata.metadata(name).json
        except metadata.PackageNotFoundError:
            continue
        found.append(InstalledPackage(name, str(about["version"]), package_licence(about)))
    return found


def package_licence(about: dict[str, str | list[str]]) -> str:
    """The licence in a package's metadata: an expression, a classifier, or the first line of a text."""
    classifiers = about.get("classifier", [])
    classified = [
        entry.rpartition(" :: ")[2] for entry in classifiers if entry.startswith("License :: ")
    ]
    stated = about.get("license_expression") or ", ".join(classified) or about.get("license") or ""
    return str(stated).strip().split("\n")[0]


def describe_machine() -> str:
    """Operating system, cores and memory in one line."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{platform.platform(terse=True)}, {psutil.cpu_count() or 1} × {platform.machine()}, {memory:.0f} GiB"


def describe_settings(current: Settings) -> list[SettingRow]:
    """Every setting with its variable, value, default and description; secrets are hidden."""
    prefix = str(Settings.model_config.get("env_prefix", ""))
    return [
        SettingRow(
            name=name,
            variable=f"{prefix}{name}".upper(),
            value=displayed_value(name, getattr(current, name)),
            default=displayed_value(name, field.default),
            sentence=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def displayed_value(name: str, value: object) -> str:
    """A setting's value without passwords, secrets and tokens."""
    text = "" if value is None else str(value)
    if text and re.search(SECRET, name, re.IGNORECASE):
        return HIDDEN
    return redact_secrets(text)


def redact_secrets(text: str) -> str:
    """The text with the passwords in its URLs hidden, before the host and among the parameters."""
    try:
        text = make_url(text).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):  # not the URL of a database
        text = re.sub(r"(://[^/@\s:]*:)[^@\s]*@", rf"\1{HIDDEN}@", text)
    return re.sub(rf"((?:{SECRET})[^=&\s]*=)[^&\s]*", rf"\1{HIDDEN}", text, flags=re.IGNORECASE)


def shipped_documents() -> list[Path]:
    """The files out of ``DOCUMENTS`` that came with the code."""
    return [ROOT / name for name in DOCUMENTS if (ROOT / name).exists()]


def readable_manifest(folder: Path) -> Manifest | None:
    """The manifest of the model in ``folder``; ``None`` where it cannot be read."""
    path = folder / MANIFEST
    try:
        return read_manifest(path.read_bytes(), str(path))
    except (OSError, EngineError):
        return None


@dataclass(frozen=True)
class Section:
    """A heading and the table beneath it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def format_report(sections: Sequence[Section]) -> str:
    """All sections as plain text: a heading, then one line per row."""
    parts = []
    for section in sections:
        lines = [" | ".join(cell for cell in row if cell) for row in section.rows]
        parts.append("\n".join([section.title, "-" * len(section.title), *lines]))
    return "\n\n".join(parts) + "\n"
