"""Inspecting packages, of Minga and of other programs."""

import zipfile
from pathlib import Path

import pytest

from courseware.parser.reader import read
from scorm_builder.build import build
from scorm_builder.checking.inspect import Inspection, inspect
from tests.support.small_module import write_module

MANIFEST = """<manifest identifier="M" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
 xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
<organizations default="O"><organization identifier="O"><title>Golf</title>
<item identifier="I1" identifierref="R1"><title>Playing</title>{rule}</item>
<item identifier="I2" identifierref="R2"><title>Etiquette</title></item>
</organization></organizations>
<resources>
<resource identifier="R1" type="webcontent" adlcp:scormtype="sco" href="a%20b.html?x=1"/>
<resource identifier="R2" type="webcontent" adlcp:scormtype="asset" href="c.html"/>
</resources></manifest>"""


def written(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_a_package_of_ours(package: Path) -> None:
    found = inspect(package)
    assert found.format == "ADL SCORM 1.2"
    assert (found.title, found.made_here) == ("El mercado", "market 1.2.0")
    assert found.languages == ("es", "en", "ar")
    assert [(sco.title, sco.href) for sco in found.scos] == [("El mercado", "index.html")]
    assert found.completion == "All 5 sections seen."
    kinds = {kind.name: kind.files for kind in found.kinds}
    assert kinds["pages"] == 3
    assert kinds["captions"] == 2
    with zipfile.ZipFile(package) as archive:
        entries = archive.infolist()
    assert sum(kinds.values()) == len(entries)
    assert sum(kind.size for kind in found.kinds) == sum(entry.file_size for entry in entries)
    assert found.findings == ()


def test_the_author_s_rule(tmp_path: Path) -> None:
    module = read(write_module(tmp_path, required='["introduction", "videos"]', questions=2))
    found = inspect(build(module, tmp_path).path)
    assert (
        found.completion == "Sections seen: introduction, videos; suggested questions answered: 2."
    )


def test_a_mastery(tmp_path: Path) -> None:
    found = inspect(build(read(write_module(tmp_path, mastery=80)), tmp_path).path)
    assert found.completion == "All 5 sections seen. Passed from 80 % of that on."


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("<adlcp:masteryscore>80</adlcp:masteryscore>", "A score of at least 80 of 100."),
        ("", "Its own script decides: the manifest sets no rule."),
    ],
)
def test_a_package_of_another_program(tmp_path: Path, rule: str, words: str) -> None:
    page = '<html lang="en_us"><title>A</title><img src="a.gif">'
    files = {"imsmanifest.xml": MANIFEST.format(rule=rule), "a b.html": page, "c.swf": "x"}
    found = inspect(written(tmp_path / "a.zip", files))
    assert (found.format, found.title, found.made_here) == ("ADL SCORM 1.2", "Golf", "")
    assert [(sco.title, sco.href) for sco in found.scos] == [("Playing", "a b.html?x=1")]
    assert found.completion == words
    assert {kind.name for kind in found.kinds} == {"manifests and schemas", "pages", "other files"}
    assert "wcag/1.1.1" in [finding.clause for finding in found.findings]


def test_other_formats(tmp_path: Path) -> None:
    def of(**files: str) -> Inspection:
        names = {name.replace("_", "."): text for name, text in files.items()}
        return inspect(written(tmp_path / "a.zip", names))

    assert of(index_html='<html lang="fr"><title>Bon</title>').format == "website"
    assert of(index_html='<html lang="fr"><title>Bon</title>').title == "Bon"
    assert of(index_html='<html lang="fr"><title>Bon</title>').languages == ("fr",)
    assert of(mimetype="application/epub+zip").format == "EPUB"
    assert of(cmi5_xml="<courseStructure/>").format == "cmi5"
    assert of(tincan_xml="<tincan/>").format == "Tin Can (xAPI)"
    assert of(notes_txt="a").format == "zip of no format that is known here"


STRUCTURE = """<courseStructure
 xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">
<course id="urn:example:course"><title><langstring lang="pt-BR">Golfe</langstring>
<langstring lang="en">Golf</langstring></title></course>
<au id="urn:example:au" moveOn="Passed"><title><langstring lang="en">Playing</langstring></title>
<url>https://example.org/a%20b.html</url></au></courseStructure>"""


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "in a zip"])
def test_a_course_structure_of_cmi5(tmp_path: Path, alone: bool) -> None:
    path = tmp_path / "course"
    if alone:
        path.write_text(STRUCTURE, "utf-8")
    else:
        written(path, {"cmi5.xml": STRUCTURE})
    found = inspect(path)
    assert found.format == ("cmi5, the course structure alone" if alone else "cmi5")
    assert (found.title, found.languages) == ("Golfe", ("pt-BR", "en"))
    assert [(sco.title, sco.href) for sco in found.scos] == [
        ("Playing", "https://example.org/a b.html")
    ]
    assert found.completion == "The criterion of the LMS (cmi5 moveOn): Passed."
    assert {finding.clause for finding in found.findings} == {"cmi5/missing"}
    assert found.readable


def test_an_unknown_xml_file(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<svg/>", "utf-8")
    found = inspect(tmp_path / "a.xml")
    assert found.format == "XML of no format known here"
    assert [finding.clause for finding in found.findings] == ["cmi5/root"]


@pytest.mark.parametrize(
    "files",
    [
        {"imsmanifest.xml": "<manifest"},
        {"imsmanifest.xml": "<!DOCTYPE m [<!ENTITY a 'b'>]><manifest>&a;</manifest>"},
        {"index.html": '<script type="application/json" id="minga-module">{"id": 3</script>'},
        {"index.html": '<script type="application/json" id="minga-module">[1]</script>'},
        {
            "index.html": '<script type="application/json" id="minga-module">'
            '{"id": 1, "version": {}, "languages": 4, "required": 3}</script>'
        },
    ],
)
def test_no_content_raises_an_exception(tmp_path: Path, files: dict[str, str]) -> None:
    found = inspect(written(tmp_path / "a.zip", files))
    assert found.readable
    assert found.findings


def test_a_damaged_zip(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\3\4 nothing")
    found = inspect(tmp_path / "a.zip")
    assert not found.readable
    assert [finding.clause for finding in found.findings] == ["zip/unreadable"]
