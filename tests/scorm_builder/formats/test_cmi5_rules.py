"""A valid course structure, changed in one way at a time: each change has its finding."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorm_builder.checking import xml
from scorm_builder.checking.check import check
from scorm_builder.checking.findings import Finding
from scorm_builder.formats.cmi5.rules import findings
from scorm_builder.xml_writer import escaped

FILES = {"cmi5.xml": 1, "index.html": 1, "two words.html": 1}
NS = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"
GOOD = f"""\
<courseStructure xmlns="{NS}" xmlns:v="https://example.org/v">
  <course id="https://example.org/course">
    <title>
      <langstring lang="es">Mercado</langstring>
      <langstring lang="pt-BR">Mercado</langstring>
    </title>
    <description><langstring lang="es">Un mercado.</langstring></description>
    <v:price currency="UYU">free</v:price>
  </course>
  <objectives>
    <objective id="urn:example:goal">
      <description><langstring lang="es">Saber.</langstring></description>
      <title><langstring lang="es">Meta</langstring></title>
    </objective>
  </objectives>
  <block id="https://example.org/block">
    <title><langstring lang="es">Parte</langstring></title>
    <description><langstring lang="es">Parte.</langstring></description>
    <objectives><objective idref="urn:example:goal"/></objectives>
    <au id="https://example.org/au/1" moveOn="CompletedAndPassed" masteryScore="0.8"
        launchMethod="OwnWindow" activityType="https://example.org/type">
      <title><langstring lang="es">Uno</langstring></title>
      <description><langstring lang="es">Uno.</langstring></description>
      <url>index.html?page=1</url>
      <launchParameters>fast=on</launchParameters>
      <entitlementKey>key</entitlementKey>
    </au>
  </block>
  <au id="urn:uuid:3c29ad6a-d886-485b-8f6a-6ec36ba43049" moveOn="NotApplicable">
    <title><langstring lang="es">Dos</langstring></title>
    <description><langstring lang="es">Dos.</langstring></description>
    <objectives><objective idref="urn:example:goal"/></objectives>
    <url>
      two%20words.html
    </url>
  </au>
