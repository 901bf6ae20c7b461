"""Pages for administrators: find a person, download what is stored, erase it.

They show how much is stored of each kind, and not the texts: those are in the download. Each
download and erasure is recorded in the audit log.
"""

from flask import Blueprint, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from courseware.i18n.marking import N_
from lti_tool.directory.model import User
from lti_tool.discussion.permalinks import PostReference, lasting_path
from lti_tool.feature import NamedText
from lti_tool.institution.pages import FOR_ADMINISTRATORS, current_institution, institution_page
from lti_tool.institution.service import has_person
from lti_tool.personal_data import service
from lti_tool.personal_data.archive import size_of_files
from lti_tool.personal_data.download import person_download
from lti_tool.personal_data.labels import KINDS
from lti_tool.personal_data.service import Declarations, FoundUser
from lti_tool.sessions.audit import record_act
from lti_tool.sessions.guards import administrator_required
from lti_tool.sessions.requests import current_session, see_other
from lti_tool.web.context import database, settings
from lti_tool.web.pages import render, ui

_ROW_ID = "int(max=2147483647)"
_PER_PAGE = 50
_MOST_EXAMPLES = 50
"""Texts of one kind that are shown."""
ACTS = {
    "people.export": N_("Downloaded the data of a person"),
    "people.erase": N_("Erased a person"),
    "people.request_export": N_("Requested a file with everything"),
    "people.export_all": N_("Downloaded everything"),
    "people.unnamed": N_("Removed the name of an erased person from texts of others"),
    "people.named": N_("Texts of others that still have the name of an erased person"),
}


def make_people_blueprint(declarations: Declarations) -> Blueprint:
    """Return the pages, for the data that all features declare."""
    blueprint = Blueprint("people", __name__)

    @blueprint.get("/institution/people")
    @administrator_required(FOR_ADMINISTRATORS)
    def find() -> BaseResponse:
        """List the people of the institution, or those with a text in name, e-mail or LMS ID."""
        text = request.args.get("q", "").strip()[:200]
        given = request.args.get("before", "")
        before = int(given) if given.isdecimal() and len(given) < 10 else None
        condition = current_institution().has_user()
        found = service.find_people(database(), condition, text, before=before, most=_PER_PAGE + 1)
        shown = found[:_PER_PAGE]
        more = (
            url_for(".find", q=text or None, before=shown[-1].id)
            if len(found) > _PER_PAGE
            else None
        )
        return institution_page(
            "people",
            "people.find",
            people=shown,
            text=text,
            missing=request.args.get("missing") == "1",
            erased=request.args.get("erased") == "1",
            more_href=more,
        )

    @blueprint.get(f"/institution/people/<{_ROW_ID}:user_id>")
    @administrator_required(FOR_ADMINISTRATORS)
    def person(user_id: int) -> BaseResponse:
        """Show how much is stored about a person."""
        found = _person(user_id)
        exported = service.export(database(), declarations, user_id)
        interface = ui()
        return institution_page(
            "person",
            "people.find",
            title=found.name or interface.gettext("Name not sent by the LMS"),
            person=found,
            files_size=size_of_files(exported),
            categories=[
                (interface.gettext(each.category.title), len(each.rows)) for each in exported
            ],
        )

    @blueprint.get(f"/institution/people/<{_ROW_ID}:user_id>/download")
    @administrator_required(FOR_ADMINISTRATORS)
    def download(user_id: int) -> BaseResponse:
        """Download everything that is stored about a person: JSON, or a ZIP with the files."""
        _person(user_id)
        response = person_download(declarations, user_id, f"person-{user_id}")
        _record("people.export", user_id)
        return response

    @blueprint.route(f"/institution/people/<{_ROW_ID}:user_id>/erase", methods=["GET", "POST"])
    @administrator_required(FOR_ADMINISTRATORS)
    def erase(user_id: int) -> BaseResponse:
        """Ask whether to erase a person, and erase."""
        found = _person(user_id)
        confirmed = request.form.get("confirmed") == "1"
        if request.method == "POST" and confirmed:
            _record("people.erase", user_id)
            own = user_id == current_session().user_id
            service.erase(database(), settings(), declarations, user_id)
            if own:
                return render("tool/erased.html", return_href=None, launch=None)
            return see_other(url_for(".find", erased="1"))
        missing = request.method == "POST"
        return institution_page(
            "erase_person",
            "people.find",
            status=400 if missing else 200,
            person=found,
            missing=missing,
            named=_named(declarations, user_id),
        )

    return blueprint


def _person(user_id: int) -> FoundUser:
    """The person, if of this institution; 404 otherwise."""
    with database().read() as session:
        if not has_person(session, current_institution(), user_id):
            raise NotFound
        user = session.get_one(User, user_id)
    return FoundUser(user.id, user.kind, user.name, user.email, user.subject)


_Examples = list[tuple[str, str | None, str | None]]


def _named(declarations: Declarations, user_id: int) -> list[tuple[str, int, bool, _Examples]]:
    """Kind, number, whether an erasure removes the name, and examples (``_named.html``).

    Where institutions share a registration, without the texts: some may be in courses of others.
    """
    interface, secret_key = ui(), settings().secret_key
    grouped: dict[tuple[str, bool], list[NamedText]] = {}
    for text in service.named(database(), declarations, user_id):
        grouped.setdefault((text.kind, text.removed), []).append(text)
    most = 0 if current_institution().shared else _MOST_EXAMPLES
    return [
        (
            interface.gettext(KINDS[kind]),
            len(texts),
            removed,
            [
                (
                    text.excerpt,
                    text.activity,
                    lasting_path(secret_key, PostReference(*text.post)) if text.post else None,
                )
                for text in texts[:most]
            ],
        )
        for (kind, removed), texts in grouped.items()
    ]


def _record(action: str, user_id: int) -> None:
    with database().write() as session:
        record_act(session, current_session(), action, object_id=user_id)
