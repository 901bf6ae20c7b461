"""Import every table of the tool, for migrations and for tests."""

from importlib import import_module

from lti_tool.directory import audit, cache_model, exchange_model, service_uses, signing_keys
from lti_tool.directory import model as directory
from lti_tool.features import FEATURES
from lti_tool.sessions import model as sessions
from lti_tool.storage.database import Base
from lti_tool.tasks import heartbeat, outbox

SHARED = (
    directory,
    audit,
    cache_model,
    exchange_model,
    service_uses,
    signing_keys,
    sessions,
    outbox,
    heartbeat,
)
FEATURE_MODELS = tuple(import_module(feature.models) for feature in FEATURES if feature.models)

METADATA = Base.metadata
"""All tables."""
