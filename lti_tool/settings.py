"""The settings of the live tool: typed, described here, read from the environment.

Each is a variable ``MINGA_<NAME>``; a secret may be in a file that ``MINGA_<NAME>_FILE`` names.
``lti-tool settings`` prints them with the source of each. Secrets are never printed.
"""

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from courseware import resources
from lti_tool.mail.server import parse_sender, parse_server

_PREFIX = "MINGA_"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SECRET: JsonDict = {"secret": True}
_NO_SETTING: JsonDict = {"setting": False}


class SettingsError(Exception):
    """A setting that cannot be used; the message says which, why and what to write instead.

    It is one line and holds no secret.
    """


def _make_folder(folder: Path) -> Path:
    """Make the data folder (mode 0700) if there is none."""
    folder = folder.expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(
            f"MINGA_DATA_DIR: {folder} cannot be made ({error.strerror}). "
            "Give a folder that this process may write to."
        ) from None
    return folder


def _existing_folder(folder: Path) -> Path:
    folder = folder.expanduser().absolute()
    if not folder.is_dir():
        raise SettingsError(f"MINGA_CONTENT_DIR: there is no folder {folder}.")
    return folder


def _check_public_url(value: str) -> str:
    parts = _split(value)
    if parts is not None and "@" in parts.netloc:
        raise SettingsError("MINGA_PUBLIC_URL: leave out the user name and the password.")
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.query
        or parts.fragment
    ):
        raise SettingsError(
            f"MINGA_PUBLIC_URL: {value!r} is not a URL. Write it like https://minga.example.org"
        )
    if parts.path.strip("/"):
        raise SettingsError(
            f"MINGA_PUBLIC_URL: {value!r} has a path. Give the tool a host name of its own."
        )
    return value.rstrip("/").lower()


def _check_redis_url(value: str | None) -> str | None:
    schemes = ("redis://", "rediss://", "unix://")
    if value and (_split(value) is None or not value.startswith(schemes)):
        raise SettingsError("MINGA_REDIS_URL: write it like redis://127.0.0.1:6379/0")
    return value


def _check_attachments_url(value: str | None) -> str | None:
    parts = _split(value) if value else None
    if value and (parts is None or parts.scheme != "s3" or not parts.netloc):
        raise SettingsError(
            "MINGA_ATTACHMENTS_URL: write it like s3://bucket/folder?endpoint=https://s3.example.org"
        )
    return value


def _check_smtp_url(value: str | None) -> str | None:
    if value:
        try:
            parse_server(value)
        except ValueError:
            raise SettingsError(
                "MINGA_SMTP_URL: write it like smtp+starttls://user:password@mail.example.org:587 "
                "(or smtps://, smtp://), with %-encoded user name and password."
            ) from None
    return value


def _check_mail_from(value: str | None) -> str | None:
    if value:
        try:
            parse_sender(value)
        except ValueError:
            raise SettingsError(
                "MINGA_MAIL_FROM: write it like Minga <minga@example.org>."
            ) from None
    return value


def _check_contact(value: str | None) -> str | None:
    if value and not _EMAIL.fullmatch(value):
        parts = _split(value)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(
                "MINGA_CONTACT: write it like minga@example.org or https://example.org/contact"
            )
    return value


def _check_translation_url(value: str | None) -> str | None:
    if not value:
        return None
    parts = _split(value)
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
    ):
        raise SettingsError(
            "MINGA_TRANSLATION_URL: write it like https://translate.example.org, without "
            "/translate at the end; the key belongs into MINGA_TRANSLATION_KEY."
        )
    return value.rstrip("/")


def _check_secret_key(value: str) -> str:
    if len(value) < 32:
        raise SettingsError("MINGA_SECRET_KEY: give at least 32 characters that nobody can guess.")
    return value


