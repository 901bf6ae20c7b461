"""Answers that are headers only: go there, and keep this cookie."""

from flask import Response


def go_to(url: str, status: int = 303) -> Response:
    """A redirect, without the page that no browser shows any more."""
    response = Response(status=status, headers={"Location": url})
    del response.headers["Content-Type"]
    return response


def set_cookie(response: Response, name: str, value: str, *, path: str, seconds: int) -> None:
    """A cookie for ``path`` that works inside the frame of another site, partitioned (CHIPS).

    It is Secure even on plain http: browsers take ``localhost`` for a safe place, and without
    Secure no browser keeps a cookie inside a frame of another site. The name and the value are
    ours: letters, digits, ``-`` and ``_``. RFC 6265 §5.3: Max-Age alone is enough.
    """
    response.headers.add(
        "Set-Cookie",
        f"{name}={value}; Max-Age={seconds}; Path={path}; "
        "Secure; HttpOnly; SameSite=None; Partitioned",
    )
