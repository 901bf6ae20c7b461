"""Headers that every answer carries, and the limits that every request meets."""

import secrets

from flask import Flask, Response, g, request

from lti_tool.web.context import settings

LARGEST_BODY = 256 * 1024
"""Bytes. The largest id_token seen is under 8 kB and a post is at most 20,000 characters."""

MOST_FIELDS = 1000


def install(app: Flask) -> None:
    """Set the limits and add the headers."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY
    app.config["MAX_FORM_PARTS"] = MOST_FIELDS
    app.before_request(_make_nonce)
    app.after_request(_add_headers)


def _make_nonce() -> None:
    g.nonce = secrets.token_urlsafe(12)


def allow_frames(*origins: str) -> None:
    """Let these origins frame the answer of this request (``*`` for any)."""
    g.frame_ancestors = origins


def allow_forms(*origins: str) -> None:
    """Let forms of this answer go to these origins besides our own."""
    g.form_origins = origins


def _add_headers(response: Response) -> Response:
    headers = response.headers
    is_page = headers.get("Content-Type", "").startswith("text/html")
    if is_page and "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = _policy()
    headers.setdefault("X-Content-Type-Options", "nosniff")
    # Some platforms check that a request comes from the tool: the origin is enough for them.
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if settings().secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _policy() -> str:
    launch_session = g.get("launch_session")
    ancestors = g.get("frame_ancestors", launch_session.frame_ancestors if launch_session else ())
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
    """Whether the page's script asked, and wants only the part that changed."""
    return request.headers.get("X-Minga-Fragment") == "1"
