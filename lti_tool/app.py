"""Create the Flask application of the live tool."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from courseware.library import Library
from lti_tool import health
from lti_tool.directory.jwks_cache import DatabaseJwksStorage
from lti_tool.directory.registrations import RegistrationBook
from lti_tool.directory.signing_keys import signing_keys
from lti_tool.features import FEATURES
from lti_tool.lti.http_client import HttpClient
from lti_tool.lti.jwks import JwksCache
from lti_tool.sessions import navigation, panels
from lti_tool.sessions import requests as session_requests
from lti_tool.sessions import views as session_views
from lti_tool.sessions.current import URL_PREFIX
from lti_tool.settings import Settings
from lti_tool.storage.database import Database
from lti_tool.web import audit_details, errors, pages, security, static
from lti_tool.web.context import Tool
from lti_tool.web.rate_limits import RateLimits


class _Application(Flask):
    """Flask without coroutines: no view and no hook is one."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function; Flask inspects each one again for every request."""
        return func


def create_app(settings: Settings) -> Flask:
    """Create the WSGI application. It opens the database, and does not change its tables."""
    app = _Application("lti_tool", static_folder=None, template_folder=None)
    app.extensions["minga"] = make_tool(settings)
    security.install(app)
    pages.install(app)
    session_requests.install(app)
    panels.install(app, [panel for feature in FEATURES for panel in feature.panels])
    navigation.install(
        app,
        [entry for feature in FEATURES for entry in feature.navigation],
        [entry for feature in FEATURES for entry in feature.institution_pages],
    )
    app.extensions["minga.acts"] = {
        action: label for feature in FEATURES for action, label in feature.acts.items()
    }
    audit_details.install(
        app, {action: each for feature in FEATURES for action, each in feature.details.items()}
    )
    errors.install(app)
    _compress(app)
    app.register_blueprint(static.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(session_views.blueprint, url_prefix=URL_PREFIX)
    for feature in FEATURES:
        for blueprint in feature.blueprints:
            app.register_blueprint(blueprint)
        for blueprint in feature.session_blueprints:
            app.register_blueprint(blueprint, url_prefix=URL_PREFIX)
    _limit_rates(app, settings, app.extensions["minga"].rate_limits)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    return app


def make_tool(settings: Settings) -> Tool:
    """Create the objects that live as long as the process."""
    database = Database(settings.database_url)
    http_client = HttpClient(allow_private=settings.allow_private_platforms)
    return Tool(
        settings=settings,
        database=database,
        library=Library(settings.content_dir),
        registrations=RegistrationBook(database),
        signing_keys=signing_keys(settings, database),
        jwks_cache=JwksCache(http_client, DatabaseJwksStorage(database)),
        http_client=http_client,
        rate_limits=RateLimits(settings.redis_url),
    )


def _compress(app: Flask) -> None:
    app.config["COMPRESS_ALGORITHM"] = ["zstd", "br", "gzip"]
    app.config["COMPRESS_ZSTD_LEVEL"] = 2
    app.config["COMPRESS_BR_LEVEL"] = 2
    app.config["COMPRESS_LEVEL"] = 6
    app.config["COMPRESS_MIN_SIZE"] = 500
    app.config["COMPRESS_MIMETYPES"] = [
        "text/html",
        "text/css",
        "text/javascript",
        "text/vtt",
        "image/svg+xml",
        "application/json",
    ]
    Compress(app)


def _limit_rates(app: Flask, settings: Settings, limits: RateLimits) -> None:
    """Limit requests from one IP address: registrations always, launches if the setting asks."""
    for endpoint in ("registrations.show", "registrations.register"):
        limits.limit(app, endpoint, per_minute=30)
    limits.limit(app, "platform_notices.receive", per_minute=600)
    if settings.requests_per_minute:
        for endpoint in ("launches.login", "launches.launch"):
            limits.limit(app, endpoint, per_minute=settings.requests_per_minute)
