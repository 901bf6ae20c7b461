"""HTTP view that translates a post on request."""

from urllib.parse import urlencode

from flask import Response, jsonify, make_response
from werkzeug.wrappers import Response as BaseResponse

from lti_tool.discussion import presenter, queries, translations
from lti_tool.discussion.page_query import MAX_TRANSLATED
from lti_tool.discussion.permissions import may_see, must_see_others
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.requests import (
    ROW_ID,
    blueprint,
    not_found,
    query_of_request,
    reader_of_request,
    scope_of,
)
from lti_tool.discussion.selects import PostRow
from lti_tool.discussion.translation_presenter import translation_view
from lti_tool.discussion.translations import Translation
from lti_tool.discussion.translator import TranslationError, translator_of
from lti_tool.sessions.requests import see_other
from lti_tool.web.context import database, settings, tool
from lti_tool.web.pages import fragment
from lti_tool.web.security import is_fragment_request


@blueprint.post(f"/post/<{ROW_ID}:post_id>/translate")
def translate(post_id: int) -> BaseResponse:
    """Translate a post into the reader's language, and show the page with the translation.

    A failure is shown at the post; the original stays as it is.
    """
    reader = reader_of_request()
    must_see_others(reader.permissions)
    with database().read_core() as connection:
        row = queries.find_post(connection, scope_of(reader), post_id)
    mine = row is not None and row.author_id == reader.launch_session.user_id
    if row is None or not may_see(
        reader.permissions, row.status, mine=mine, institution_id=row.institution_id
    ):
        not_found()
    found = _stored(reader, row) or _translated(reader, row)
    if is_fragment_request():
        return _as_fragment(reader, found)
    query = query_of_request(reader)
    shown = [number for number in query.translated if number != post_id]
    arguments = {}
    if found is None:
        arguments["untranslated"] = str(post_id)
    else:
        shown.append(post_id)
    if shown:
        arguments["translated"] = ",".join(map(str, shown[-MAX_TRANSLATED:]))
    with database().read_core() as connection:
        path = presenter.post_path(connection, reader, row, query)
    address, _, anchor = path.partition("#")
    joint = "&" if "?" in address else "?"
    path = f"{address}{joint}{urlencode(arguments, safe=',')}#{anchor}"
    return see_other(reader.launch_session.path + path)


def _stored(reader: Reader, row: PostRow) -> Translation | None:
    if not reader.may_translate(row.institution_id):
        return None
    with database().read_core() as connection:
        return translations.find(connection, [row.id], reader.ui.lang).get(row.id)


def _translated(reader: Reader, row: PostRow) -> Translation | None:
    """Ask the service; None if the person asked too often, or there is no translation."""
    translator = translator_of(settings())
    if translator is None or not reader.may_translate(row.institution_id):
        return None
    session = reader.launch_session
    person = str(session.user_id) if session.user_id is not None else session.id
    if not tool().rate_limits.allows(settings().translations_per_minute, "translate", person):
        return None
    try:
        translations.translate(database(), translator, row.id, reader.ui.lang)
    except TranslationError:
        return None
    return _stored(reader, row)


def _as_fragment(reader: Reader, found: Translation | None) -> Response:
    if found is None:
        message = reader.ui.gettext("The translation is not available now.")
        return make_response(jsonify(error=message), 503)
    return make_response(
        fragment("tool/_translation.html", translation=translation_view(found)), 200
    )
