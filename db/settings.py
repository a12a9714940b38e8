"""Every setting of the project: its environment variable, its default and a sentence.

No other module reads the environment.
"""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where things are and how they behave; frozen, read once from ``MAMGBR_*`` variables."""

    model_config = SettingsConfigDict(env_prefix="MAMGBR_", frozen=True, extra="ignore")

    db: str = Field(
        default="sqlite:///data/mamgbr.db",
        description="URL of the store: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME.",
    )
    models: Path = Field(
        default=Path("data/models"),
        description="Folder of the model versions, a folder each.",
    )
    threads: int = Field(
        default=2,
        ge=1,
        description="Threads that training and ranking may use.",
    )
    upload_mb: int = Field(
        default=200,
        ge=1,
        description="Largest log file that the app and the importer take, in megabytes.",
    )
    benchmarks: Path = Field(
        default=Path("benchmarks/results"),
        description="Folder of the benchmark results that the app shows.",
    )
    keep_versions: int = Field(
        default=5,
        ge=1,
        description="How many of the newest model versions a pruning leaves, beside the serving "
        "one, the one that served before it, and those that are pinned.",
    )
    operators: str = Field(
        default="",
        description="Who may change things where sign-in is configured, apart by commas: e-mail "
        "addresses, or claim=value as in groups=leads. Whoever else signs in may only read.",
    )


def settings() -> Settings:
    """The settings of this process, read at each call so that tests may change them."""
    return Settings()
