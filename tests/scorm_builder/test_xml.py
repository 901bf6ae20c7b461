from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from scorm_builder import xml_writer
from scorm_builder.checking import xml

BOMB = b'<!DOCTYPE m [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><m>&b;</m>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE m SYSTEM "file:///etc/passwd"><m/>'


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
def test_any_text_makes_a_document(text: str) -> None:
    """White space becomes a space, what XML 1.0 (2.2) forbids is dropped, the rest comes back."""
    data = xml_writer.document(
        xml_writer.element("a", {"b": text}, xml_writer.element("c", None, text))
    )
    lines = "".join(" " if one in "\t\n\r" else one for one in text)
    kept = "".join(one for one in lines if one >= " " and one not in "\ufffe\uffff")
    root = xml.read(data)
    assert root.attributes["b"] == kept
    assert "".join(root.children[0].pieces) == kept


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
        (OUTSIDE, "a document type", 1),
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


@given(st.binary(max_size=200))
def test_random_bytes_raise_only_xml_errors(data: bytes) -> None:
    with suppress(xml.XmlError):
        xml.read(data)
