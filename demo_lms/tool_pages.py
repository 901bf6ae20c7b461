"""The administrator's pages: list, register and remove tools."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, request

from demo_lms.register_tool import registration_url
from demo_lms.site_pages import render_page
from demo_lms.state import origin_of
from demo_lms.web import RequestError, state_of

tools_pages = Blueprint("tools_pages", __name__)


@tools_pages.get("/tools")
def tools() -> Any:
    """List the registered tools, with the form that adds one."""
    return render_page("tools.html", added=request.args.get("added"))


@tools_pages.post("/tools")
def add_tool() -> Any:
    """Open the tool's registration page in a frame (Dynamic Registration §3.1-3.2)."""
    state = state_of(current_app)
    url = request.form.get("url", "").strip()
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise RequestError(400, "Paste the whole registration URL, from http to the end.")
    state.log_message(
        "registration",
        f"The registration page of {parts.netloc} is opened with a one-time token",
        to_tool=True,
        detail={"url": url},
    )
    return render_page(
        "register.html",
        url=registration_url(state, url),
        host=parts.netloc,
        origins=origin_of(url),
        faults=state.faults,
    )


@tools_pages.post("/tools/<client_id>/remove")
def remove_tool(client_id: str) -> Any:
    """Remove a tool with its resource links and line items."""
    state_of(current_app).remove_tool(client_id)
    return redirect("/tools", 303)
