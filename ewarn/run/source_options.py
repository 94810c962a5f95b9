"""Read the options of sources from `EWARN_<SOURCE>_<OPTION>`.

Each source defines its options in `options.py` of its own package, also a source from a third-party
package. Nothing else of a source is imported here.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError, create_model
from pydantic_settings import BaseSettings, SettingsConfigDict

from ewarn.entry_points import entries
from ewarn.errors import SettingsError
from ingest.registry import ENTRIES, GROUP, options_of

PREFIX = "EWARN_"
Sources = Mapping[str, type[BaseModel]]  # the options of each source that has any


class _Read(BaseSettings):
    """Adds reading from the environment to a class of options.

    Unknown names are ignored here, because `settings.load` checks all names together.
    """

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )


def by_source() -> dict[str, type[BaseModel]]:
    """Return the options class of each source that has options.

    A source of ewarn wins over a third-party source with the same name.

    Raises:
        SettingsError: The options of a third-party package cannot be imported.
    """
    found: dict[str, type[BaseModel]] = {}
    for entry in (*entries(GROUP), *ENTRIES):
        try:
            options = options_of(entry)
        except Exception as error:  # a third-party module may raise anything on import
            raise SettingsError(
                f"the options of the source {entry.name!r} cannot be loaded ({error}); repair or "
                "uninstall the package that provides it"
            ) from error
        if options is not None:
            found[entry.name] = options
    return found


def prefix_of(source: str) -> str:
    """Return the prefix of the settings of a source.

    >>> prefix_of("mass-mobilization")
    'EWARN_MASS_MOBILIZATION_'
    """
    return f"{PREFIX}{source.replace('-', '_').upper()}_"


def names(sources: Sources) -> list[str]:
    """Return the full names of the options of all sources."""
    return [
        f"{prefix_of(source)}{field.upper()}"
        for source, options in sources.items()
        for field in options.model_fields
    ]


def read(sources: Sources, secrets_dir: Path | None) -> dict[str, BaseModel]:
    """Read the options of each source from the environment, a `.env` and a folder of secrets.

    Raises:
        SettingsError: An option is not valid; the text names the variable and what is wrong.
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
        # A check of several fields has no location, so the first field is named.
        where = error.errors()[0]["loc"] or tuple(options.model_fields)
        raise refusal(f"{prefix}{where[0]}", error) from None
    return made


def refusal(name: str, error: ValidationError) -> SettingsError:
    """Return the error for a setting that is not valid, in one sentence."""
    return SettingsError(f"{name.upper()} cannot be used: {error.errors()[0]['msg']}")
