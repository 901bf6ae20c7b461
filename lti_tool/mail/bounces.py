"""Read reports about mail that could not be delivered (RFC 3464).

Only a message of the type ``multipart/report; report-type=delivery-status`` is a report: replies of
people and of their vacation programs are not, and change nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from typing import Any

from lti_tool.mail.verdicts import ENHANCED, Verdict, verdict

LONGEST_REPORT = 10_000_000
_MOST_RECIPIENTS = 100


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """A recipient that a report says is not reached."""

    address: str
    status: str
    verdict: Verdict


def read_report(raw: bytes) -> list[FailedDelivery]:
    """Return the failed recipients of a report; none for any other message."""
    message = message_from_bytes(raw[:LONGEST_REPORT], policy=default)
    report_type = str(message.get_param("report-type") or "").lower()
    if message.get_content_type() != "multipart/report" or report_type != "delivery-status":
        return []
    found = []
    for fields in _recipients(message):
        failed = _failed(fields)
        if failed is not None:
            found.append(failed)
        if len(found) == _MOST_RECIPIENTS:
            break
    return found


def _recipients(message: EmailMessage) -> Iterator[Message]:
    """Yield the groups of fields about one recipient: all but the first (RFC 3464 §2.1)."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            groups: Any = part.get_payload()
            if isinstance(groups, list):
                yield from (group for group in groups if group.get("Final-Recipient"))


def _failed(fields: Message) -> FailedDelivery | None:
    if _text(fields, "Action").lower() != "failed":
        return None
    status = ENHANCED.search(_text(fields, "Status"))
    address = _address(_text(fields, "Original-Recipient")) or _address(
        _text(fields, "Final-Recipient")
    )
    if not address:
        return None
    code = status[1] if status else ""
    diagnostic = _text(fields, "Diagnostic-Code").partition(";")[2]
    return FailedDelivery(address, code, verdict(code, diagnostic))


def _text(fields: Message, name: str) -> str:
    return " ".join(str(fields.get(name) or "").split())


def _address(field: str) -> str:
    """``rfc822; name@example.org`` → ``name@example.org``."""
    kind, _, address = field.partition(";")
    return address.strip().strip("<>") if kind.strip().lower() == "rfc822" else ""
