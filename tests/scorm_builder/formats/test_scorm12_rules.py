"""A valid manifest, changed in one way at a time: each change has its finding and line."""

from collections.abc import Callable

import pytest

from scorm_builder.checking import xml
from scorm_builder.checking.findings import Finding
from scorm_builder.formats.scorm12.rules import findings

FILES = {"imsmanifest.xml": 1, "index.html": 1, "film.mp4": 1, "a b.pdf": 1, "shared.css": 1}
GOOD = """\
<manifest identifier="M" version="1" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
    xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata>
    <schema>ADL SCORM</schema>
    <schemaversion>1.2</schemaversion>
  </metadata>
  <organizations default="O">
    <organization identifier="O">
      <title>Market</title>
      <item identifier="I" identifierref="R">
        <title>Market</title>
        <adlcp:masteryscore>80</adlcp:masteryscore>
      </item>
    </organization>
  </organizations>
  <resources>
    <resource identifier="R" type="webcontent" adlcp:scormtype="sco" href="index.html">
      <file href="index.html"/>
      <file href="film.mp4"/>
      <file href="a%20b.pdf"/>
      <dependency identifierref="S"/>
    </resource>
    <resource identifier="S" type="webcontent" adlcp:scormtype="asset">
      <file href="shared.css"/>
    </resource>
  </resources>
</manifest>
"""


def found(manifest: str, files: dict[str, int] = FILES) -> list[Finding]:
    return list(findings(xml.read(manifest.encode()), files))


def test_a_good_manifest_has_no_findings() -> None:
    assert found(GOOD) == []


ITEM = '<item identifier="I" identifierref="R">'
RESOURCE = 'type="webcontent" adlcp:scormtype="sco"'
INVALID = [
    ("<manifest ", "<package ", "root", 1),
    ("imscp_rootv1p1p2", "imscp_v1p1", "namespace", 1),
    ("<schema>ADL SCORM</schema>", "", "schema", 3),
    ("ADL SCORM", "SCORM", "schema", 4),
    (">1.2<", ">1.3<", "schemaversion", 5),
    (">1.2<", ">SCORM 1.2<", "schemaversion", 5),
    ("<schemaversion>1.2</schemaversion>", "", "schemaversion", 3),
    ('default="O"', 'default="X"', "default", 7),
    (' default="O"', "", "default", 7),
    ('<organization identifier="O">', "<organization>", "identifier", 8),
    ('identifier="I"', 'identifier="1 I"', "identifier", 10),
    ('identifier="I"', 'identifier="O"', "duplicate-identifier", 10),
    ('identifier="S"', 'identifier="R"', "duplicate-identifier", 23),
    ("      <title>Market</title>\n      <item", "      <item", "title", 8),
    ("<title>Market</title>\n        <ad", "<title> </title>\n        <ad", "title", 10),
    ('identifierref="R"', 'identifierref="Z"', "identifierref", 10),
    (' identifierref="R"', "", "identifierref", 10),
    (">80<", ">120<", "masteryscore", 12),
    (">80<", ">-1<", "masteryscore", 12),
    (">80<", ">most<", "masteryscore", 12),
    ("adlcp:masteryscore", "masteryscore", "masteryscore", 12),
    (
        "<adlcp:masteryscore>80</adlcp:masteryscore>",
        "<adlcp:timelimitaction>stop</adlcp:timelimitaction>",
        "timelimitaction",
        12,
    ),
    (
        "<title>Market</title>\n        <adlcp:masteryscore>80</adlcp:masteryscore>",
        "<adlcp:masteryscore>80</adlcp:masteryscore><title>Market</title>",
        "order",
        10,
    ),
    ("adlcp:scormtype", "adlcp:scormType", "scormtype", 17),
    ('adlcp:scormtype="sco"', 'scormtype="sco"', "scormtype", 17),
    ('adlcp:scormtype="sco"', 'adlcp:scormtype="SCO"', "scormtype", 17),
    (' adlcp:scormtype="sco"', "", "scormtype", 17),
    ('type="webcontent" adlcp:scormtype="sco"', 'type="text" adlcp:scormtype="sco"', "type", 17),
    (' href="index.html">', ">", "href", 10),
    (' href="index.html">', ' href="start.html">', "absent", 17),
    ('<file href="index.html"/>', '<file href="Index.html"/>', "absent", 18),
    ('      <file href="index.html"/>\n', "", "unlisted", 17),
    ('<file href="film.mp4"/>', '<file href="film.webm"/>', "absent", 19),
    ('<file href="film.mp4"/>', "<file/>", "href", 19),
    ('<file href="film.mp4"/>', '<file href="../film.mp4"/>', "href", 19),
    ('<dependency identifierref="S"/>', '<dependency identifierref="T"/>', "dependency", 21),
]


