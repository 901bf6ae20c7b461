"""The response with everything that is stored about a person."""

import logging
import os

from flask import Response, abort, send_file

from lti_tool.attachments.store import StoreError
from lti_tool.personal_data.archive import (
    NoRoomError,
    json_text,
    person_archive,
    person_with_files,
)
from lti_tool.personal_data.service import Declarations
from lti_tool.web.context import database, settings

log = logging.getLogger(__name__)


def person_download(declarations: Declarations, user_id: int, name: str) -> Response:
    """Return ``name.json``, or ``name.zip`` with it and the files, if the person attached any.

    Aborts with 503 if the files cannot be read now.
    """
    person = person_with_files(database(), declarations, user_id)
    if not person.files:
        response = Response(json_text(person), mimetype="application/json")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    else:
        try:
            content = person_archive(settings(), person, f"{name}.json")
            size = content.seek(0, os.SEEK_END)
            content.seek(0)
        except (StoreError, NoRoomError) as error:
            log.error("personal data: %s", error)
            abort(503)
        response = send_file(
            content, mimetype="application/zip", as_attachment=True, download_name=f"{name}.zip"
        )
        response.content_length = size
    response.headers["Cache-Control"] = "no-store"
    return response
