"""The open visit as every page sees it: who is here, in which placement, and what they may do."""

import base64
import hmac
from dataclasses import dataclass

ANY_SESSION = "\0"
"""Stands for a visit's path in what is drawn once for all; ``web.pages`` puts the reader's there.

A character that no page may contain otherwise (HTML, 13.2.3.5).
"""


@dataclass(frozen=True, slots=True)
class CurrentSession:
    """One launch, open in one tab, read afresh at each request.

    ``token`` is the page-held token that every change must carry. ``cookieless`` says that the
    browser keeps no cookie for us, so that the page must hold the visit by itself. ``person_id`` is
    None for a guest who has not written anything yet. ``instructor`` and ``administrator`` are the
    person's rights at the time of the request.
    """

    id: str
    token: str
    cookieless: bool
    registration_id: int
    deployment_id: int
    user_id: int | None
    user_name: str | None
    user_kind: str
    user_language: str | None
    course_id: int | None
    course_title: str | None
    resource_link_id: int | None
    resource_link_title: str | None
    module_id: str | None
    instructor: bool
    administrator: bool
    guests: str
    """What this institution lets guests do: ``none``, ``read`` or ``post``."""
    locale: str | None
    return_url: str | None
    frame_ancestors: tuple[str, ...]
    message_type: str
    deep_linking: str | None

    @property
    def guest(self) -> bool:
        """Whether the platform did not say who this is."""
        return self.user_kind == "guest"

    @property
    def path(self) -> str:
        """The path below which all addresses of this visit live."""
        return f"/l/{self.id}/"


def session_id_of(secret_key: str, registration_id: int, nonce: str) -> str:
    """The id of the visit that a nonce opens: always the same one, so it cannot open two."""
    return _made_from(secret_key, f"minga visit of\n{registration_id}\n{nonce}")[:24]


def session_token(secret_key: str, session_id: str) -> str:
    """What opens a visit: only the tool can make it, and only the visit's browser is given it.

    Its pages hold it, and a cookie where the browser keeps one. It is made from the visit's id and
    the tool's secret key, so nothing that opens a visit is kept in the database.
    """
    return _made_from(secret_key, f"minga visit\n{session_id}")


def _made_from(secret_key: str, text: str) -> str:
    digest = hmac.digest(secret_key.encode(), text.encode("utf-8", "replace"), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
