"""The administrator's pages: the tools of this platform, and adding one by pasting an address."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, request

from demo_lms.enrol import registration_url
from demo_lms.pages import shown
from demo_lms.state import origin_of
from demo_lms.web import RequestError, state_of

tools_pages = Blueprint("tools_pages", __name__)


@tools_pages.get("/tools")
def tools() -> Any:
    """The tools that are registered, and the form that adds one."""
    return shown("tools.html", added=request.args.get("added"))


@tools_pages.post("/tools")
def add_tool() -> Any:
    """Open the tool's registration page in a frame (Dynamic Registration §3.1-3.2)."""
    state = state_of(current_app)
    url = request.form.get("address", "").strip()
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise RequestError(400, "Paste the whole registration URL, from http to the end.")
    state.note(
        "registration",
        f"The registration page of {parts.netloc} is opened with a one-time token",
        to_tool=True,
        detail={"address": url},
    )
    return shown(
        "register.html",
        url=registration_url(state, url),
        host=parts.netloc,
        origins=origin_of(url),
        tricks=state.mischief,
    )


@tools_pages.post("/tools/<client_id>/remove")
def remove_tool(client_id: str) -> Any:
    """Forget a tool with all that hangs on it."""
    state_of(current_app).remove_tool(client_id)
    return redirect("/tools", 303)
