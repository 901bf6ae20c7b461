"""What one running tool holds: made once at the start, reached from every view."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from courseware.library import Library
from lti_tool.directory.registrations import RegistrationBook
from lti_tool.lti.http_client import HttpClient
from lti_tool.lti.jwks import JwksCache
from lti_tool.lti.signing_keys import SigningKeys
from lti_tool.settings import Settings
from lti_tool.storage.database import Database


@dataclass(frozen=True, slots=True)
class Tool:
    """The parts that live as long as the process."""

    settings: Settings
    database: Database
    library: Library
    registrations: RegistrationBook
    signing_keys: SigningKeys
    jwks_cache: JwksCache
    http_client: HttpClient


def tool() -> Tool:
    """The tool that serves the present request."""
    return cast(Tool, current_app.extensions["minga"])


def database() -> Database:
    """The database of the present request's tool."""
    return tool().database


def settings() -> Settings:
    """The settings of the present request's tool."""
    return tool().settings


def library() -> Library:
    """The modules that the present request's tool can show."""
    return tool().library
