"""Redirects."""

from flask import Response


def go_to(url: str, status: int = 303) -> Response:
    """A redirect without a body."""
    response = Response(status=status, headers={"Location": url})
    del response.headers["Content-Type"]
    return response
