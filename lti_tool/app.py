"""Put the live tool together."""

from flask import Flask
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from courseware.library import Library
from lti_tool.directory.platform_caches import DatabaseKeySets
from lti_tool.directory.registrations import RegistrationBook
from lti_tool.directory.signing_keys import signing_keys
from lti_tool.discussion import views as discussion
from lti_tool.launches import views as launches
from lti_tool.lti.http_client import Outbound
from lti_tool.lti.jwks import KeySets
from lti_tool.module_choice import views as module_choice
from lti_tool.module_page import views as module_page
from lti_tool.packages import views as packages
from lti_tool.registrations import views as registrations
from lti_tool.sessions import requests as session_requests
from lti_tool.settings import Settings
from lti_tool.storage.database import Database
from lti_tool.web import errors, health, pages, security, static
from lti_tool.web.context import Tool
from lti_tool.web.rate_limits import RateLimits

SESSION_PREFIX = "/l/<session_id>"


def create_app(settings: Settings) -> Flask:
    """The WSGI application. It opens the database, and does not change its tables."""
    app = Flask("lti_tool", static_folder=None, template_folder=None)
    app.extensions["minga"] = make_tool(settings)
    security.install(app)
    pages.install(app)
    session_requests.install(app)
    errors.install(app)
    _compress(app)
    for blueprint in (static.blueprint, health.blueprint):
        app.register_blueprint(blueprint)
    app.register_blueprint(launches.blueprint)
    app.register_blueprint(registrations.blueprint)
    for blueprint in (
        launches.inside,
        module_page.blueprint,
        discussion.blueprint,
        module_choice.blueprint,
        packages.blueprint,
    ):
        app.register_blueprint(blueprint, url_prefix=SESSION_PREFIX)
    _limit(app, settings)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    return app


def make_tool(settings: Settings) -> Tool:
    """The parts that live as long as the process."""
    database = Database(settings.database_url)
    outbound = Outbound(allow_private=settings.allow_private_platforms)
    return Tool(
        settings=settings,
        database=database,
        library=Library(settings.content_dir),
        registrations=RegistrationBook(database),
        signing_keys=signing_keys(settings, database),
        key_sets=KeySets(outbound, DatabaseKeySets(database)),
        outbound=outbound,
    )


def _compress(app: Flask) -> None:
    app.config["COMPRESS_ALGORITHM"] = ["br", "gzip"]
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


def _limit(app: Flask, settings: Settings) -> None:
    """Limit what one address may ask for: registrations always, launches where it is set."""
    limits = RateLimits(settings.redis_url)
    for endpoint in ("institution.look", "institution.register"):
        limits.limit(app, endpoint, per_minute=30)
    if settings.requests_per_minute:
        for endpoint in ("launches.login", "launches.launch"):
            limits.limit(app, endpoint, per_minute=settings.requests_per_minute)