def _split(value: str) -> SplitResult | None:
    """The parts of a URL; None where it is none."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return None
    return parts


class Settings(BaseSettings):
    """The tool's settings. Read them with :func:`load`."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="forbid")

    public_url: Annotated[str, AfterValidator(_check_public_url)] = Field(
        "http://localhost:8000", description="the URL that platforms and browsers use"
    )
    data_dir: Annotated[Path, AfterValidator(_make_folder)] = Field(
        Path("./minga-data"),
        description="the embedded database, the secret key, packages",
        validate_default=True,
    )
    database_url: str = Field(
        default_factory=lambda before: f"sqlite:///{before['data_dir'] / 'minga.db'}",
        description="SQLAlchemy URL",
        json_schema_extra=_SECRET,
        repr=False,
    )
    content_dir: Annotated[Path, AfterValidator(_existing_folder)] = Field(
        default_factory=resources.content, description="the folder of modules"
    )
    secret_key: Annotated[str, AfterValidator(_check_secret_key)] = Field(
        default_factory=lambda before: _made_secret_key(before["data_dir"]),
        description="signs and encrypts; or give MINGA_SECRET_KEY_FILE",
        json_schema_extra=_SECRET,
        repr=False,
        validate_default=True,
    )
    redis_url: Annotated[str | None, AfterValidator(_check_redis_url)] = Field(
        None,
        description="Redis, for rate limits",
        json_schema_extra=_SECRET,
        repr=False,
    )
    attachments_url: Annotated[str | None, AfterValidator(_check_attachments_url)] = Field(
        None,
        description="s3://bucket/folder?endpoint=URL&region=NAME; without it, files attached to "
        "posts are in the data folder",
    )
    smtp_url: Annotated[str | None, AfterValidator(_check_smtp_url)] = Field(
        None,
        description="mail server: smtp+starttls://user:password@host:587; none: no mail is sent",
        json_schema_extra=_SECRET,
        repr=False,
    )
    mail_from: Annotated[str | None, AfterValidator(_check_mail_from)] = Field(
        None, description="sender of outgoing mail; needed for MINGA_SMTP_URL"
    )
    mail_delay: int = Field(
        300,
        ge=0,
        le=86_400,
        description="seconds: how long posts are gathered before they are mailed together",
    )
    translation_url: Annotated[str | None, AfterValidator(_check_translation_url)] = Field(
        None,
        description="LibreTranslate, for translations of posts where an institution allows them",
    )
    translation_key: str | None = Field(
        None,
        description="API key of the translation service",
        json_schema_extra=_SECRET,
        repr=False,
    )
    translation_private: bool = Field(
        False, description="the translation service may have a private address, and http"
    )
    translations_per_minute: int = Field(
        10, ge=1, le=10_000, description="translations that a person may ask for"
    )
    allow_private_platforms: bool = Field(
        False, description="may fetch from loopback and private addresses, and http"
    )
    trusted_proxies: int = Field(0, ge=0, le=10, description="how many proxies to believe")
    registration: Annotated[Literal["invite", "open"], BeforeValidator(str.lower)] = Field(
        "invite", description="invite (a code is needed) or open (pending until approved)"
    )
    contact: Annotated[str | None, AfterValidator(_check_contact)] = Field(
        None,
        description="e-mail address or web page where administrators ask for an invitation",
    )
    launch_max_age: int = Field(
        600, ge=30, le=86_400, description="seconds: how old an id_token may be when it arrives"
    )
    session_hours: int = Field(12, ge=1, le=24 * 14, description="hours that a launch stays open")
    posts_per_minute: int = Field(10, ge=1, le=10_000, description="posts that a person may write")
    requests_per_minute: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="logins and launches from one address; 0 for no limit",
    )
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(str.upper)
    ] = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_format: Annotated[Literal["text", "json"], BeforeValidator(str.lower)] = Field(
        "text", description="text or json: one object a line"
    )
    sources: Mapping[str, str] = Field(default_factory=dict, json_schema_extra=_NO_SETTING)
    """Where each value that was given came from: ``environment`` or a file's name."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment that :func:`load` was given, and nothing else."""
        return (_Environment(settings_cls, init_settings()["environ"]),)

    @property
    def secure(self) -> bool:
        """Whether people reach the tool over HTTPS."""
        return self.public_url.startswith("https://")

    @property
    def sends_mail(self) -> bool:
        """Whether a mail server and a sender are set."""
        return self.smtp_url is not None and self.mail_from is not None

    @property
    def origin(self) -> str:
        """Scheme, host and port of the public URL, as browsers write an origin."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    def table(self) -> list[tuple[str, str, str, str]]:
        """Rows of (variable, value, source, meaning); secrets say only whether they are set."""
        rows = []
        for name, field in documented():
            value = getattr(self, name)
            shown = "" if value is None else str(value)
            if isinstance(value, bool):
                shown = "yes" if value else "no"
            if is_secret(field) and shown:
                shown = without_secrets(shown) if "://" in shown else "(set, hidden)"
            source = self.sources.get(name)
            if source is None and name == "secret_key":
                source = str(_secret_key_file(self.data_dir))
            rows.append((variable(name), shown, source or "default", field.description or ""))
        return rows


class _Environment(PydanticBaseSettingsSource):
    """The variables ``MINGA_<NAME>``, and for secrets the files ``MINGA_<NAME>_FILE``.

    An empty variable is one that is not set.
    """

    def __init__(self, settings_cls: type[BaseSettings], environ: Mapping[str, str]) -> None:
        super().__init__(settings_cls)
        self._environ = environ

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The value, where it came from, and that it is not JSON."""
        name = variable(field_name)
        value = self._environ.get(name, "").strip()
        if value:
            return value, "environment", False
        file = self._environ.get(f"{name}_FILE", "").strip() if is_secret(field) else ""
        if file:
            path = Path(file).expanduser()
            return _read_secret(path, f"{name}_FILE"), str(path), False
        return None, "", False

    def __call__(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        sources = {}
        for name, field in documented():
            value, source, _ = self.get_field_value(field, name)
            if value is not None:
                values[name], sources[name] = value, source
        return {**values, "sources": sources}


def documented() -> list[tuple[str, FieldInfo]]:
    """The fields that are settings, in the order of the table."""
    fields = Settings.model_fields
    return [(name, each) for name, each in fields.items() if each.json_schema_extra != _NO_SETTING]


def is_secret(field: FieldInfo) -> bool:
    """Whether a setting's value must not be shown."""
    return field.json_schema_extra == _SECRET


def variable(name: str) -> str:
    """The environment variable of a field."""
    return f"{_PREFIX}{name.upper()}"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; make the data folder and the secret key at the first start.

    Raises :class:`SettingsError` with one line for the operator.
    """
    given: dict[str, Any] = {"environ": os.environ if environ is None else environ}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None


def _explain(error: ValidationError) -> str:
    """One line about the first wrong value, in words that say what to write."""
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0])
    value, kind = first["input"], first["type"]
    if kind.startswith("bool"):
        remedy = f"give yes or no; it is {value!r}."
    elif kind == "literal_error":
        choices = str(first["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
        remedy = f"give one of {choices}; it is {value!r}."
    else:
        bounds = {type(each).__name__: each for each in Settings.model_fields[name].metadata}
        least, most = getattr(bounds.get("Ge"), "ge", 0), getattr(bounds.get("Le"), "le", 0)
        remedy = f"give a whole number from {least} to {most}."
    return f"{variable(name)}: {remedy}"


def _secret_key_file(data_dir: Path) -> Path:
    return data_dir / "secret-key"


def _made_secret_key(data_dir: Path) -> str:
    """The secret key in the data folder, made at the first start (mode 0600)."""
    file = _secret_key_file(data_dir)
    try:
        _make_once(file, secrets.token_urlsafe(48))
    except OSError as error:
        raise SettingsError(
            f"MINGA_DATA_DIR: {data_dir} cannot be written to ({error.strerror})."
        ) from None
    return _read_secret(file, "MINGA_SECRET_KEY_FILE")


def _read_secret(file: Path, name: str) -> str:
    try:
        value = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError, ValueError):
        raise SettingsError(f"{name}: {file} cannot be read.") from None
    if not value:
        raise SettingsError(f"{name}: {file} is empty.")
    return value


def _make_once(file: Path, text: str) -> None:
    """Write a file that only its owner reads, unless it is there; safe with several processes."""
    if file.exists():
        return
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


_HARMLESS = re.compile(
    r"(host|hostaddr|port|dbname|db|user|sslmode|sslrootcert|connect_timeout|application_name"
    r"|target_session_attrs|timeout|mode|cache|uri|protocol|ssl_cert_reqs)=[^&]*"
)


def without_secrets(url: str) -> str:
    """A URL without its password, and without query parameters that may hold one.

    A URL that could be split in two ways is hidden whole: an unescaped ``?`` or ``#`` in a password
    would make the rest of the password look like something else.
    """
    scheme, _, rest = url.partition("://")
    head, question, query = rest.partition("?")
    if "@" in query or "#" in rest:
        return "(set, hidden)"
    user, at, host = head.rpartition("@")
    if at:
        name, colon, _ = user.partition(":")
        head = f"{name}:…@{host}" if colon else head
    parameters = [
        each if _HARMLESS.fullmatch(each) else f"{each.partition('=')[0]}=…"
        for each in query.split("&")
        if each
    ]
    return f"{scheme}://{head}{question}{'&'.join(parameters)}"
