"""Every setting of the live tool: typed, documented here, read from the environment.

``lti-tool settings`` prints them with where each came from. Secrets are never printed.
"""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit

from courseware import resources


class SettingsError(Exception):
    """A setting that cannot be used; the message says which, why and what to write instead."""


def _setting(name: str, meaning: str, *, secret: bool = False) -> Any:
    return field(metadata={"name": name, "meaning": meaning, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """The tool's settings, each with its environment variable and its meaning."""

    public_url: str = _setting("MINGA_PUBLIC_URL", "the address that platforms and browsers use")
    data_dir: Path = _setting("MINGA_DATA_DIR", "keys, the embedded database, packages")
    database_url: str = _setting("MINGA_DATABASE_URL", "SQLAlchemy address", secret=True)
    content_dir: Path = _setting("MINGA_CONTENT_DIR", "the folder of modules")
    secret_key: str = _setting(
        "MINGA_SECRET_KEY", "signs and encrypts; or give MINGA_SECRET_KEY_FILE", secret=True
    )
    redis_url: str | None = _setting("MINGA_REDIS_URL", "Redis, for rate limits", secret=True)
    smtp_url: str | None = _setting(
        "MINGA_SMTP_URL", "smtp://user:password@host:587; this version sends no mail", secret=True
    )
    mail_from: str | None = _setting(
        "MINGA_MAIL_FROM", "sender of outgoing mail; this version sends none"
    )
    allow_private_platforms: bool = _setting(
        "MINGA_ALLOW_PRIVATE_PLATFORMS", "may fetch from loopback and private addresses, and http"
    )
    trusted_proxies: int = _setting("MINGA_TRUSTED_PROXIES", "how many proxies to believe")
    registration: Literal["invite", "open"] = _setting(
        "MINGA_REGISTRATION", "invite (a code is needed) or open (pending until approved)"
    )
    launch_max_age: int = _setting(
        "MINGA_LAUNCH_MAX_AGE", "seconds: how old an id_token may be when it arrives"
    )
    session_hours: int = _setting("MINGA_SESSION_HOURS", "hours that a launch stays open")
    posts_per_minute: int = _setting("MINGA_POSTS_PER_MINUTE", "posts that a person may write")
    requests_per_minute: int = _setting(
        "MINGA_REQUESTS_PER_MINUTE", "logins and launches from one address; 0 for no limit"
    )
    log_level: str = _setting("MINGA_LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR")
    log_format: Literal["text", "json"] = _setting("MINGA_LOG_FORMAT", "text or json")
    sources: Mapping[str, str] = field(default_factory=dict, metadata={"name": None})
    """Where each value came from: ``environment``, ``default``, ``made`` or a file's name."""

    @property
    def secure(self) -> bool:
        """Whether people reach the tool over HTTPS."""
        return self.public_url.startswith("https://")

    @property
    def origin(self) -> str:
        """Scheme, host and port of the public address, as browsers write an origin."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    def table(self) -> list[tuple[str, str, str, str]]:
        """Rows of (variable, value, source, meaning); secrets say only whether they are set."""
        rows = []
        for each in fields(self):
            name = each.metadata["name"]
            if name is None:
                continue
            value = getattr(self, each.name)
            shown = "" if value is None else str(value)
            if each.metadata["secret"] and shown:
                shown = _without_password(shown) if "://" in shown else "(set, hidden)"
            rows.append((name, shown, self.sources.get(name, "default"), each.metadata["meaning"]))
        return rows


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; make the data folder and the secret key at the first start.

    Raises :class:`SettingsError` with one line for the operator.
    """
    environ = dict(os.environ if environ is None else environ)
    reader = _Reader(environ)
    data_dir = Path(reader.text("MINGA_DATA_DIR", "./minga-data")).expanduser().absolute()
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(
            f"MINGA_DATA_DIR: {data_dir} cannot be made ({error.strerror}). "
            "Give a folder that this process may write to."
        ) from None
    values: dict[str, Any] = {
        "public_url": _public_url(reader.text("MINGA_PUBLIC_URL", "http://localhost:8000")),
        "data_dir": data_dir,
        "database_url": reader.text("MINGA_DATABASE_URL", f"sqlite:///{data_dir / 'minga.db'}"),
        "content_dir": _content_dir(reader),
        "secret_key": _secret_key(reader, data_dir),
        "redis_url": _redis_url(reader),
        "smtp_url": reader.optional("MINGA_SMTP_URL"),
        "mail_from": reader.optional("MINGA_MAIL_FROM"),
        "allow_private_platforms": reader.flag("MINGA_ALLOW_PRIVATE_PLATFORMS", False),
        "trusted_proxies": reader.number("MINGA_TRUSTED_PROXIES", 0, 0, 10),
        "registration": reader.choice("MINGA_REGISTRATION", "invite", ("invite", "open")),
        "launch_max_age": reader.number("MINGA_LAUNCH_MAX_AGE", 600, 30, 86_400),
        "session_hours": reader.number("MINGA_SESSION_HOURS", 12, 1, 24 * 14),
        "posts_per_minute": reader.number("MINGA_POSTS_PER_MINUTE", 10, 1, 10_000),
        "requests_per_minute": reader.number("MINGA_REQUESTS_PER_MINUTE", 0, 0, 1_000_000),
        "log_level": reader.choice(
            "MINGA_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")
        ),
        "log_format": reader.choice("MINGA_LOG_FORMAT", "text", ("text", "json")),
    }
    return Settings(**values, sources=reader.sources)


class _Reader:
    """Reads typed values and remembers which of them somebody set."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.sources: dict[str, str] = {}

    def optional(self, name: str) -> str | None:
        value = self.environ.get(name, "").strip()
        self.sources[name] = "environment" if value else "default"
        return value or None

    def text(self, name: str, default: str) -> str:
        return self.optional(name) or default

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name, "yes" if default else "no").lower()
        if value in ("1", "true", "yes", "on"):
            return True
        if value in ("0", "false", "no", "off"):
            return False
        raise SettingsError(f"{name}: give yes or no; it is {value!r}.")

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name, str(default))
        if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
            raise SettingsError(f"{name}: give a whole number from {least} to {most}.")
        return int(value)

    def choice(self, name: str, default: str, words: tuple[str, ...]) -> str:
        value = self.text(name, default)
        for word in words:
            if value.lower() == word.lower():
                return word
        raise SettingsError(f"{name}: give one of {', '.join(words)}; it is {value!r}.")


def _public_url(value: str) -> str:
    parts = _url(value)
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.query
        or parts.fragment
    ):
        raise SettingsError(
            f"MINGA_PUBLIC_URL: {value!r} is not an address. Write it like https://minga.example.org"
        )
    if parts.path.strip("/"):
        raise SettingsError(
            f"MINGA_PUBLIC_URL: {value!r} has a path. Give the tool a host name of its own."
        )
    return value.rstrip("/").lower()


def _redis_url(reader: _Reader) -> str | None:
    value = reader.optional("MINGA_REDIS_URL")
    parts = _url(value) if value else None
    if value and (parts is None or parts.scheme not in ("redis", "rediss", "unix")):
        raise SettingsError("MINGA_REDIS_URL: write it like redis://127.0.0.1:6379/0")
    return value


def _url(value: str) -> SplitResult | None:
    """The parts of an address; None where it is none."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _content_dir(reader: _Reader) -> Path:
    given = reader.optional("MINGA_CONTENT_DIR")
    folder = Path(given).expanduser().absolute() if given else resources.content()
    if not folder.is_dir():
        raise SettingsError(f"MINGA_CONTENT_DIR: there is no folder {folder}.")
    return folder


def _secret_key(reader: _Reader, data_dir: Path) -> str:
    """The secret of the settings, of a file, or one made at the first start (mode 600)."""
    given = reader.optional("MINGA_SECRET_KEY")
    if given is None:
        named = reader.environ.get("MINGA_SECRET_KEY_FILE", "").strip()
        file = Path(named).expanduser() if named else data_dir / "secret-key"
        reader.sources["MINGA_SECRET_KEY"] = str(file)
        try:
            if not named:
                _make_once(file, secrets.token_urlsafe(48))
        except OSError as error:
            raise SettingsError(
                f"MINGA_DATA_DIR: {data_dir} cannot be written to ({error.strerror})."
            ) from None
        try:
            given = file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SettingsError(f"MINGA_SECRET_KEY_FILE: {file} cannot be read.") from None
    if len(given) < 32:
        raise SettingsError("MINGA_SECRET_KEY: give at least 32 characters that nobody can guess.")
    return given


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


def _without_password(url: str) -> str:
    parts = _url(url)
    if parts is None:
        return "(set, hidden)"
    if parts.password is None:
        return url
    place = parts.netloc.replace(f":{parts.password}@", ":…@")
    return parts._replace(netloc=place).geturl()
