"""The headers of mails, for any text in names and titles."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.mail.messages import Letter, header_text, make_message, message_id
from lti_tool.mail.server import is_address, parse_sender, parse_server

SENDER = Address("Minga", addr_spec="minga@tool.example")
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
    "X-Auto-Response-Suppress", "Precedence", "List-Id", "List-Unsubscribe",
    "List-Unsubscribe-Post", "MIME-Version", "Content-Type", "Content-Language",
}  # fmt: skip


def sent(subject: str = "A subject", name: str = "Ana", **changes) -> EmailMessage:
    """The message as a mail program parses it."""
    given_ = {
        "subject": subject,
        "text": "Hello",
        "html": "<p>Hello</p>",
        "language": "es",
        "message_id": "<1@tool.example>",
        "parents": ("<0@tool.example>",),
        "list_id": "discussion-1.tool.example",
        "list_name": name,
        "unsubscribe_url": "https://tool.example/n/token",
    } | changes
    message = make_message(
        Letter(**given_),
        sender=SENDER,
        sender_name=name,
        recipient="bo@example.org",
        sent_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    )
    return message_from_bytes(message.as_bytes(), policy=default)  # type: ignore[return-value]


NAMES = [
    ("Ana Quispe", "Ana Quispe"),
    ("Quispe, Ana", "Quispe, Ana"),
    ('Ana "la jefa" Quispe', 'Ana "la jefa" Quispe'),
    ("<a@b.example>", "<a@b.example>"),
    ("أمينة السعدي", "أمينة السعدي"),
    ("a@b.example", "a@b.example"),
    ("Ana\r\nBcc: x@y.example", "Ana Bcc: x@y.example"),
    ("Ana\u2028Quispe", "Ana Quispe"),
    ("Ana\0Quispe", "Ana Quispe"),
    ("Ana\u202egnirts", "Anagnirts"),
    ("x" * 3000, "x" * 59 + "…"),
]


@pytest.mark.parametrize(("name", "shown"), NAMES)
def test_only_the_display_name_is_encoded_and_nothing_becomes_a_header(
    name: str, shown: str
) -> None:
    message = sent(name=name)
    # The encoded words are decoded after the address is split off, as mail programs do.
    raw = " ".join(dict(message.raw_items())["From"].splitlines())
    encoded, address = parseaddr(raw)
    assert (str(make_header(decode_header(encoded))), address) == (shown, "minga@tool.example")
    assert set(message.keys()) == HEADERS


@given(st.text(), st.text())
def test_any_text_makes_a_message_with_the_same_headers(subject: str, name: str) -> None:
    message = sent(subject, name)
    assert set(message.keys()) == HEADERS
    [sender] = message["From"].addresses
    assert sender.addr_spec == "minga@tool.example"


@given(st.text(), st.integers(2, 200))
def test_header_texts_are_short_and_on_one_line(text: str, most: int) -> None:
    found = header_text(text, most)
    assert len(found) <= most
    assert len(found.splitlines()) <= 1


EXPECTED = [
    ("Auto-Submitted", "auto-generated"),
    ("X-Auto-Response-Suppress", "All"),
    ("List-Unsubscribe", "<https://tool.example/n/token>"),
    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ("In-Reply-To", "<0@tool.example>"),
    ("References", "<0@tool.example>"),
    ("Content-Language", "es"),
    ("List-Id", '"Ana" <discussion-1.tool.example>'),
]


@pytest.mark.parametrize(("header", "value"), EXPECTED)
def test_each_mail_has_the_header(header: str, value: str) -> None:
    assert str(sent()[header]).strip() == value


def test_text_and_html_are_alternatives() -> None:
    message = sent()
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_message_ids_repeat_for_the_same_parts_and_tell_nothing() -> None:
    ids = [message_id("k" * 40, "https://tool.example", "notice", n) for n in (1, 2, 1)]
    assert ids[0] == ids[2] != ids[1]
    assert ids[0].endswith("@tool.example>")


ADDRESSES = [
    ("ana@example.org", True),
    ("ana+forum@mail.example.org", True),
    ("ana", False),
    ("ana@", False),
    ("@example.org", False),
    ("ana@b@example.org", False),
    ("ana @example.org", False),
    ("ana@example.org, bo@example.org", False),
    ("ana@example.org\r\nBcc: x@y.example", False),
    ("añá@example.org", False),
    ("a" * 250 + "@example.org", False),
]


@pytest.mark.parametrize(("address", "usable"), ADDRESSES)
def test_what_is_an_address(address: str, usable: bool) -> None:
    assert is_address(address) is usable


@given(st.text())
def test_any_text_is_an_address_or_not(text: str) -> None:
    is_address(text)


URLS = [
    ("smtp://mail.example.org", ("mail.example.org", 25, "none", None, None)),
    ("smtps://u:p@mail.example.org", ("mail.example.org", 465, "tls", "u", "p")),
    (
        "smtp+starttls://u%40x:p%3A%2F@mail.example.org:2525",
        ("mail.example.org", 2525, "starttls", "u@x", "p:/"),
    ),
]


@pytest.mark.parametrize(("url", "expected"), URLS)
def test_the_url_of_a_server(url: str, expected: tuple) -> None:
    server = parse_server(url)
    found = (server.host, server.port, server.security, server.user, server.password)
    assert found == expected


@pytest.mark.parametrize(
    "url", ["", "http://x", "smtp://", "smtp://x/y", "smtp://x:99999", "smtp://x?timeout=0"]
)
def test_what_is_not_the_url_of_a_server(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_server(url)


def test_the_sender_may_have_a_name() -> None:
    assert parse_sender("Foro <foro@example.org>").display_name == "Foro"
    assert parse_sender("foro@example.org").display_name == "Minga"
    with pytest.raises(ValueError, match="not an e-mail address"):
        parse_sender("Foro")
