"""Security headers of every response, and size limits of every request."""

import logging
import re
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.routing import RequestRedirect

from lti_tool import log_format
from lti_tool.web.context import settings

BODY_LIMIT = 256 * 1024
"""Bytes. The largest id_token seen is under 8 kB and a post is at most 20,000 characters."""

TEXT_BODY_LIMIT = 1000 * 1024
"""Bytes, for the routes in ``LONG_TEXTS``: they return a text that is too long with the reason."""

FILE_BODY_LIMIT = 32 * 1024 * 1024
"""Bytes, for the routes in ``LONG_TEXTS`` if the form has files.

A file that is too large for a post is received too, so that the form can be shown again with its
text and the reason.
"""

LONG_TEXTS = (
    "discussion.create",
    "discussion.edit",
    "discussion.save_draft",
    "discussion.preview",
    "discussion.attach",
    "discussion.import_answers",
)
"""Endpoints that receive what people type, and the files that they attach."""

LONG_TEXT_PATHS = re.compile(
    r"/l/[^/]+/(?:post|draft|preview|attach|post/[0-9]+/edit|discussion/answers)"
)
"""The paths of ``LONG_TEXTS``, for the server, which limits bodies before a route is known."""

FIELD_LIMIT = 1000
"""Fields of a form. The largest form of the tool has fewer than twenty."""

ANY_HOST = ("health.alive", "health.ready")
"""Endpoints that answer under any host name: probes ask by IP address."""

_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    # Some platforms check that a request comes from the tool; the origin is enough for that.
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
)
"""Headers of responses that do not set their own."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

log = logging.getLogger(__name__)


class UnknownHost(BadRequest):
    """The request names a host that is not the tool's."""


def install(app: Flask) -> None:
    """Set the limits and add the headers."""
    app.before_request(_begin)
    app.teardown_request(_end)
    app.before_request(_check_host)
    app.before_request(_raise_limit_for_texts)
    app.before_request(_check_number_of_fields)
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.config["MAX_FORM_MEMORY_SIZE"] = BODY_LIMIT
    app.config["MAX_FORM_PARTS"] = FIELD_LIMIT
    app.after_request(_add_headers)


def _check_host() -> None:
    """Refuse host names other than the public one, where the operator has given that.

    The port is not compared: some proxies drop it.
    """
    known = settings()
    if "public_url" not in known.sources or known.public_url.endswith(f"://{request.host}"):
        return
    if request.endpoint in ANY_HOST:
        return
    try:
        asked = urlsplit(f"//{request.host}").hostname
    except ValueError:
        asked = None
    if asked != urlsplit(known.public_url).hostname:
        log.info("refused: the host of the request is not that of MINGA_PUBLIC_URL")
        raise UnknownHost


def _raise_limit_for_texts() -> None:
    if request.endpoint in LONG_TEXTS:
        has_files = request.mimetype == "multipart/form-data"
        request.max_content_length = FILE_BODY_LIMIT if has_files else TEXT_BODY_LIMIT
        request.max_form_memory_size = TEXT_BODY_LIMIT


def _check_number_of_fields() -> None:
    """Refuse a form with too many fields before it is parsed.

    Werkzeug counts the parts of multipart forms only (``MAX_FORM_PARTS``).
    """
    if request.mimetype == "application/x-www-form-urlencoded":
        body = request.get_data(cache=True, parse_form_data=False)
        if body.count(b"&") >= FIELD_LIMIT:
            raise RequestEntityTooLarge


def _make_relative(response: Response) -> None:
    """Werkzeug redirects to the URL with its final slash absolutely, at the host of the request."""
    parts = urlsplit(response.headers["Location"])
    path = "/" + parts.path.lstrip("/")
    response.headers["Location"] = parts._replace(scheme="", netloc="", path=path).geturl()


def _begin() -> None:
    """Give the request its id (a trusted proxy's, else a random one) and its page a nonce."""
    g.nonce = secrets.token_urlsafe(12)
    sent = request.headers.get("X-Request-ID", "") if settings().trusted_proxies else ""
    g.request_id = sent if _REQUEST_ID.fullmatch(sent) else secrets.token_hex(8)
    log_format.REQUEST_ID.set(g.request_id)


def _end(_: BaseException | None) -> None:
    log_format.REQUEST_ID.set("")


def allow_frames(*origins: str) -> None:
    """Let these origins frame the response of this request (``*`` for any).

    Replaces the origins of an earlier call.
    """
    g.frame_ancestors = origins


def allow_forms(*origins: str) -> None:
    """Let forms of this page be submitted to these origins (or ``https:``) besides our own.

    Browsers also apply this to the redirects that answer a form.
    """
    g.form_origins = origins


def _add_headers(response: Response) -> Response:
    headers = response.headers
    if isinstance(request.routing_exception, RequestRedirect) and "Location" in headers:
        _make_relative(response)
    # Each lookup in werkzeug's headers compares all names, so they are compared once.
    present = {name.lower() for name, _ in headers}
    added = [header for header in _HEADERS if header[0].lower() not in present]
    is_page = headers.get("Content-Type", "").startswith("text/html")
    if is_page and "content-security-policy" not in present:
        added.append(("Content-Security-Policy", _policy()))
    added.append(("X-Request-ID", g.get("request_id", "")))
    if settings().secure and "strict-transport-security" not in present:
        added.append(("Strict-Transport-Security", "max-age=31536000"))
    headers.extend(added)
    return response


def _policy() -> str:
    ancestors = g.get("frame_ancestors", ())
    framed = " ".join(ancestors) if "*" in ancestors else " ".join(("'self'", *ancestors))
    forms = " ".join(("'self'", *g.get("form_origins", ())))
    nonce = g.get("nonce", "")
    return (
        "default-src 'none'; base-uri 'none'; "
        f"script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "font-src 'none'; connect-src 'self'; "
        "frame-src https:; "
        f"form-action {forms}; frame-ancestors {framed}"
    )


def is_fragment_request() -> bool:
    """Whether the page's script sent the request and expects a fragment instead of a page."""
    return request.headers.get("X-Minga-Fragment") == "1"
