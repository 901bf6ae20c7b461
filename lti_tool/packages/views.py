"""Request packages of the module, follow their builds and download them; for instructors."""

from dataclasses import dataclass

from flask import Blueprint, abort, jsonify, request, send_file, url_for
from werkzeug.wrappers import Response

from courseware.i18n.marking import N_
from courseware.languages import choose, direction, endonym
from courseware.module import Module
from lti_tool.packages import service
from lti_tool.packages.model import BUILDING, WAITING, PackageBuild
from lti_tool.packages.tasks import Offer, fingerprint, offered
from lti_tool.sessions.guards import instructor_required, open_to_previews
from lti_tool.sessions.requests import current_module, see_other
from lti_tool.web.context import database, settings
from lti_tool.web.pages import fragment, render, ui, wanted_languages

blueprint = Blueprint("packages", __name__)

_ROW_ID = "int(max=2147483647)"
_FOR_INSTRUCTORS = N_("Only an instructor of the course can download this module as a package.")


@dataclass(frozen=True, slots=True)
class Row:
    """A package on the page; ``package`` is its row in the database, if it was requested."""

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
        """Whether the package is waiting or being built."""
        return self.state in (WAITING, BUILDING)


@blueprint.get("/packages")
@instructor_required(_FOR_INSTRUCTORS)
def show() -> Response:
    """List the packages and their states."""
    module = current_module()
    if module is None:
        return see_other(url_for("module_choice.choices"))
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
@open_to_previews
@instructor_required(_FOR_INSTRUCTORS)
def request_build() -> Response:
    """Request a package."""
    module = current_module() or abort(404)
    variant = request.form.get("format", ""), request.form.get("languages", "")
    if variant not in {offer.variant for offer in offered(module)}:
        abort(404)
    service.request_build(database(), settings(), module, fingerprint(module, settings()), variant)
    return see_other(url_for(".show"))


@blueprint.get("/packages/state")
@instructor_required(_FOR_INSTRUCTORS)
def states() -> Response:
    """The state of every package as JSON, polled by the page's script."""
    rows = _rows(current_module() or abort(404))
    response = jsonify(
        busy=any(row.busy for row in rows),
        states=[
            {"id": row.key, "state": row.state, "html": fragment("tool/_package.html", row=row)}
            for row in rows
        ],
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get(f"/packages/<{_ROW_ID}:package_id>")
@instructor_required(_FOR_INSTRUCTORS)
def download(package_id: int) -> Response:
    """Download a package, with byte ranges so that a download can be resumed."""
    module = current_module() or abort(404)
    file = service.ready_file(database(), settings(), package_id, module_id=module.id) or abort(404)
    response = send_file(
        file, as_attachment=True, download_name=file.name, conditional=True, max_age=None
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _rows(module: Module) -> list[Row]:
    packages = service.packages_of(database(), settings(), module, fingerprint(module, settings()))
    return [
        Row(
            key="-".join((offer.format, *offer.languages)),
            offer=offer,
            title=ui().gettext(offer.title),
            for_whom=ui().gettext(offer.audience),
            languages=tuple((tag, endonym(tag)) for tag in offer.languages),
            package=packages.get(offer.variant),
        )
        for offer in offered(module)
    ]
