"""Clients for the services of the registered platforms."""

from functools import cache
from weakref import WeakKeyDictionary

from lti_tool.directory.pauses import DatabasePauses
from lti_tool.directory.service_uses import DatabaseServiceLog
from lti_tool.directory.signing_keys import signing_keys
from lti_tool.directory.token_cache import DatabaseTokenStorage
from lti_tool.lti.http_client import HttpClient
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_connector import PlatformConnector
from lti_tool.lti.tokens import AccessTokens
from lti_tool.settings import Settings
from lti_tool.storage.database import Database

_tokens: WeakKeyDictionary[Database, AccessTokens] = WeakKeyDictionary()


def connector_for(
    settings: Settings, database: Database, registration: Registration
) -> PlatformConnector:
    """Return a connector with the tool's keys, shared access tokens and shared pauses.

    Connections, loaded keys, and which tokens were renewed lately are the process's.
    """
    http_client = _http_client(settings.allow_private_platforms)
    tokens = _tokens.get(database)
    if tokens is None:
        tokens = _tokens[database] = AccessTokens(
            http_client,
            signing_keys(settings, database),
            DatabaseTokenStorage(database, settings.secret_key),
            pauses=DatabasePauses(database),
        )
    return PlatformConnector(registration, http_client, tokens, DatabaseServiceLog(database))


@cache
def _http_client(allow_private: bool) -> HttpClient:
    return HttpClient(allow_private=allow_private)
