"""The objects that live as long as the process, and access to them from views."""

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
from lti_tool.web.rate_limits import RateLimits


@dataclass(frozen=True, slots=True)
class Tool:
    """The objects that live as long as the process; stored in ``app.extensions["minga"]``."""

    settings: Settings
    database: Database
    library: Library
    registrations: RegistrationBook
    signing_keys: SigningKeys
    jwks_cache: JwksCache
    http_client: HttpClient
    rate_limits: RateLimits


def tool() -> Tool:
    """The objects of the current application."""
    return cast(Tool, current_app.extensions["minga"])


def database() -> Database:
    """The database of the current application."""
    return tool().database


def settings() -> Settings:
    """The settings of the current application."""
    return tool().settings


def library() -> Library:
    """The modules that the current application can show."""
    return tool().library
