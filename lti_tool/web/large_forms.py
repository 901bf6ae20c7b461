"""What somebody typed in a form that is refused, to give it back."""

from dataclasses import dataclass
from io import BytesIO, UnsupportedOperation

from flask import request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

MOST_READ = 1024 * 1024
"""Bytes of the form that are read, from its beginning: the text comes before the files."""
TEXT_FIELDS = ("text", "source", "reason", "comment")
"""The fields in which people write at length; a form has one or two of them."""
_MOST_PARTS = 100


@dataclass(frozen=True, slots=True)
class TypedText:
    """A text as it was typed, or its beginning."""

    text: str
    is_whole: bool


def submitted_text() -> str | None:
    """Return the text in the form of this request; None where there is none, or no form."""
    try:
        return next((text for name in TEXT_FIELDS if (text := request.form.get(name))), None)
    except HTTPException:  # its size was refused
        return None


def typed_text() -> TypedText | None:
    """Return the text in the form of this request, whose size was refused.

    None where the form has no text, or where the server has not received its body.
    """
    body = request.environ["wsgi.input"]
    try:
        body.seek(0)
    except (AttributeError, OSError, UnsupportedOperation):
        return None
    beginning, all_read = body.read(MOST_READ), not body.read(1)
    if not all_read and request.mimetype == "multipart/form-data":
        boundary = request.mimetype_params.get("boundary", "")
        beginning += f"\r\n--{boundary}--\r\n".encode("utf-8", "replace")
    parser = FormDataParser(max_form_parts=_MOST_PARTS)
    try:
        _, form, files = parser.parse(
            BytesIO(beginning), request.mimetype, len(beginning), request.mimetype_params
        )
    except RequestEntityTooLarge:
        return None
    name = next((name for name in TEXT_FIELDS if form.get(name)), None)
    if name is None:
        return None
    if all_read or files or list(form)[-1] != name:
        return TypedText(form[name], is_whole=True)
    return TypedText(form[name].rstrip("\ufffd"), is_whole=False)
