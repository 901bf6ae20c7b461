"""Packages of other programs: what an LMS rejects is an error, the rest a warning."""

from pathlib import Path

import pytest

from scorm_builder.checking.check import check
from tests.support.small_packages import PACKAGES, Files, altered, zipped

pytestmark = pytest.mark.early

HREF = 'href="index.html"'
SCO = 'adlcp:scormtype="sco" '
FILE = '<file href="index.html"/>'
ITEM = "<title>Item</title>"
VERSION = "<schemaversion>1.2</schemaversion>"
NFC, NFD = "p\u00e1gina.html", "pa\u0301gina.html"
LAR = "associatedcontent/imscc_xml{}/learning-application-resource"


def more_resource(kind: str) -> tuple[str, str]:
    resource = (
        f'<resource identifier="X" type="{kind}" href="x.xml"><file href="x.xml"/></resource>'
    )
    return "</resources>", f"{resource}</resources>"


def with_file(name: str, *changes: tuple[str, str], package: str = "scorm12") -> Files:
    """Return a package whose page has another name."""
    files = altered(package, *changes)
    page = files.pop("index.html")
    return {**files, name: page}


def without_page(package: str, *changes: tuple[str, str]) -> Files:
    return {k: v for k, v in altered(package, *changes).items() if k != "index.html"}


GOOD: list[tuple[str, Files]] = [
    *((name, PACKAGES[name]) for name in PACKAGES if name not in ("tincan", "aicc", "website")),
    *(
        (f"{href} in scorm12", altered("scorm12", (HREF, f'href="{href}"')))
        for href in (
            "./index.html",
            "content/../index.html",
            "a/./../././index.html",
            "%69ndex.html",
            "%2e/index.html",
            " index.html ",
            "index.html?a=b/../c#d",
        )
    ),
    ("./ in 2004", altered("scorm2004-4", (HREF, 'href="./index.html"'))),
    ("./ in a cartridge", altered("cc11", (HREF, 'href="./index.html"'))),
    ("../ in a cartridge", altered("cc13", ("link.xml", "a/../link.xml"))),
    ("./ in imscp", altered("imscp", (HREF, 'href="./index.html"'))),
    ("./ in cmi5", altered("cmi5", ("index.html", "./index.html"))),
    ("../ in cmi5", altered("cmi5", ("index.html", "a/../index.html?b=c"))),
    ("percent in cmi5", altered("cmi5", ("index.html", "%69ndex.html"))),
    ("./ in a book", altered("epub", ("c.xhtml", "./c.xhtml"))),
    ("../ in a book", altered("epub", ("c.xhtml", "../EPUB/c.xhtml"))),
    (
        "xml:base of a cartridge",
        with_file(
            "m/index.html",
            ('identifier="R"', 'identifier="R" xml:base="m/"'),
            package="cc13",
        ),
    ),
    ("accents percent-encoded", with_file(NFC, (HREF, 'href="p%C3%A1gina.html"'))),
    ("accents as they are", with_file(NFC, (HREF, f'href="{NFC}"'))),
    ("accents apart in both", with_file(NFD, (HREF, f'href="{NFD}"'))),
    *(
        (f"empty {name}", altered("scorm12", (ITEM, f"{ITEM}<adlcp:{name}></adlcp:{name}>")))
        for name in ("masteryscore", "maxtimeallowed", "timelimitaction", "datafromlms")
    ),
    (
        "blank masteryscore",
        altered("scorm12", (ITEM, f"{ITEM}<adlcp:masteryscore>\n</adlcp:masteryscore>")),
    ),
    (
        "empty completionThreshold",
        altered("scorm2004-4", (ITEM, f"{ITEM}<adlcp:completionThreshold/>")),
    ),
    (
        "empty minNormalizedMeasure",
        altered(
            "scorm2004-3",
            (
                "<imsss:deliveryControls",
                "<imsss:objectives><imsss:primaryObjective><imsss:minNormalizedMeasure/>"
                "</imsss:primaryObjective></imsss:objectives><imsss:deliveryControls",
            ),
        ),
    ),
    ("white space around a type", altered("scorm12", ('"webcontent"', '" webcontent "'))),
    ("white space in a cartridge", altered("cc13", ('identifier="R"', 'identifier=" R "'))),
    ("white space around a version", altered("scorm12", (">1.2<", ">\n 1.2 <"))),
    (
        "metadata in a file",
        altered(
            "scorm12",
            (VERSION, f"{VERSION}<adlcp:location>./about.xml</adlcp:location>"),
            **{"about.xml": b"<lom/>"},
        ),
    ),
    (
        "metadata of a resource in a file",
        altered(
            "scorm2004-3",
            (FILE, f"<metadata><adlcp:location>about.xml</adlcp:location></metadata>{FILE}"),
            **{"about.xml": b"<lom/>"},
        ),
    ),
    ("2004 2nd Edition by Moodle's name", altered("scorm2004-2", ("CAM 1.3", "1.3"))),
    (
        "DOCTYPE in a manifest",
        altered("scorm12", ("<manifest", '<!DOCTYPE m SYSTEM "m.dtd"><manifest')),
    ),
    (
        "XHTML 1.1 in a book",
        PACKAGES["epub"]
        | {
            "EPUB/c.xhtml": PACKAGES["epub"]["EPUB/c.xhtml"]
            .replace(
                b"<!DOCTYPE html>",
                b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://127.0.0.1:9/a.dtd">',
            )
            .replace(b">One<", b">One&nbsp;<")
        },
    ),
    (
        "remote video in a book",
        altered(
            "epub",
            (
                "</manifest>",
                '<item id="v" href="https://e.org/v.mp4" media-type="video/mp4"/></manifest>',
            ),
        ),
    ),
    (
        "Latin-1",
        {
            **PACKAGES["scorm12"],
            "imsmanifest.xml": PACKAGES["scorm12"]["imsmanifest.xml"]
            .decode()
            .replace("UTF-8", "ISO-8859-1")
            .replace("Course", "Educaci\u00f3n")
            .encode("latin-1"),
        },
    ),
]


