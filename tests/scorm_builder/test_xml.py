from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from scorm_builder import xml_writer
from scorm_builder.checking import xml

BOMB = b'<!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><m>&b;</m>'


def test_written_xml_is_well_formed() -> None:
    node = xml_writer.element(
        "a",
        {"b": 'x "y" & <z>'},
        xml_writer.element("c", None, "1 < 2 & 3"),
        xml_writer.element("d"),
    )
    root = etree.fromstring(xml_writer.document(node))
    assert root.get("b") == 'x "y" & <z>'
    assert [child.tag for child in root] == ["c", "d"]
    assert root[0].text == "1 < 2 & 3"


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_gives_a_valid_document(text: str) -> None:
    """White space becomes a space, what XML 1.0 (2.2) forbids is dropped, the rest comes back."""
    data = xml_writer.document(
        xml_writer.element("a", {"b": text}, xml_writer.element("c", None, text))
    )
    lines = "".join(" " if one in "\t\n\r" else one for one in text)
    allowed = "".join(one for one in lines if one >= " " and one not in "\ufffe\uffff")
    root = xml.read(data)
    assert root.attributes["b"] == allowed
    assert "".join(root.children[0].pieces) == allowed


def test_elements_know_their_lines_and_namespaces() -> None:
    root = xml.read(b'<a xmlns="urn:x" xmlns:y="urn:y">\n<b y:c="1"/>\n\n<y:b>t</y:b></a>')
    assert (root.local, root.namespace, root.line) == ("a", "urn:x", 1)
    first, second = root.all("b")
    assert (first.line, first.attributes) == (2, {"urn:y|c": "1"})
    assert (second.line, second.namespace, second.text) == (4, "urn:y", "t")
    assert [one.local for one in root.walk()] == ["a", "b", "b"]


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (BOMB, "a document type", 1),
        (b"<!DOCTYPE m [<!ATTLIST m a CDATA 'b'>]><m/>", "a document type", 1),
        (b'<?xml version="1.0" encoding="punycode"?><a/>', "is unknown", 1),
        ('<?xml version="1.0" encoding="Shift_JIS"?><a>学</a>'.encode("shift-jis"), "Open edX", 1),
        ('<?xml version="1.0" encoding="GB18030"?><a>学</a>'.encode("gb18030"), "Open edX", 1),
        ("<a>\n<b>é</b></a>".encode("latin-1"), "not in UTF-8", 2),
        (b'<?xml version="1.0" encoding="ascii"?><a>\xe9</a>', "not in ascii", 1),
        (b"<a>\n<b></a>", "mismatched tag", 2),
        (b"", "no element found", 1),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "encoding", 1),
        (b"\xff\xfe\xff", "", 1),
        (b"<a>" * 500 + b"</a>" * 500, "too deep", 1),
        (b"<a>\x00</a>", "not well-formed", 1),
    ],
)
def test_what_is_refused(data: bytes, reason: str, line: int) -> None:
    with pytest.raises(xml.XmlError) as caught:
        xml.read(data)
    assert reason in caught.value.reason
    assert caught.value.line == line


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1251", "utf-16", "utf-8-sig", "koi8-r"])
def test_encodings_of_one_byte_and_utf_are_read(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    word = "é" if encoding == "latin-1" else "я"
    text = f'<?xml version="1.0" encoding="{declared}"?><a>{word}</a>'
    assert xml.read(text.encode(encoding)).text == word


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE html>",
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://127.0.0.1:9/xhtml11.dtd">',
        '<!DOCTYPE m SYSTEM "file:///etc/passwd">',
    ],
)
def test_a_document_type_is_not_loaded(doctype: str) -> None:
    assert xml.read(f"{doctype}<m>a<n/></m>".encode()).text == "a"
    if "SYSTEM" in doctype:
        assert xml.read(f"{doctype}<m>&passwd;</m>".encode()).text == ""


def test_white_space_around_a_token_is_removed() -> None:
    root = xml.read('<a b=" \t one\n  two " c="\u00a0"/>'.encode())
    assert (root.get("b"), root.get("c"), root.get("d", "none")) == ("one two", "\u00a0", "none")


@given(st.binary(max_size=200))
def test_random_bytes_raise_only_xml_errors(data: bytes) -> None:
    with suppress(xml.XmlError):
        xml.read(data)
