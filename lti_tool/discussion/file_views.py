"""HTTP view of attached files: for readers of the post, and so that nothing in them runs."""

import io

from flask import Response, abort, request, send_file
from werkzeug.wrappers import Response as BaseResponse

from lti_tool.attachments import service as attachments
from lti_tool.attachments.errors import AttachmentError
from lti_tool.attachments.service import StoredFile
from lti_tool.attachments.store import StoreError
from lti_tool.discussion import queries
from lti_tool.discussion.moderation.archives import has_archived_post
from lti_tool.discussion.permissions import may_see, must_read, must_see_others
from lti_tool.discussion.requests import ROW_ID, blueprint, reader_of_request
from lti_tool.discussion.uploads import log
from lti_tool.web.context import database, settings

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""PDF viewers need styles."""


@blueprint.get(f"/file/<{ROW_ID}:attachment_id>/<name>")
def file(attachment_id: int, name: str) -> BaseResponse:
    """Send a file of a post that the reader may see, or of the reader's own draft.

    ``name`` is for people who save the URL. Pictures are shown; other files are downloaded.
    """
    found = _find(attachment_id)
    if found.store_key in request.if_none_match:
        response: BaseResponse = Response(status=304)
        response.set_etag(found.store_key)
    else:
        response = _whole(found)
    # The reader may lose the right to see the post: browsers ask each time.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _whole(found: StoredFile) -> BaseResponse:
    try:
        content = attachments.read(settings(), found)
    except StoreError as error:
        log.error("attachments: %s", error)
        abort(503)
    return send_file(
        io.BytesIO(content),
        mimetype=found.type.media_type,
        as_attachment=found.type.kind != "image",
        download_name=found.download_name,
        etag=found.store_key,
    )


def _find(attachment_id: int) -> StoredFile:
    with database().read_core() as connection:
        reader = reader_of_request(connection)
        must_read(reader.permissions)
        user_id, scope = reader.launch_session.user_id, reader.scope
        try:
            found = attachments.find(connection, attachment_id, user_id)
        except AttachmentError:
            abort(404)
        if found.post_id is None:
            return found
        row = queries.find_post(connection, scope, found.post_id) if scope else None
        link = reader.launch_session.resource_link_id or 0
        if (
            row is None
            and reader.permissions.moderate
            and has_archived_post(connection, link, reader.module.id, found.post_id)
        ):
            return found
    if row is None:
        abort(404)
    mine = row.author_id is not None and row.author_id == user_id
    if not mine:
        must_see_others(reader.permissions)
    visible = may_see(reader.permissions, row.status, mine=mine, institution_id=row.institution_id)
    return found if visible else abort(404)