@pytest.mark.parametrize("files", [row[1] for row in GOOD], ids=[row[0] for row in GOOD])
def test_good(files: Files, tmp_path: Path) -> None:
    assert [str(one) for one in check(zipped(tmp_path / "a.zip", files)).findings] == []


WARNED: list[tuple[str, Files, str, str]] = [
    (
        "digit first",
        altered("scorm12", ('"O"', '"5-Why_ORG"')),
        "scorm12/identifier",
        '"5-Why_ORG"',
    ),
    ("digit first, 2004", altered("scorm2004-4", ('"I"', '"1"')), "scorm2004-4/identifier", ""),
    ("digit first, cartridge", altered("cc11", ('"R"', '"4301b3"')), "cc/identifier", '"4301b3"'),
    ("brace in an id", altered("scorm12", ('"R"', '"{A-1}"')), "scorm12/identifier", "{A-1}"),
    ("space in an id", altered("imscp", ('"R"', '"a b"')), "imscp/identifier", ""),
    *(
        (
            f"{kind} in 1.3",
            altered("cc13", more_resource(kind), **{"x.xml": b"<x/>"}),
            "cc/type",
            "another version",
        )
        for kind in (
            LAR.format("v1p0"),
            LAR.format("v1p1"),
            "imsqti_xmlv1p2/imscc_xmlv1p1/assessment",
        )
    ),
    (
        "an older link in 1.3",
        altered(
            "cc13",
            more_resource("imswl_xmlv1p1"),
            **{"x.xml": PACKAGES["cc11"]["link.xml"]},
        ),
        "cc/type",
        "imswl_xmlv1p1",
    ),
    (
        "a type of nobody",
        altered("cc13", more_resource("odd"), **{"x.xml": b"<x/>"}),
        "cc/type",
        "LMSs leave it out",
    ),
    *(
        (
            f"mastery of {score}",
            altered("scorm12", (ITEM, f"{ITEM}<adlcp:masteryscore>{score}</adlcp:masteryscore>")),
            "scorm12/masteryscore",
            "Moodle reads 80.",
        )
        for score in ("80%", "80,5", "80 of 100", "80.")
    ),
    ("launched, unlisted", altered("scorm12", (FILE, "")), "scorm12/unlisted", "index.html"),
    ("launched, unlisted, 2004", altered("scorm2004-4", (FILE, "")), "scorm2004-4/unlisted", ""),
    ("started with, unlisted", altered("cc11", (FILE, "")), "cc/unlisted", ""),
    ("launched, unlisted, imscp", altered("imscp", (FILE, "")), "imscp/unlisted", ""),
    ("other case", altered("scorm12", ("scormtype", "scormType")), "scorm12/scormtype", "lower"),
    (
        "other case, 2004",
        altered("scorm2004-4", ("scormType", "scormtype")),
        "scorm2004-4/scormtype",
        "capital T",
    ),
    ("no scormtype", altered("scorm12", (SCO, "")), "scorm12/scormtype", "asset"),
    (
        "no scormType, 2004",
        altered("scorm2004-3", ('adlcp:scormType="sco" ', "")),
        "scorm2004-3/scormtype",
        "asset",
    ),
    (
        "mapInfo",
        altered(
            "scorm2004-4",
            (
                "<imsss:deliveryControls",
                '<imsss:objectives><imsss:primaryObjective objectiveID="P"><imsss:mapInfo '
                'targetObjectiveID="g"/></imsss:primaryObjective></imsss:objectives>'
                "<imsss:deliveryControls",
            ),
        ),
        "scorm2004-4/mapinfo",
        "Moodle",
    ),
    (
        "xml:base of the manifest",
        with_file("m/index.html", ('identifier="M"', 'identifier="M" xml:base="m/"')),
        "scorm12/base",
        "Moodle and Open edX ignore",
    ),
    (
        "xml:base of all three",
        with_file(
            "m/r/o/index.html",
            ('identifier="M"', 'identifier="M" xml:base="m/"'),
            ("<resources>", '<resources xml:base="./r/">'),
            ('identifier="R"', 'identifier="R" xml:base="x/../o/"'),
        ),
        "scorm12/base",
        "Open edX ignores",
    ),
    (
        "xml:base on the web",
        without_page("scorm12", ('identifier="R"', 'identifier="R" xml:base="https://e.org/"')),
        "scorm12/base",
        "Open edX",
    ),
    (
        "xml:base without its slash",
        altered("scorm12", ('identifier="R"', 'identifier="R" xml:base="m"')),
        "scorm12/base",
        "Moodle",
    ),
    (
        "white space around an id",
        altered("scorm2004-4", ('identifier="R"', 'identifier=" R "')),
        "scorm2004-4/white-space",
        "Moodle",
    ),
    (
        "white space around a reference",
        altered("scorm12", ('ref="R"', 'ref="&#10; R\n"')),
        "scorm12/white-space",
        "Moodle",
    ),
    ("item without a title", altered("scorm12", (ITEM, "")), "scorm12/title", "lacks a title"),
    (
        "no organization",
        altered(
            "scorm12",
            ('<organization identifier="O"><title>Course</title>\n', ""),
            (
                '<item identifier="I" identifierref="R"><title>Item</title></item></organization>',
                "",
            ),
        ),
        "scorm12/organizations",
        "Moodle plays each resource",
    ),
    ("type of SCORM", altered("scorm12", ("webcontent", "other")), "scorm12/type", ""),
    ("EPUB 2", altered("epub", ('version="3.0"', 'version="2.0"')), "epub/version", "EPUB 2"),
    (
        "entities in a chapter",
        PACKAGES["epub"]
        | {
            "EPUB/c.xhtml": PACKAGES["epub"]["EPUB/c.xhtml"].replace(
                b"<!DOCTYPE html>", b'<!DOCTYPE html [<!ENTITY a "b">]>'
            )
        },
        "epub/xhtml",
        "not checked",
    ),
    ("a note in a book", PACKAGES["epub"] | {"note.txt": b"x"}, "epub/unlisted", ""),
    ("Tin Can", PACKAGES["tincan"], "tincan/rules", "Tin Can (xAPI)"),
    ("AICC", PACKAGES["aicc"], "aicc/rules", "AICC"),
    *(
        (f"name {name[:20]!r}", PACKAGES["cmi5"] | {name: b"x"}, "zip/name", words)
        for name, words in (
            ("con.html", 'reserves the name "con.html"'),
            ("a/AUX", "reserves"),
            ("what?.txt", "with ? in its name"),
            ("a<b>.txt", "with < in its name"),
            ("trail. ", "ends in a space or a full stop"),
            ("folder./a.txt", "ends in a space or a full stop"),
            ("x" * 256, "more than 255 bytes"),
            ("\u00e9" * 128, "more than 255 bytes"),
        )
    ),
]


