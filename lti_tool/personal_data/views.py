"""Show to a person what is stored, let it be downloaded, and erase it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from courseware.i18n import Interface
from lti_tool.personal_data import service
from lti_tool.personal_data.archive import size_of_files
from lti_tool.personal_data.download import person_download
from lti_tool.personal_data.labels import LABELS
from lti_tool.personal_data.service import Declarations
from lti_tool.sessions.requests import current_session, delete_session_cookies, see_other
from lti_tool.web.context import database, settings
from lti_tool.web.pages import message_page, render, ui

_ROWS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class CategoryView:
    """One kind of data on the page: ``rows`` are lists of (label, value)."""

    title: str
    purpose: str
    total: int
    rows: list[list[tuple[str, str]]]


def make_blueprint(declarations: Declarations) -> Blueprint:
    """Return the pages, for the data that all features declare."""
    blueprint = Blueprint("personal_data", __name__)

    @blueprint.get("/your-data")
    def show() -> Response:
        """Show everything that is stored about the user of the session."""
        launch_session, interface = current_session(), ui()
        if not launch_session.own_record:
            return _refused()
        categories, files_size = [], 0
        if launch_session.user_id is not None:
            found = service.export(database(), declarations, launch_session.user_id)
            categories = [_category_view(interface, each) for each in found]
            files_size = size_of_files(found)
        return render(
            "tool/your_data.html",
            categories=categories,
            rows_shown=_ROWS_SHOWN,
            files_size=files_size,
            token=launch_session.token,
        )

    @blueprint.get("/your-data/download")
    def download() -> BaseResponse:
        """Download everything that is stored about the user of the session: JSON, or a ZIP."""
        launch_session = current_session()
        if not launch_session.own_record:
            return _refused()
        if launch_session.user_id is None:
            return see_other(url_for(".show"))
        return person_download(declarations, launch_session.user_id, "my-data")

    @blueprint.get("/your-data/erase")
    def confirm() -> Response:
        """Ask whether to erase everything."""
        if not current_session().own_record:
            return _refused()
        return _confirmation(missing=False)

    @blueprint.post("/your-data/erase")
    def erase() -> BaseResponse:
        """Erase the user of the session, and end the session."""
        launch_session = current_session()
        if launch_session.user_id is None:
            return see_other(url_for(".show"))
        if request.form.get("confirmed") != "1":
            return _confirmation(missing=True)
        service.erase(database(), settings(), declarations, launch_session.user_id)
        response = render("tool/erased.html", return_href=launch_session.return_url, launch=None)
        delete_session_cookies(response)
        return response

    return blueprint


def _confirmation(*, missing: bool) -> Response:
    return render(
        "tool/erase_data.html",
        status=400 if missing else 200,
        missing=missing,
        token=current_session().token,
    )


def _refused() -> Response:
    """Refuse to show one person's data to somebody who acts as that person."""
    gettext = ui().gettext
    return message_page(
        gettext("Your data"),
        [gettext("Only the person whose data these are can see them here.")],
        status=403,
        actions=[(gettext("Back to the module"), current_session().path)],
    )


def _category_view(interface: Interface, found: service.Exported) -> CategoryView:
    rows = found.rows[:_ROWS_SHOWN]
    return CategoryView(
        title=interface.gettext(found.category.title),
        purpose=interface.gettext(found.category.purpose),
        total=len(found.rows),
        rows=[_fields(interface, row) for row in rows],
    )


def _fields(interface: Interface, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return label and value of the fields that have a value."""
    shown = []
    for key, value in row.items():
        if value in (None, "", []):
            continue
        label = interface.gettext(LABELS[key]) if key in LABELS else key
        shown.append((label, _text(interface, value)))
    return shown


def _text(interface: Interface, value: Any) -> str:
    if isinstance(value, datetime):
        return interface.datetime(value)
    if isinstance(value, bool):
        return interface.gettext("yes") if value else interface.gettext("no")
    if isinstance(value, int):
        return interface.number(value)
    if isinstance(value, list):
        return "\n".join(_text(interface, each) for each in value)
    return str(value)