@pytest.mark.parametrize(
    ("right", "wrong", "rule", "line"),
    INVALID,
    ids=[f"{row[2]}-{row[3]}-{n}" for n, row in enumerate(INVALID)],
)
def test_each_broken_rule_is_found(right: str, wrong: str, rule: str, line: int) -> None:
    assert right in GOOD
    invalid = GOOD.replace(right, wrong, 1).replace(
        "</manifest>", "</package>" if rule == "root" else "</manifest>"
    )
    if rule == "masteryscore" and right.startswith("adlcp"):
        invalid = GOOD.replace(right, wrong)
    assert (f"scorm12/{rule}", line) in [(one.clause, one.line) for one in found(invalid)]


WHOLE_PARTS: list[tuple[Callable[[str], str], str]] = [
    (lambda text: cut(text, "<organizations", "</organizations>"), "organizations"),
    (lambda text: cut(text, "    <organization ", "</organization>"), "organizations"),
    (lambda text: cut(text, "      <item", "</item>"), "items"),
    (lambda text: cut(text, "<resources>", "</resources>"), "resources"),
    (lambda text: cut(text, "  <metadata>", "</metadata>"), "schemaversion"),
]


def cut(text: str, start: str, end: str) -> str:
    return text[: text.index(start)] + text[text.index(end) + len(end) :]


@pytest.mark.parametrize(("change", "rule"), WHOLE_PARTS)
def test_missing_elements(change: Callable[[str], str], rule: str) -> None:
    assert f"scorm12/{rule}" in [one.clause for one in found(change(GOOD))]


def test_resources_before_organizations_is_out_of_order() -> None:
    start, end = GOOD.index("  <organizations"), GOOD.index("  <resources")
    moved = GOOD[:start] + GOOD[end:].replace("</manifest>", GOOD[start:end] + "</manifest>")
    assert ("scorm12/order", 1) in [(one.clause, one.line) for one in found(moved)]


def test_an_unlisted_file_is_a_warning_and_a_control_document_none() -> None:
    warned = found(GOOD, FILES | {"notes.txt": 1, "adlcp_rootv1p2.xsd": 1, "common/x.dtd": 1})
    assert [(one.level, one.clause, one.file) for one in warned] == [
        ("warning", "scorm12/unlisted", "notes.txt")
    ]


def test_several_items_to_play_are_a_warning() -> None:
    item = '<item identifier="J" identifierref="R"><title>Two</title></item>'
    warned = found(GOOD.replace("</item>", "</item>" + item))
    assert [(one.level, one.clause) for one in warned] == [("warning", "scorm12/several")]


def test_a_title_that_is_too_long_is_a_warning() -> None:
    warned = found(GOOD.replace("<title>Market", f"<title>{'M' * 201}", 1))
    assert [(one.level, one.clause, one.line) for one in warned] == [
        ("warning", "scorm12/title", 9)
    ]


def test_a_folder_given_by_xml_base_is_followed() -> None:
    based = GOOD.replace('identifier="R" type', 'identifier="R" xml:base="m/" type')
    files = {"imsmanifest.xml": 1, "shared.css": 1} | {
        f"m/{name}": 1 for name in ("index.html", "film.mp4", "a b.pdf")
    }
    assert {one.clause for one in found(based, files)} == {"scorm12/base"}
    clauses = {one.clause for one in found(based) if one.clause != "scorm12/base"}
    assert clauses == {"scorm12/absent", "scorm12/unlisted"}


def test_remote_urls_and_queries_are_not_files() -> None:
    remote = GOOD.replace('href="index.html">', 'href="https://example.org/start">')
    assert [one.clause for one in found(remote)] == []
    query = GOOD.replace('href="index.html">', 'href="index.html?language=es#a">')
    assert found(query) == []
