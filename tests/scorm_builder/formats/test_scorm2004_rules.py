"""A valid manifest of each edition, changed in one way at a time: each change has its finding."""

import pytest

from scorm_builder.checking import xml
from scorm_builder.checking.findings import Finding
from scorm_builder.formats.scorm2004.rules import findings

FILES = {"imsmanifest.xml": 1, "index.html": 1, "two.html": 1, "about.xml": 1}
_GOOD = """\
<manifest identifier="M" version="1" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"
    xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3"
    xmlns:adlnav="http://www.adlnet.org/xsd/adlnav_v1p3"
    xmlns:imsss="http://www.imsglobal.org/xsd/imsss">
  <metadata>
    <schema>ADL SCORM</schema>
    <schemaversion>{version}</schemaversion>
    <adlcp:location>about.xml</adlcp:location>
  </metadata>
  <organizations default="O">
    <organization identifier="O">
      <title>Market</title>
      <item identifier="I" identifierref="R">
        <title>One</title>
        <adlcp:timeLimitAction>exit,message</adlcp:timeLimitAction>
        {threshold}
        <imsss:sequencing>
          <imsss:objectives>
            <imsss:primaryObjective satisfiedByMeasure="true" objectiveID="P">
              <imsss:minNormalizedMeasure>0.8</imsss:minNormalizedMeasure>
            </imsss:primaryObjective>
          </imsss:objectives>
          <imsss:deliveryControls completionSetByContent="true" objectiveSetByContent="true"/>
        </imsss:sequencing>
        <adlnav:presentation><adlnav:navigationInterface>
          <adlnav:hideLMSUI>continue</adlnav:hideLMSUI>
        </adlnav:navigationInterface></adlnav:presentation>
      </item>
      <item identifier="J" identifierref="S">
        <title>Two</title>
        <imsss:sequencing IDRef="all"/>
      </item>
      <imsss:sequencing><imsss:controlMode choice="false" flow="true"/></imsss:sequencing>
    </organization>
  </organizations>
  <resources>
    <resource identifier="R" type="webcontent" adlcp:scormType="sco" href="index.html">
      <file href="index.html"/>
    </resource>
    <resource identifier="S" type="webcontent" adlcp:scormType="sco" href="two.html">
      <file href="two.html"/>
    </resource>
  </resources>
  <imsss:sequencingCollection>
    <imsss:sequencing ID="all">
      <imsss:deliveryControls completionSetByContent="true" objectiveSetByContent="true"/>
    </imsss:sequencing>
  </imsss:sequencingCollection>
</manifest>
"""
_ATTRIBUTES = '<adlcp:completionThreshold completedByMeasure="true" minProgressMeasure="0.5"/>'
_TEXT = "<adlcp:completionThreshold>0.5</adlcp:completionThreshold>"
THIRD = _GOOD.format(version="2004 3rd Edition", threshold=_TEXT)
FOURTH = _GOOD.format(version="2004 4th Edition", threshold=_ATTRIBUTES)


def found(manifest: str, files: dict[str, int] = FILES) -> list[Finding]:
    return list(findings(xml.read(manifest.encode()), files))


@pytest.mark.parametrize("good", [THIRD, FOURTH], ids=["3rd", "4th"])
def test_a_good_manifest_has_no_findings(good: str) -> None:
    assert found(good) == []


