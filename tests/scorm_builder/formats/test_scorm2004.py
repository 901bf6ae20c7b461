import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from courseware.module import Module
from scorm_builder import build, plan
from scorm_builder.checking.check import check
from scorm_builder.formats.scorm2004 import FOURTH, THIRD, Scorm2004Edition
from scorm_builder.formats.scorm2004 import manifest as scorm2004

CP = "{http://www.imsglobal.org/xsd/imscp_v1p1}"
LOM = "{http://ltsc.ieee.org/xsd/LOM}"
ADLCP = "{http://www.adlnet.org/xsd/adlcp_v1p3}"
IMSSS = "{http://www.imsglobal.org/xsd/imsss}"
EDITIONS = (THIRD, FOURTH)


def manifest(module: Module, *languages: str, edition: Scorm2004Edition = FOURTH) -> etree._Element:
    planned = plan.make(module, languages=languages)
    return etree.fromstring(scorm2004.manifest(planned, edition))


def only(root: etree._Element, name: str) -> etree._Element:
    (found,) = root.iter(name)
    return found


def words(root: etree._Element, path: str) -> list[str | None]:
    return [one.text for one in root.findall(f".//{LOM}lom/{LOM}" + path.replace("/", f"/{LOM}"))]


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.name)
def test_a_package_of_each_edition_is_good(
    module: Module, tmp_path: Path, edition: Scorm2004Edition
) -> None:
    made = build.build(module, tmp_path, format_name=edition.name)
    assert made.path.name == f"market-{edition.name}.zip"
    report = check(made.path)
    assert (report.format, report.findings) == (edition.name, ())
    with zipfile.ZipFile(made.path) as archive:
        root = etree.fromstring(archive.read("imsmanifest.xml"))
        listed = [one.get("href") for one in root.iter(f"{CP}file")]
        assert archive.namelist() == ["imsmanifest.xml", *listed]
        script = archive.read("runtime.js").decode()
    assert only(root, f"{CP}schemaversion").text == edition.version
    assert script.index("STANDARDS.API_1484_11 =") < script.index("STANDARDS.API =")


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.name)
def test_the_same_module_gives_the_same_bytes(
    module: Module, tmp_path: Path, edition: Scorm2004Edition
) -> None:
    first = build.build(module, tmp_path / "a", format_name=edition.name).path.read_bytes()
    assert build.build(module, tmp_path / "b", format_name=edition.name).path.read_bytes() == first


@pytest.mark.parametrize("per_section", [False, True])
def test_the_editions_have_the_same_pages(
    module: Module, tmp_path: Path, per_section: bool
) -> None:
    """Therefore the browser tests play only one of them."""
    files = []
    for edition in EDITIONS:
        made = build.build(module, tmp_path, format_name=edition.name, per_section=per_section)
        with zipfile.ZipFile(made.path) as archive:
            found = {name: archive.read(name) for name in archive.namelist()}
        assert found.pop("imsmanifest.xml")
        own, common = (f'"format": "{name}"'.encode() for name in (edition.name, "any"))
        files.append({name: content.replace(own, common) for name, content in found.items()})
    third, fourth = files
    assert third == fourth


def test_the_versions_are_spelt_as_lmss_expect() -> None:
    assert [edition.version for edition in EDITIONS] == ["2004 3rd Edition", "2004 4th Edition"]


def test_one_sco_with_the_launch_page(module: Module) -> None:
    root = manifest(module)
    resource = only(root, f"{CP}resource")
    assert resource.get(f"{ADLCP}scormType") == "sco"
    assert resource.get("href") == "index.html"
    assert only(root, f"{CP}item").get("identifierref") == resource.get("identifier")


def test_the_lms_sets_no_status_itself(module: Module) -> None:
    root = manifest(module)
    controls = only(root, f"{IMSSS}deliveryControls")
    assert dict(controls.attrib) == {
        "completionSetByContent": "true",
        "objectiveSetByContent": "true",
    }
    names = {etree.QName(one).localname for one in root.iter(etree.Element)}
    assert not names & {"completionThreshold", "minNormalizedMeasure", "mapInfo"}


@pytest.mark.parametrize(
    ("percent", "measure"), [(1, "0.01"), (29, "0.29"), (80, "0.8"), (100, "1")]
)
def test_the_mastery_score_of_the_module(module: Module, percent: int, measure: str) -> None:
    asked = replace(module, completion=replace(module.completion, mastery=percent))
    root = manifest(asked)
    objective = only(root, f"{IMSSS}primaryObjective")
    assert dict(objective.attrib) == {"satisfiedByMeasure": "true"}
    assert [(one.tag, one.text) for one in objective] == [(f"{IMSSS}minNormalizedMeasure", measure)]


def test_the_module_is_described(module: Module) -> None:
    root = manifest(module)
    titles = root.findall(f".//{LOM}general/{LOM}title/{LOM}string")
    assert {one.get("language"): one.text for one in titles} == {
        "es": "El mercado",
        "en": "The market",
        "ar": "السوق",
    }
    assert words(root, "general/language") == ["es", "en", "ar"]
    assert words(root, "general/keyword/string") == ["markets", "cooperatives & co"]
    assert words(root, "educational/typicalLearningTime/duration") == ["PT1H5M"]
    assert words(root, "rights/description/string") == ["CC-BY-4.0"]
    assert words(manifest(module, "ar"), "general/language") == ["ar"]


def test_an_author_is_a_vcard(module: Module) -> None:
    written = replace(module, authors=("Paz, Ana; y otras",))
    (card,) = words(manifest(written), "lifeCycle/contribute/entity")
    assert card is not None
    assert card.split("\n") == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        r"FN:Paz\, Ana\; y otras",
        r"N:Paz\, Ana\; y otras;;;;",
        "END:VCARD",
    ]
