"""Settings, read from the environment or a `.env`. An unknown name with EWARN_ is an error."""

import os
from collections.abc import Collection, Iterable, Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Self

import platformdirs
from pydantic import (
    BaseModel,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, DotEnvSettingsSource, NoDecode, SettingsConfigDict

from ewarn.errors import SettingsError
from ewarn.files.spelling import nearest
from ewarn.notify.channels.addresses import networks
from ewarn.notify.channels.email import PORTS, MailServer, Security, check_authority
from ewarn.notify.channels.mail_address import address_of
from ewarn.notify.channels.webhook import key_of
from ewarn.protect.conditions import Conditions
from ewarn.protect.sealing import AesSealer, read_key
from ewarn.run import source_options
from ewarn.run.source_options import PREFIX

_Words = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """All settings of an operator. Lists are comma-separated.

    The options of sources are not fields here: each source defines its own.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )
    _options: dict[str, BaseModel] = PrivateAttr(default_factory=dict)

    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("ewarn")),
        description="folder of the embedded database",
    )
    database_url: str = Field(
        default="", description="database; default sqlite:///<data dir>/ewarn.db"
    )
    config_dir: Path | None = Field(
        default=None,
        description="folder of rules.yaml, bands.yaml, offices.yaml and playbooks.yaml; "
        "a file that is missing there is read from the package",
    )
    sources: _Words = Field(default=("gdelt",), description="sources that the worker polls")
    deliver: _Words = Field(
        default=("log",),
        description="channels that are switched on: `log`, `webhook`, `alertmanager`, `email`, "
        "`apprise`",
    )
    host: str = Field(default="127.0.0.1", description="address the API listens on")
    port: int = Field(default=8000, ge=1, le=65535, description="port the API listens on")
    drain_seconds: int = Field(
        default=2,
        ge=0,
        le=3600,
        description="seconds after SIGTERM in which the API still takes requests",
    )
    access_log: bool = Field(
        default=True, description="log each request of the API, without what it asked about"
    )
    base_url: str = Field(
        default="", description="public address of the web page; default from host and port"
    )
    rate_per_key: int = Field(
        default=600, ge=0, le=1_000_000, description="requests a minute of a key; 0 for no limit"
    )
    rate_per_address: int = Field(
        default=6000,
        ge=0,
        le=1_000_000,
        description="requests a minute of an address; 0 for no limit",
    )
    trusted_proxies: _Words = Field(
        default=(),
        description="networks (CIDR) of proxies whose `X-Forwarded-For` and `-Proto` are believed",
    )
    webhook_allow: _Words = Field(
        default=(), description="networks (CIDR) that webhooks may reach besides public addresses"
    )
    webhook_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(), description="`whsec_...` secrets that sign webhooks; all sign during a rotation"
    )
    deadman_url: SecretStr = Field(
        default=SecretStr(""),
        description="address of an external monitor that the worker pings every minute",
    )
    smtp_host: str = Field(default="", description="mail server (SMTP)")
    smtp_port: int | None = Field(
        default=None, ge=1, le=65535, description="its port; the default depends on the security"
    )
    smtp_security: Security = Field(
        default=Security.STARTTLS,
        description="`starttls`, `tls`, `none` (server on this machine only) or `none-anywhere`",
    )
    smtp_user: str = Field(default="", description="user name, if the mail server needs a login")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="that user's password")
    smtp_from: str = Field(default="", description="sender of mail: `ewarn <ewarn@example.org>`")
    smtp_ca: Path | None = Field(
        default=None, description="file of certificates to trust in addition to the system's"
    )
    protection_key: SecretStr = Field(
        default=SecretStr(""), description="32 bytes in base64 that encrypt protected payloads"
    )
    protection_retention_days: int | None = Field(
        default=None, ge=1, le=3650, description="days that encrypted payloads are stored"
    )
    data_controller: str = Field(
        default="", description="controller of protected data: a name and an address"
    )
    pcodes_url: str = Field(
        default="https://data.humdata.org",
        description="Humanitarian Data Exchange, which publishes OCHA's P-codes",
    )
    compute: str = Field(
        default="",
        description="dask scheduler for back-tests, `dask://host:8786`; default this machine",
    )
    secrets_dir: Path | None = Field(
        default=None,
        description="folder of secrets: one file for each, named like the setting in lower case, "
        "with the value in it",
    )

    @field_validator(
        "sources", "deliver", "trusted_proxies", "webhook_allow", "webhook_secrets", mode="before"
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(word.strip() for word in value.split(",") if word.strip())
        return value

    @field_validator("protection_key")
    @classmethod
    def _is_key(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            read_key(value.get_secret_value())
        return value

    @field_validator("trusted_proxies", "webhook_allow")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        networks(value)
        return value

    @field_validator("webhook_secrets")
    @classmethod
    def _are_secrets(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for secret in value:
            key_of(secret.get_secret_value())
        return value

    @field_validator("smtp_from")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value:
            address_of(parseaddr(value)[1])
        return value

    @field_validator("smtp_ca")
    @classmethod
    def _are_certificates(cls, value: Path | None) -> Path | None:
        if value is not None:
            check_authority(value)
        return value

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if self.mail_server is not None and not self.mail_server.is_protected:
            raise ValueError(
                "`none` sends mail and password unencrypted, so EWARN_SMTP_HOST must be this "
                "machine; set EWARN_SMTP_SECURITY to starttls or tls (or, if you must, to "
                "none-anywhere)"
            )
        return self

    @property
    def mail_server(self) -> MailServer | None:
        """The mail server, or None if its host or the sender is not set."""
        if not (self.smtp_host and self.smtp_from):
            return None
        return MailServer(
            host=self.smtp_host,
            port=self.smtp_port or PORTS[self.smtp_security],
            sender=self.smtp_from,
            security=self.smtp_security,
            user=self.smtp_user,
            password=self.smtp_password.get_secret_value(),
            authority=self.smtp_ca,
        )

    def options_of(self, source: str) -> dict[str, Any]:
        """Return the options of a source by name of the argument, with secrets as plain text."""
        return {
            name: value.get_secret_value() if isinstance(value, SecretStr) else value
            for name, value in self._options.get(source, ())
        }

    def with_options(self, options: Mapping[str, BaseModel]) -> Self:
        """Return these settings with the options of some sources replaced."""
        changed = self.model_copy()
        changed._options = {**self._options, **options}
        return changed

    @property
    def protection(self) -> Conditions:
        """The conditions under which protected data are stored."""
        key = self.protection_key.get_secret_value()
        return Conditions(
            sealer=AesSealer(read_key(key)) if key else None,
            retention_days=self.protection_retention_days,
            controller=self.data_controller.strip(),
        )

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'ewarn.db'}"

    @property
    def public_url(self) -> str:
        """The public URL of the web page, without a slash at the end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: A setting is unknown or not valid; the text names the variable.
    """
    sources = source_options.by_source()
    known = [f"{PREFIX}{field.upper()}" for field in Settings.model_fields]
    known += source_options.names(sources)
    _refuse_unknown(environment if environment is not None else os.environ, known)
    _refuse_unknown_lines(known)
    settings = _read()
    if settings.secrets_dir is not None:
        _refuse_unread(settings.secrets_dir, known)
        settings = _read(settings.secrets_dir)
    return settings.with_options(source_options.read(sources, settings.secrets_dir))


def _read(secrets_dir: Path | None = None) -> Settings:
    try:
        return Settings(_secrets_dir=secrets_dir)  # type: ignore[call-arg]
    except ValidationError as error:
        where = error.errors()[0]["loc"] or ("smtp_security",)  # the only check of several fields
        raise source_options.refusal(f"{PREFIX}{where[0]}", error) from None


def _refuse_unknown(environment: Iterable[str], known: Collection[str]) -> None:
    for name in environment:
        if name.startswith(PREFIX) and name.upper() not in known:
            raise _unknown(name, known)


def _refuse_unknown_lines(known: Collection[str]) -> None:
    """Refuse unknown names in a `.env`: every line of that file must be a setting of ewarn."""
    for name, value in DotEnvSettingsSource(Settings).env_vars.items():
        if value and name.upper() not in known:
            raise _unknown(name.upper(), known)


def _refuse_unread(folder: Path, known: Collection[str]) -> None:
    """Refuse files of secrets that would not be read.

    Otherwise a misspelled name would disable a source without any message.
    """
    try:
        names = [path.name for path in folder.iterdir() if path.is_file()]
    except OSError as error:
        raise SettingsError(
            f"EWARN_SECRETS_DIR names {folder}, which cannot be read ({error.strerror}); name a "
            "folder of files"
        ) from None
    for name in names:
        if f"{PREFIX}{name.upper()}" in known:
            raise SettingsError(
                f"{folder / name} is not read: name it {PREFIX.lower()}{name.lower()}"
            )
    _refuse_unknown((name.upper() for name in names), known)


def _unknown(name: str, known: Collection[str]) -> SettingsError:
    near = nearest(name, known)
    hint = f"did you mean {near}?" if near else f"the settings are {', '.join(known)}"
    return SettingsError(f"{name} is not a setting of ewarn; {hint}")
