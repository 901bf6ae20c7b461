"""The page of packages: have one built, see how far it is, download it. For instructors only."""

from dataclasses import dataclass

from flask import Blueprint, abort, jsonify, request, send_file
from werkzeug.wrappers import Response

from courseware.languages import choose, direction, endonym
from courseware.module import Module
from lti_tool.packages import service, wording
from lti_tool.packages.model import BUILDING, WAITING, PackageBuild
from lti_tool.packages.tasks import Offer, fingerprint, offered
from lti_tool.sessions.requests import current_session, see_other
from lti_tool.web.context import database, library, settings
from lti_tool.web.pages import fragment, message_page, render, ui, wanted_languages

blueprint = Blueprint("packages", __name__)

_NUMBER = "int(max=2147483647)"


@dataclass(frozen=True, slots=True)
class Row:
    """An offer as the page shows it; ``package`` is what became of it, if anybody asked."""

    key: str
    offer: Offer
    title: str
    for_whom: str
    languages: tuple[tuple[str, str], ...]
    package: PackageBuild | None

    @property
    def state(self) -> str:
        """``none``, or the status of the package."""
        return self.package.status if self.package else "none"

    @property
    def busy(self) -> bool:
        """Whether there is something to wait for."""
        return self.state in (WAITING, BUILDING)


@blueprint.before_request
def only_instructors() -> Response | None:
    """A refusal for who may not have packages."""
    launch_session = current_session()
    if launch_session.instructor:
        return None
    words = ui().gettext
    return message_page(
        words("For instructors only"),
        [words("Only an instructor of the course can download this module as a package.")],
        actions=[(words("Back to the module"), launch_session.path)],
        status=403,
    )


@blueprint.get("/packages")
def show() -> Response:
    """The packages that there are, and those that can be built."""
    module = _module()
    if module is None:
        return see_other("choose")
    rows = _rows(module)
    source = module.source_language
    language = choose(wanted_languages(), module.languages, source)
    return render(
        "tool/packages.html",
        module_title=module.titles.get(language, module.titles[source]),
        module_lang=language if language in module.titles else source,
        module_dir=direction(language if language in module.titles else source),
        rows=rows,
        busy=any(row.busy for row in rows),
    )


@blueprint.post("/packages")
def ask() -> Response:
    """Have a package built."""
    module = _module() or abort(404)
    variant = request.form.get("format", ""), request.form.get("languages", "")
    if variant not in {offer.variant for offer in offered(module)}:
        abort(404)
    service.request_build(database(), settings(), module, fingerprint(module, settings()), variant)
    return see_other("packages")


@blueprint.get("/packages/state")
def states() -> Response:
    """How far every package is, for the page's script."""
    rows = _rows(_module() or abort(404))
    response = jsonify(
        busy=any(row.busy for row in rows),
        states=[
            {"id": row.key, "state": row.state, "html": fragment("tool/_package.html", row=row)}
            for row in rows
        ],
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get(f"/packages/<{_NUMBER}:package_id>")
def download(package_id: int) -> Response:
    """The package itself; byte ranges are answered, so that a download can be resumed."""
    module_id = current_session().module_id
    file = module_id and service.ready_file(database(), settings(), module_id, package_id)
    if not file:
        abort(404)
    response = send_file(
        file, as_attachment=True, download_name=file.name, conditional=True, max_age=None
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _module() -> Module | None:
    module_id = current_session().module_id
    return library().get(module_id) if module_id else None


def _rows(module: Module) -> list[Row]:
    there = service.packages_of(database(), settings(), module, fingerprint(module, settings()))
    return [
        Row(
            key="-".join((offer.format, *offer.languages)),
            offer=offer,
            title=wording.title(ui(), offer.format, offer.title),
            for_whom=wording.for_whom(ui(), offer.format),
            languages=tuple((tag, endonym(tag)) for tag in offer.languages),
            package=there.get(offer.variant),
        )
        for offer in offered(module)
    ]
