"""What the self-test is about, and its results."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from courseware.i18n import Interface
from lti_tool.lti.registration import Registration
from lti_tool.storage.database import now


@dataclass(frozen=True, slots=True)
class Check:
    """A result: ``passed`` is None where nothing can be said; ``advice`` is what to do."""

    title: str
    passed: bool | None
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is tested: the registration, and what the launch of the session offered.

    ``subject`` is the LTI subject of the administrator, for whom a test score is sent.
    ``token_age``: seconds from ``iat`` to the arrival of the id_token.
    """

    registration: Registration
    jwks_url: str
    line_items: str | None
    memberships: str | None
    groups: str | None
    subject: str | None
    token_age: int | None
    cookieless: bool


def report(ui: Interface, subject: Subject, checks: Sequence[Check]) -> str:
    """The results as text, for the operator: without personal data and secrets."""
    registration = subject.registration
    marks = {True: "ok", False: "!!", None: "--"}
    lines = [
        f"Minga self-test, {now():%Y-%m-%d %H:%M} UTC",
        f"issuer {registration.issuer}",
        f"client_id {registration.client_id}",
        f"product {registration.product or '-'}",
        "",
    ]
    for check in checks:
        lines.append(f"{marks[check.passed]} {check.title}: {check.text}")
        if check.advice and check.passed is not True:
            lines.append(f"   > {check.advice}")
    return "\n".join(lines) + "\n"


def as_link(text: str) -> str:
    """A URL that contains a text, to download it without another request."""
    return f"data:text/plain;charset=utf-8,{quote(text)}"
