"""Every setting of the project: its environment variable, its default and what it does.

No other module reads the environment.
"""

import os
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.errors import InputError

_PREFIX = "MAMGBR_"


class Settings(BaseSettings):
    """Locations and limits, read from ``MAMGBR_*`` environment variables; frozen."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="ignore")

    db: str = Field(
        default="sqlite:///data/mamgbr.db",
        description="Database URL: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME.",
    )
    models: Path = Field(
        default=Path("data/models"),
        description="Folder of the model versions, one subfolder each.",
    )
    threads: int = Field(
        default=2,
        ge=1,
        le=1_024,
        description="Threads for training and ranking.",
    )
    upload_mb: int = Field(
        default=200,
        ge=1,
        le=1_000_000,
        description="Maximum size of an uploaded or imported file, in megabytes.",
    )
    benchmarks: Path = Field(
        default=Path("benchmarks/results"),
        description="Folder of the benchmark results shown on the Evaluation page.",
    )
    keep_versions: int = Field(
        default=5,
        ge=1,
        le=1_000_000,
        description="How many of the newest model versions to keep. The current, previous and "
        "pinned versions are always kept.",
    )
    timezone: str = Field(
        default="",
        description="Time zone of the shop's clock, such as Asia/Shanghai, instead of the store's own.",
    )
    operators: str = Field(
        default="",
        description="Who can make changes when sign-in is on, comma-separated: e-mail addresses, "
        "or claim=value such as groups=leads. Everyone else has read-only access.",
    )
    hosts: str = Field(
        default="",
        description="Names other than localhost by which browsers reach the app, comma-separated, such as "
        "shop.example. Requests for any other name are refused.",
    )


def settings() -> Settings:
    """The current settings, read again at each call so that tests can change them.

    Raises InputError, which names the variable and its value, where one has a value that it cannot have.
    """
    try:
        return Settings()
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
    variable = f"{_PREFIX}{name.upper()}"
    given = next((text for key, text in os.environ.items() if key.upper() == variable), "")
    field = Settings.model_fields[name]
    limits = {type(one).__name__: one for one in field.metadata}
    raise InputError(
        "db.settings.number",
        variable=variable,
        given=(given,),
        least=limits["Ge"].ge,
        most=limits["Le"].le,
        default=field.default,
    )
