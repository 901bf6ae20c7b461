"""Security headers of every response, and size limits of every request."""

import secrets

from flask import Flask, Response, g, request

from lti_tool.web.context import settings

BODY_LIMIT = 256 * 1024
"""Bytes. The largest id_token seen is under 8 kB and a post is at most 20,000 characters."""

FIELD_LIMIT = 1000


def install(app: Flask) -> None:
    """Set the limits and add the headers."""
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    app.config["MAX_FORM_MEMORY_SIZE"] = BODY_LIMIT
    app.config["MAX_FORM_PARTS"] = FIELD_LIMIT
    app.before_request(_make_nonce)
    app.after_request(_add_headers)


def _make_nonce() -> None:
    g.nonce = secrets.token_urlsafe(12)


def allow_frames(*origins: str) -> None:
    """Let these origins frame the response of this request (``*`` for any).

    Replaces the origins of an earlier call.
    """
    g.frame_ancestors = origins


def allow_forms(*origins: str) -> None:
    """Let forms of this page be submitted to these origins besides our own."""
    g.form_origins = origins


def _add_headers(response: Response) -> Response:
    headers = response.headers
    is_page = headers.get("Content-Type", "").startswith("text/html")
    if is_page and "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = _policy()
    headers.setdefault("X-Content-Type-Options", "nosniff")
    # Some platforms check that a request comes from the tool; the origin is enough for that.
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if settings().secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
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
