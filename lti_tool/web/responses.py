"""Redirects, and cookies that work inside the frame of another site."""

from flask import Response


def go_to(url: str, status: int = 303) -> Response:
    """A redirect without a body."""
    response = Response(status=status, headers={"Location": url})
    del response.headers["Content-Type"]
    return response


def set_cookie(response: Response, name: str, value: str, *, path: str, seconds: int) -> None:
    """Set a partitioned cookie (CHIPS) for ``path``, valid for ``seconds``.

    It is Secure even over http: browsers treat ``localhost`` as a secure context, and without
    Secure no browser keeps a cookie in a frame of another site. Name and value must consist of
    letters, digits, ``-`` and ``_``. Max-Age alone is enough (RFC 6265 §5.3).
    """
    response.headers.add(
        "Set-Cookie",
        f"{name}={value}; Max-Age={seconds}; Path={path}; "
        "Secure; HttpOnly; SameSite=None; Partitioned",
    )