PRIMARY = (
    "<imsss:minNormalizedMeasure>0.8</imsss:minNormalizedMeasure>",
    '<imsss:mapInfo targetObjectiveID="G"/>',
)
CONTROLS = '<imsss:deliveryControls completionSetByContent="true" objectiveSetByContent="true"/>'
PRESENTATION = "<adlnav:presentation><adlnav:navigationInterface>"
INVALID = [
    ("imscp_v1p1", "imscp_rootv1p1p2", "namespace", 1),
    ("ADL SCORM", "SCORM", "schema", 6),
    ("<schema>ADL SCORM</schema>", "", "schema", 5),
    ("2004 4th Edition", "2004 4TH Edition", "schemaversion", 7),
    ("2004 4th Edition", "2004 5th Edition", "schemaversion", 7),
    ("2004 4th Edition", "1.2", "schemaversion", 7),
    ("<schemaversion>2004 4th Edition</schemaversion>", "", "schemaversion", 5),
    (">about.xml<", ">abroad.xml<", "absent", 8),
    ('default="O"', 'default="X"', "default", 10),
    ('identifier="I"', 'identifier="1"', "identifier", 13),
    ('identifier="J"', 'identifier="I"', "duplicate-identifier", 29),
    ('identifierref="R"', 'identifierref="Z"', "identifierref", 13),
    ("<title>One</title>", "", "title", 13),
    ("exit,message", "stop", "timelimitaction", 15),
    (_ATTRIBUTES, _TEXT, "threshold", 16),
    ('minProgressMeasure="0.5"', 'minProgressMeasure="1.5"', "threshold", 16),
    ('completedByMeasure="true"', 'completedByMeasure="yes"', "threshold", 16),
    (*PRIMARY, "mapinfo", 20),
    (">0.8<", ">80<", "measure", 20),
    (">0.8<", ">most<", "measure", 20),
    ('completionSetByContent="true" ', "", "set-by-content", 23),
    ('objectiveSetByContent="true"', 'objectiveSetByContent="false"', "set-by-content", 23),
    (CONTROLS, "", "set-by-content", 17),
    (">continue<", ">next<", "hidelmsui", 26),
    ('IDRef="all"', 'IDRef="none"', "sequencing-idref", 31),
    ('IDRef="all"', 'IDRef="none"', "set-by-content", 31),
    ('choice="false" flow="true"', 'choice="false"', "control-mode", 33),
    (
        "<title>Two</title>",
        '<title>Two</title><item identifier="K" identifierref="S"><title>K</title>'
        '<imsss:sequencing IDRef="all"/></item>',
        "identifierref",
        29,
    ),
    ("adlcp:scormType", "adlcp:scormtype", "scormtype", 37),
    ('adlcp:scormType="sco"', 'adlcp:scormType="SCO"', "scormtype", 37),
    ('type="webcontent" ', "", "type", 37),
    (' href="index.html">', ">", "href", 13),
    ('      <file href="index.html"/>\n', "", "unlisted", 37),
    ('<file href="two.html"/>', '<file href="Two.html"/>', "absent", 41),
    (
        "</item>\n      <imsss",
        "<adlcp:masteryscore>80</adlcp:masteryscore></item>\n      <imsss",
        "masteryscore",
        32,
    ),
]


@pytest.mark.parametrize(
    ("right", "wrong", "rule", "line"),
    INVALID,
    ids=[f"{row[2]}-{row[3]}-{number}" for number, row in enumerate(INVALID)],
)
def test_each_broken_rule_is_found(right: str, wrong: str, rule: str, line: int) -> None:
    assert right in FOURTH
    invalid = FOURTH.replace(right, wrong, 1)
    assert (f"scorm2004-4/{rule}", line) in [(one.clause, one.line) for one in found(invalid)]


@pytest.mark.parametrize(
    ("wrong", "level"), [(_ATTRIBUTES, "warning"), (_TEXT.replace("0.5", "2"), "error")]
)
def test_the_3rd_edition_writes_its_threshold_as_text(wrong: str, level: str) -> None:
    (finding,) = found(THIRD.replace(_TEXT, wrong))
    assert (finding.level, finding.clause) == (level, "scorm2004-3/threshold")
    assert finding.source == "SCORM 2004 3rd Edition CAM"


def moved(text: str, start: str, end: str, before: str) -> str:
    """Take what stands from ``start`` to ``end`` away and put it before something else."""
    first = text.index(start)
    last = text.index(end, first) + len(end)
    piece, rest = text[first:last], text[:first] + text[last:]
    return rest.replace(before, piece + before, 1)


@pytest.mark.parametrize(
    ("start", "end", "before"),
    [
        ("<imsss:sequencingCollection>", "</imsss:sequencingCollection>", "<resources>"),
        ("<imsss:sequencing>", "</imsss:sequencing>", "<title>One"),
        ("<adlnav:presentation>", "</adlnav:presentation>", "<title>One"),
        ("<imsss:sequencing><", "</imsss:sequencing>", '<item identifier="J"'),
        ("<resources>", "</resources>", "<organizations"),
    ],
)
def test_elements_in_the_wrong_place(start: str, end: str, before: str) -> None:
    clauses = [one.clause for one in found(moved(FOURTH, start, end, before))]
    assert "scorm2004-4/order" in clauses


def test_an_unlisted_file_is_a_warning() -> None:
    (warned,) = found(FOURTH, FILES | {"notes.txt": 1, "adlcp_v1p3.xsd": 1})
    assert (warned.level, warned.clause, warned.file) == (
        "warning",
        "scorm2004-4/unlisted",
        "notes.txt",
    )