</courseStructure>
"""


def found(structure: str, files: dict[str, int] | None = FILES) -> list[Finding]:
    return list(findings(xml.read(structure.encode()), files))


def test_a_good_structure_has_no_findings() -> None:
    assert found(GOOD) == []


URL = "<url>index.html?page=1</url>"
IDREF = '<objectives><objective idref="urn:example:goal"/></objectives>\n    <au'
INVALID = [
    (f'xmlns="{NS}"', 'xmlns="https://example.org/other"', "namespace", 1),
    ('<course id="https://example.org/course">', "<course>", "id", 2),
    ('id="https://example.org/course"', 'id="example.org/course"', "iri", 2),
    ('id="https://example.org/course"', 'id="https://"', "iri", 2),
    ('id="https://example.org/course"', 'id="https://[::1/"', "iri", 2),
    ('id="https://example.org/course"', 'id="https:// example.org"', "iri", 2),
    ('id="https://example.org/course"', 'id="urn:course"', "iri", 2),
    ('id="urn:example:goal"', 'id="goal"', "iri", 11),
    ('id="https://example.org/block"', 'id="#block"', "iri", 16),
    ('id="https://example.org/block"', 'id=""', "id", 16),
    ('id="https://example.org/au/1"', 'id="au 1"', "iri", 20),
    ('id="https://example.org/au/1"', 'id="https://example.org/course"', "duplicate-id", 20),
    ('id="https://example.org/block"', 'id="urn:example:goal"', "duplicate-id", 16),
    (' lang="pt-BR"', ' lang="pt_BR"', "language", 5),
    (' lang="pt-BR"', ' lang="português"', "language", 5),
    (' lang="pt-BR"', ' lang="es"', "language", 5),
    (' lang="pt-BR"', "", "language", 5),
    (">Un mercado.<", "> <", "text", 7),
    ('<langstring lang="es">Un mercado.</langstring>', "Un mercado.", "missing", 7),
    ('<title><langstring lang="es">Parte</langstring></title>', "", "missing", 16),
    ('<description><langstring lang="es">Uno.</langstring></description>', "", "missing", 20),
    (URL, "", "missing", 20),
    (URL, URL + URL, "repeated", 20),
    (URL, "<url></url>", "url", 24),
    (URL, "<url>http://example.org index.html</url>", "url", 24),
    (URL, "<url>http://[example/</url>", "url", 24),
    (URL, "<url>https:index.html</url>", "url", 24),
    (URL, "<url>index.html?endpoint=a</url>", "query", 24),
    (URL, "<url>index.html?a=1&amp;activityId=</url>", "query", 24),
    (URL, "<url>index.html#two</url>", "fragment", 24),
    (URL, "<url>absent.html?page=1</url>", "absent", 24),
    (URL, "<url>Index.html</url>", "absent", 24),
    (URL, "<url>?page=1</url>", "absent", 24),
    (URL, "<url>/index.html</url>", "outside", 24),
    (URL, "<url>../index.html</url>", "outside", 24),
    (URL, "<url>//example.org/index.html</url>", "outside", 24),
    (URL, f"<objectives/>{URL}", "missing", 24),
    (URL, f"{URL}<launchparameters/>", "element", 24),
    (URL, f'{URL}<url xmlns=""/>', "element", 24),
    ('moveOn="CompletedAndPassed"', 'moveOn="completed"', "move-on", 20),
    ('moveOn="CompletedAndPassed" ', "", "move-on", 20),
    ('moveOn="CompletedAndPassed"', 'moveon="Completed"', "attribute", 20),
    ('masteryScore="0.8"', 'masteryScore="80"', "mastery-score", 20),
    ('masteryScore="0.8"', 'masteryScore="-0.1"', "mastery-score", 20),
    ('masteryScore="0.8"', 'masteryScore="8e-1"', "mastery-score", 20),
    ('masteryScore="0.8"', 'masteryScore="80%"', "mastery-score", 20),
    ('masteryScore="0.8"', 'masteryScore="0.81234"', "mastery-score", 20),
    ('launchMethod="OwnWindow"', 'launchMethod="Popup"', "launch-method", 20),
    ('activityType="https://example.org/type"', 'activityType="type"', "activity-type", 20),
    (IDREF, IDREF.replace("urn:example:goal", "urn:example:none"), "objective", 19),
    (IDREF, IDREF.replace(' idref="urn:example:goal"', ""), "objective", 19),
    (IDREF, IDREF.replace("idref", "id"), "attribute", 19),
    ("  <objectives>\n    <objective id", "  <a/><objectives>\n    <objective id", "element", 10),
    ("<course id", "<v:a/><course id", "order", 2),
]


@pytest.mark.parametrize(("good", "bad", "rule", "line"), INVALID)
def test_each_rule_has_its_finding(good: str, bad: str, rule: str, line: int) -> None:
    assert good in GOOD
    report = found(GOOD.replace(good, bad, 1))
    findings = {(one.clause, one.line) for one in report}
    assert (f"cmi5/{rule}", line) in findings
    assert all(one.source.startswith("cmi5 ") and one.file == "cmi5.xml" for one in report)


@pytest.mark.parametrize(
    ("rule", "level"),
    [("language", "error"), ("text", "warning"), ("absent", "error"), ("move-on", "error")],
)
def test_what_an_lms_rejects_is_an_error(rule: str, level: str) -> None:
    good, bad = next((row[0], row[1]) for row in INVALID if row[2] == rule)
    assert [one.level for one in found(GOOD.replace(good, bad, 1))] == [level]


def test_the_order_of_children_is_kept() -> None:
    title = '<title><langstring lang="es">Uno</langstring></title>'
    moved = GOOD.replace(title, "").replace(URL, URL + title)
    assert "cmi5/order" in {one.clause for one in found(moved)}


def test_a_course_without_a_unit_is_an_error() -> None:
    start, end = GOOD.index("  <block"), GOOD.index("</courseStructure>")
    assert {one.clause for one in found(GOOD[:start] + GOOD[end:])} == {
        "cmi5/missing",
        "cmi5/nothing",
    }


def test_other_documents_are_not_course_structures() -> None:
    assert [one.clause for one in found("<manifest/>")] == ["cmi5/root"]


def test_a_structure_without_a_package_needs_absolute_urls(tmp_path: Path) -> None:
    alone = tmp_path / "course.xml"
    alone.write_text(GOOD, "utf-8")
    assert [one.clause for one in check(alone).findings] == ["cmi5/relative"] * 2
    whole = GOOD.replace("index.html", "https://example.org/").replace(
        "two%20words.html", "app://x"
    )
    alone.write_text(f"\ufeff\n{whole}", "utf-8")
    assert (check(alone).format, check(alone).findings) == ("cmi5", ())
    alone.write_text("<course", "utf-8")
    assert [one.clause for one in check(alone).findings] == ["manifest/xml"]


@given(st.text(max_size=80))
def test_no_id_and_no_url_raises_an_exception(text: str) -> None:
    try:
        root = xml.read(GOOD.replace("index.html?page=1", escaped(text)).encode())
    except (xml.XmlError, UnicodeEncodeError):
        return
    root.first("course").attributes["id"] = text  # type: ignore[union-attr]
    assert isinstance(list(findings(root, FILES)), list)