@pytest.mark.parametrize(
    ("files", "clause", "words"), [row[1:] for row in WARNED], ids=[row[0] for row in WARNED]
)
def test_valid_with_a_warning(files: Files, clause: str, words: str, tmp_path: Path) -> None:
    report = check(zipped(tmp_path / "a.zip", files))
    assert report.good, report.findings
    assert words in "\n".join(str(one) for one in report.findings if one.clause == clause)
    assert clause in [one.clause for one in report.findings]


WRONG: list[tuple[str, Files, str, str]] = [
    ("NFD in the zip", with_file(NFD, (HREF, f'href="{NFC}"')), "scorm12/absent", "composed"),
    ("NFC in the zip", with_file(NFC, (HREF, f'href="{NFD}"')), "scorm12/absent", "(NFC)"),
    (
        "NFD, percent-encoded",
        with_file(NFD, (HREF, 'href="p%C3%A1gina.html"'), package="scorm2004-4"),
        "scorm2004-4/absent",
        "(NFD)",
    ),
    (
        "NFD in a cartridge",
        with_file(NFD, (HREF, f'href="{NFC}"'), package="cc13"),
        "cc/absent",
        "(NFD)",
    ),
    ("NFD in cmi5", with_file(NFD, ("index.html", NFC), package="cmi5"), "cmi5/absent", "(NFD)"),
    ("other case", with_file("Index.html"), "scorm12/absent", "upper and lower case"),
    ("other case, cmi5", with_file("INDEX.html", package="cmi5"), "cmi5/absent", "upper and lower"),
    (
        "encoded name",
        with_file("a%20b.html", (HREF, 'href="a%20b.html"')),
        "scorm12/absent",
        "nearly",
    ),
    ("backslash", with_file("a/b.html", (HREF, 'href="a\\b.html"')), "scorm12/absent", "forward"),
    ("outside", altered("scorm12", (HREF, 'href="../index.html"')), "scorm12/href", "inside"),
    ("outside, encoded", altered("scorm12", (HREF, 'href="%2e%2E/a"')), "scorm12/href", "inside"),
    ("outside, cartridge", altered("cc13", (HREF, 'href="a/../../b"')), "cc/href", "inside"),
    ("outside, cmi5", altered("cmi5", ("index.html", "a/../../b")), "cmi5/outside", "inside"),
    ("rooted", altered("scorm12", (HREF, 'href="/index.html"')), "scorm12/href", "inside"),
    ("a drive", altered("scorm12", (HREF, 'href="C:/index.html"')), "scorm12/href", "one computer"),
    ("no URL", altered("scorm12", (HREF, 'href="http://["')), "scorm12/href", "as a URL"),
    (
        "base leads away",
        altered("scorm12", ("<resources", '<resources xml:base="m/"')),
        "scorm12/absent",
        "m/index.html",
    ),
    ("nothing to play", altered("scorm12", ('ref="R"', 'ref="Z"')), "scorm12/identifierref", '"Z"'),
    (
        "2004 of no edition",
        altered("scorm2004-4", ("2004 4th Edition", "2004")),
        "scorm2004-4/schemaversion",
        "Moodle",
    ),
    (
        "1.2 of another version",
        altered("scorm12", (">1.2<", ">SCORM 1.2<")),
        "scorm12/schemaversion",
        "Open edX",
    ),
    (
        "organization without a title",
        altered("scorm2004-4", ("<title>Course</title>", "<title/>")),
        "scorm2004-4/title",
        "Open edX",
    ),
    *(
        (
            f"mastery of {score}",
            altered("scorm12", (ITEM, f"{ITEM}<adlcp:masteryscore>{score}</adlcp:masteryscore>")),
            "scorm12/masteryscore",
            "In Moodle",
        )
        for score in ("150", "high", "-1")
    ),
    (
        "entities",
        altered("scorm12", ("<manifest", "<!DOCTYPE m [<!ENTITY a 'b'>]><manifest")),
        "manifest/xml",
        "is refused",
    ),
    *(
        (
            f"{encoding} declared",
            PACKAGES["scorm12"]
            | {
                "imsmanifest.xml": PACKAGES["scorm12"]["imsmanifest.xml"].replace(
                    b"UTF-8", encoding.encode()
                )
            },
            "manifest/xml",
            words,
        )
        for encoding, words in (
            ("Shift_JIS", "its encoding is Shift_JIS"),
            ("EUC-KR", "Open edX"),
            ("GB2312", "Open edX"),
            ("Big5", "Open edX"),
            ("klingon", '"klingon", is unknown'),
        )
    ),
    (
        "Latin-1 without saying so",
        {
            **PACKAGES["scorm12"],
            "imsmanifest.xml": PACKAGES["scorm12"]["imsmanifest.xml"].replace(
                b"Course", b"Educaci\xf3n"
            ),
        },
        "manifest/xml",
        "its text is not in UTF-8",
    ),
]


@pytest.mark.parametrize(
    ("files", "clause", "words"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_wrong(files: Files, clause: str, words: str, tmp_path: Path) -> None:
    report = check(zipped(tmp_path / "a.zip", files))
    assert not report.good
    errors = [one for one in report.findings if one.level == "error"]
    assert {one.clause for one in errors} == {clause}
    assert words in "\n".join(map(str, errors))
    assert all(one.source for one in report.findings)
