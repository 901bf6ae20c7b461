import zipfile
from dataclasses import replace
from pathlib import Path

from lxml import etree

from courseware.module import Module
from scorm_builder import plan
from scorm_builder.formats.scorm12 import manifest as scorm12

CP = "{http://www.imsproject.org/xsd/imscp_rootv1p1p2}"
MD = "{http://www.imsglobal.org/xsd/imsmd_rootv1p2p1}"
ADLCP = "{http://www.adlnet.org/xsd/adlcp_rootv1p2}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def manifest(module: Module, *languages: str) -> etree._Element:
    return etree.fromstring(scorm12.manifest(plan.make(module, languages=languages)))


def test_the_manifest_is_first_and_lists_every_file(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        listed = etree.fromstring(archive.read("imsmanifest.xml")).iter(f"{CP}file")
        assert archive.namelist() == ["imsmanifest.xml", *(one.get("href") for one in listed)]


def test_one_sco_with_the_launch_page(module: Module) -> None:
    (resource,) = manifest(module).iter(f"{CP}resource")
    assert resource.get(f"{ADLCP}scormtype") == "sco"
    assert resource.get("href") == "index.html"
    (item,) = manifest(module).iter(f"{CP}item")
    assert item.get("identifierref") == resource.get("identifier")


def test_nothing_that_could_override_the_status(module: Module) -> None:
    assert not list(manifest(module).iter(f"{ADLCP}masteryscore"))


def test_the_mastery_score_of_the_module(module: Module) -> None:
    asked = replace(module, completion=replace(module.completion, mastery=80))
    (item,) = manifest(asked).iter(f"{CP}item")
    assert [one.tag for one in item] == [f"{CP}title", f"{ADLCP}masteryscore"]
    assert item[1].text == "80"


def test_title_and_summary_in_every_language_of_the_package(module: Module) -> None:
    def strings(name: str, *languages: str) -> dict[str | None, str | None]:
        found = manifest(module, *languages).find(f".//{MD}general/{MD}{name}")
        assert found is not None
        return {one.get(LANG): one.text for one in found}

    assert strings("title") == {"es": "El mercado", "en": "The market", "ar": "السوق"}
    assert strings("title", "ar") == {"ar": "السوق"}
    assert strings("description") == {
        "es": "Un mercado <abierto> & de todos.",
        "en": "A market that belongs to all.",
    }


def test_the_title_that_the_lms_shows_is_in_the_first_language(module: Module) -> None:
    assert [one.text for one in manifest(module).iter(f"{CP}title")] == ["El mercado"] * 2
    assert [one.text for one in manifest(module, "ar").iter(f"{CP}title")] == ["السوق"] * 2


def test_the_authors_are_vcards(module: Module) -> None:
    root = manifest(replace(module, authors=("Ana, Bo; & Cy", "Dé")))
    found = root.findall(f".//{MD}lifecycle/{MD}contribute")
    assert [one.findtext(f"{MD}role/{MD}value/{MD}langstring") for one in found] == ["Author"] * 2
    cards = [one.findtext(f"{MD}centity/{MD}vcard") or "" for one in found]
    assert cards[0].splitlines()[2] == "FN:Ana\\, Bo\\; & Cy"
    assert "FN:Dé" in cards[1]


def test_the_time_it_takes(module: Module) -> None:
    found = manifest(module).find(f".//{MD}typicallearningtime/{MD}datetime")
    assert found is not None
    assert found.text == "01:05:00"
