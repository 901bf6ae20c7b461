"""Cookies that work inside the frame of another site, and in a tab of the tool's own.

In a frame, browsers keep partitioned cookies only (CHIPS), as far as they keep any. In a tab of its
own the tool is the first party: there a cookie is not partitioned, because some versions of Safari
lose partitioned ones. It has another name, so that both can exist.
"""

from typing import Literal

from flask import Response, request

_IN_TAB = "-tab"


def is_in_tab() -> bool:
    """Whether the page of this request is opened in a tab of its own.

    False for requests of the page's script, and for browsers that do not say it (Safari before
    16.4).
    """
    return request.headers.get("Sec-Fetch-Dest") == "document"


def get_cookie(name: str) -> str | None:
    """Return the cookie that was set in a frame or in a tab."""
    here, elsewhere = name, name + _IN_TAB
    if is_in_tab():
        here, elsewhere = elsewhere, here
    return request.cookies.get(here) or request.cookies.get(elsewhere)


def cookie_names(prefix: str) -> list[str]:
    """Return the names of the cookies of this request that begin with a prefix, at most 100."""
    return [name for name in request.cookies if name.startswith(prefix)][:100]


def set_cookie(
    response: Response,
    name: str,
    value: str,
    *,
    path: str,
    seconds: int | None = None,
    in_tab: bool = False,
    same_site: Literal["Lax", "None"] = "Lax",
) -> None:
    """Set a cookie for ``path``, valid for ``seconds``; without them until the browser is closed.

    ``in_tab`` says that the tool is the first party; ``same_site`` is that of such a cookie. A
    cookie in a frame is always ``None``. Cookies are Secure even over http: browsers treat
    ``localhost`` as a secure context, and without Secure no browser keeps a cookie in a frame of
    another site. Name and value must consist of letters, digits, ``-`` and ``_``. Max-Age alone is
    enough (RFC 6265 §5.3).
    """
    response.headers.add(
        "Set-Cookie",
        f"{name}{_IN_TAB if in_tab else ''}={value}; "
        + (f"Max-Age={seconds}; " if seconds is not None else "")
        + f"Path={path}; Secure; HttpOnly; "
        + (f"SameSite={same_site}" if in_tab else "SameSite=None; Partitioned"),
    )


def delete_cookie(response: Response, name: str, *, path: str) -> None:
    """Delete the cookie, whether it was set in a frame or in a tab."""
    for in_tab in (False, True):
        set_cookie(response, name, "", path=path, seconds=0, in_tab=in_tab)
