"""LTI Dynamic Registration 1.0: register the tool with a platform, and store the registration."""

from contextlib import suppress
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from sqlalchemy.exc import OperationalError

from lti_tool.directory import registrations as directory
from lti_tool.directory.jwks_cache import DatabaseJwksStorage
from lti_tool.lti import dynamic_registration as protocol
from lti_tool.lti.http_client import HttpClient
from lti_tool.lti.jwks import fetch_jwks
from lti_tool.lti.platform_configuration import PlatformConfiguration, fetch_configuration
from lti_tool.lti.public_keys import PlatformKeys, parse_jwks
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.urls import origin
from lti_tool.platforms import find_profile
from lti_tool.registrations.changes import (
    Outcome,
    configuration_url,
    register_platform,
)
from lti_tool.storage.database import Database

_GIVE_BACK_ATTEMPTS = 3
"""Each waits for the database as long as a write may (``WRITE_TIMEOUT``)."""


def fetch_platform(
    database: Database, http_client: HttpClient, *, url: str | None, token: str | None, code: str
) -> PlatformConfiguration:
    """Fetch the configuration of the platform that is about to be registered.

    ``code`` is the invitation's, or empty. Raises Refused, also for an invitation of another
    institution.
    """
    platform = fetch_configuration(http_client, url, token, find_profile=find_profile)
    if code and not directory.invitation_is_for(database, code, _origin(platform)):
        raise Refused(Code.REGISTRATION_OTHER_INVITATION, issuer=platform.issuer)
    return platform


def register(
    database: Database,
    http_client: HttpClient,
    *,
    tool: protocol.ToolDescription,
    url: str | None,
    token: str | None,
    code: str,
) -> tuple[PlatformConfiguration, Outcome]:
    """Register the tool with the platform; return its configuration and the outcome.

    ``code`` is the invitation's; it is used once, unless the registration fails. Without one a
    new registration is pending. Raises Refused. Nothing is stored unless the platform has answered.
    """
    platform = fetch_configuration(http_client, url, token, find_profile=find_profile)
    if code and not directory.use_invitation(database, code, _origin(platform)):
        raise Refused(Code.REGISTRATION_OTHER_INVITATION, issuer=platform.issuer)
    try:
        made = protocol.register(http_client, platform, tool, token)
        new = replace(
            made.registration,
            name=institution_name(database, platform, code),
            status="active" if code else "pending",
            configuration_url=configuration_url(url or ""),
        )
        outcome = register_platform(
            database,
            new,
            (made.deployment_id,) if made.deployment_id else (),
            code=code,
            shares_a_key=lambda old: _share_a_key(database, http_client, old, new),
        )
    except Exception:
        if code:
            _give_back(database, code)
        raise
    return platform, outcome


def _give_back(database: Database, code: str) -> None:
    """Undo the use of an invitation, also when the database was too busy for the registration."""
    for _ in range(_GIVE_BACK_ATTEMPTS - 1):
        with suppress(OperationalError):
            directory.give_back_invitation(database, code)
            return
    directory.give_back_invitation(database, code)


def known_clients(database: Database, issuer: str) -> int:
    """How many registrations of the issuer are stored already."""
    return directory.count_registrations(database, issuer)


def institution_name(database: Database, platform: PlatformConfiguration, code: str) -> str:
    """The name of the invitation, or the one that the platform sent; empty if there is neither."""
    return (directory.invitation_name(database, code) if code else "") or platform.name or ""


def _origin(platform: PlatformConfiguration) -> str:
    return origin(platform.issuer) or ""


def _share_a_key(
    database: Database, http_client: HttpClient, old: Registration, new: Registration
) -> bool:
    """Whether the new key set has a key of the old one, as stored or as it is published now."""
    if old.jwks_uri == new.jwks_uri:
        return True
    try:
        published = _numbers(fetch_jwks(http_client, new)[1])
        stored = DatabaseJwksStorage(database).load(old.id) if old.id is not None else None
        if stored is not None and stored.raw and published & _numbers(parse_jwks(stored.raw)):
            return True
        return bool(published & _numbers(fetch_jwks(http_client, old)[1]))
    except Refused:
        return False


def _numbers(keys: PlatformKeys) -> set[RSAPublicNumbers]:
    return {key.public_numbers() for key in keys.by_id.values()}
