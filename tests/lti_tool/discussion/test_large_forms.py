"""A form whose size is refused: its text comes back, as far as the server reads it."""

import io
from collections.abc import Iterator
from itertools import cycle

import pytest

from lti_tool.app import create_app
from tests.lti_tool.discussion.pages import Browser, one
from tests.lti_tool.discussion.scene import Scene

NOT_WHOLE = "Only the first part of your text could be read."
FORM = "multipart/form-data; boundary=b"


@pytest.fixture
def ana(scene: Scene) -> Iterator[Browser]:
    app = create_app(scene.settings)
    with app.test_client() as client:
        yield Browser(client, scene.launch_session("Ana Quispe"))
    app.extensions["minga"].database.close()


def document(size: int) -> tuple[io.BytesIO, str]:
    return io.BytesIO(b"%PDF-" + b"x" * size), "a.pdf"


def test_the_text_comes_back(ana: Browser) -> None:
    for path, field, size, more, whole in (
        # path, field, bytes of the text, other fields, whether all of it can be read
        ("post", "text", 760_000, {}, True),
        ("post", "text", 1_200_000, {}, False),
        ("post", "text", 1_030_000, {"file": document(0)}, True),
        ("post", "text", 1_030_000, {"file": document(2_000_000)}, True),
        ("post", "text", 3_000_000, {"file": document(2_000_000)}, False),
        ("draft", "text", 1_200_000, {"file": document(0)}, False),
        ("preview", "text", 1_030_000, {"file": document(0)}, True),
        ("post/1/edit", "text", 3_000_000, {"file": document(0)}, False),
        ("post/1/report", "reason", 300_000, {}, True),
        ("summaries/edit", "source", 300_000, {}, True),
    ):
        text = ("palabra-é-" * (size // 11))[:-1] + "."
        response = ana.send(path, **{field: text, "draft_key": "k", **more})
        assert response.status_code == 413, path
        given_back = one(response, "//textarea[@id='typed']").text[1:]
        if whole:
            assert given_back == text
        else:
            assert text.startswith(given_back)
            assert len(given_back) > 600_000
        assert (NOT_WHOLE in response.text) is not whole


def test_a_large_body_that_is_no_form_is_no_fault(ana: Browser) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\nx\r\n'
    kinds = (
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=" + "b" * 1000, b""),
        (FORM, b"--b\r\n\r\n"),
        (FORM, b"--b\r\nContent-Disposition: form-data\r\n\r\n"),
        (FORM, part.replace(b'"x"', b'"text"') + b"\xff\xfe\xc3"),
        (FORM, part * 200),
        ("application/x-www-form-urlencoded", b"text=%ff%E&text=%"),
        ("application/json", b"{}"),
        ("", b""),
    )
    fillers = (b"x", b"\xc3\xa9", b"%E9", b"\r\n", b"&a=b")
    for (kind, beginning), filler in zip(kinds, cycle(fillers), strict=False):
        response = ana.client.post(
            f"{ana.launch_session.path}post",
            data=beginning + filler * (1_100_000 // len(filler)),
            content_type=kind,
        )
        assert 400 <= response.status_code < 500


def test_an_input_that_cannot_be_read_again(ana: Browser) -> None:
    class Stream(io.RawIOBase):
        def readable(self) -> bool:
            return True

    response = ana.client.post(
        f"{ana.launch_session.path}post",
        environ_overrides={"wsgi.input": Stream(), "CONTENT_LENGTH": "3000000"},
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 413
