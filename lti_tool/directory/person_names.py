"""Find the name of a person in short texts of others: comments, names of files, reasons.

A name of one word is not looked for: it may be that of many people.
"""

import re
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Session

from lti_tool.directory.model import User

_BEFORE = 60
_LONGEST = 200


def name_to_find(session: Session, user_id: int) -> str | None:
    """Return the name of a user, if it has several words."""
    name = " ".join((session.get_one(User, user_id).name or "").split())
    return name if " " in name else None


def has_name(text: Any, name: str) -> ColumnElement[bool]:
    """Return the condition that a text has all words of a name.

    SQLite compares ASCII letters only without case, so each word is looked for in three forms.
    """
    forms = ([word, word.lower(), word.upper()] for word in name.split())
    return and_(
        *(
            or_(*(text.icontains(form, autoescape=True) for form in dict.fromkeys(each)))
            for each in forms
        )
    )


def excerpt(text: str | None, name: str) -> str | None:
    """Return the text around a name; None if the name does not stand there."""
    pattern = r"(?<!\w)" + r"\W+".join(map(re.escape, name.split())) + r"(?!\w)"
    found = re.search(pattern, text or "", re.IGNORECASE)
    if text is None or found is None:
        return None
    start = max(0, found.start() - _BEFORE)
    return ("… " if start else "") + text[start : start + _LONGEST]
