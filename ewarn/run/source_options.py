"""Options of sources, read from `EWARN_<SOURCE>_<OPTION>`, whoever brings the source.

A source says in its room, in `options.py`, which it has. Nothing else of it is imported here.
"""

from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path

from pydantic import BaseModel, ValidationError, create_model
from pydantic_settings import BaseSettings, SettingsConfigDict

from ewarn.errors import SettingsError
from ingest.registry import ENTRIES, GROUP, options_of

PREFIX = "EWARN_"
Sources = Mapping[str, type[BaseModel]]  # the options of each source that has any


class _Read(BaseSettings):
    """Reads whatever options it is mixed with; who checks the names sees all of them."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )


def by_source() -> dict[str, type[BaseModel]]:
    """The options of each source that has any; ours keep their names.

    Raises SettingsError where those of a package cannot be loaded.
    """
    found: dict[str, type[BaseModel]] = {}
    for entry in (*entry_points(group=GROUP), *ENTRIES):
        try:
            options = options_of(entry)
        except Exception as error:  # whatever a stranger's module does when it is imported
            raise SettingsError(
                f"the options of the source {entry.name!r} cannot be loaded ({error}); mend the "
                "package that brings it, or uninstall it"
            ) from error
        if options is not None:
            found[entry.name] = options
    return found


def prefix_of(source: str) -> str:
    """How the settings of a source begin.

    >>> prefix_of("mass-mobilization")
    'EWARN_MASS_MOBILIZATION_'
    """
    return f"{PREFIX}{source.replace('-', '_').upper()}_"


def names(sources: Sources) -> list[str]:
    """Every option of every source, by its whole name."""
    return [
        f"{prefix_of(source)}{field.upper()}"
        for source, options in sources.items()
        for field in options.model_fields
    ]


def read(sources: Sources, secrets_dir: Path | None) -> dict[str, BaseModel]:
    """The options of each source as the environment, a `.env` and a folder of secrets have them.

    Raises SettingsError that names the variable and what is wrong with it.
    """
    return {
        source: _read(prefix_of(source), options, secrets_dir)
        for source, options in sources.items()
    }


def _read(prefix: str, options: type[BaseModel], secrets_dir: Path | None) -> BaseModel:
    reader = create_model(options.__name__, __base__=(options, _Read))
    try:
        made: BaseModel = reader(_env_prefix=prefix, _secrets_dir=secrets_dir)
    except ValidationError as error:
        where = error.errors()[0]["loc"] or tuple(options.model_fields)  # of a check of several
        raise refusal(f"{prefix}{where[0]}", error) from None
    return made


def refusal(name: str, error: ValidationError) -> SettingsError:
    """What is wrong with a setting, in one sentence."""
    return SettingsError(f"{name.upper()} cannot be used: {error.errors()[0]['msg']}")
