"""One SCO per section, in each format with SCOs."""

import zipfile
from pathlib import Path

import pytest
from lxml import etree

from courseware.module import Module
from courseware.parser.reader import read
from scorm_builder.build import build
from scorm_builder.checking.check import check
from scorm_builder.checking.inspect import inspect
from scorm_builder.formats import registry
from scorm_builder.plan import PlanError
from tests.support.small_module import SECTIONS, write_module

TITLES = ["Introducción", "Videos", "Lecturas", "Preguntas", "Foro"]

WITH_SCOS = [one.name for one in registry.buildable_formats() if one.has_scos]


@pytest.fixture(params=WITH_SCOS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def manifest(package: Path) -> etree._Element:
    with zipfile.ZipFile(package) as archive:
        return etree.fromstring(archive.read("imsmanifest.xml"))


def all_of(root: etree._Element, name: str) -> list[etree._Element]:
    return [one for one in root.iter(etree.Element) if etree.QName(one).localname == name]


def of_each_item(root: etree._Element, name: str) -> dict[str, list[dict[str, str]]]:
    """The attributes of the elements of that name inside each item, by the item's section."""
    return {
        item.get("identifier", "").removeprefix("ITEM-MARKET-").lower(): [
            {str(key): str(value) for key, value in one.attrib.items()}
            for one in all_of(item, name)
        ]
        for item in all_of(root, "item")
    }


def test_each_section_is_an_item_with_its_title(module: Module, tmp_path: Path, form: str) -> None:
    made = build(module, tmp_path, format_name=form, per_section=True)
    root = manifest(made.path)
    assert [item[0].text for item in all_of(root, "item")] == TITLES
    assert [item.get("identifier") for item in all_of(root, "item")] == [
        f"ITEM-MARKET-{name.upper()}" for name in SECTIONS
    ]
    resources = {one.get("identifier"): one.get("href") for one in all_of(root, "resource")}
    for item, name in zip(all_of(root, "item"), SECTIONS, strict=True):
        assert resources[item.get("identifierref")] == f"{name}.html"


def test_the_title_is_in_the_first_language(module: Module, tmp_path: Path, form: str) -> None:
    made = build(module, tmp_path, format_name=form, per_section=True, languages=("ar",))
    assert made.path.name == f"market-ar-sections-{form}.zip"
    assert all_of(manifest(made.path), "item")[1][0].text == "أفلام"


def test_every_file_is_listed_and_every_sco_depends_on_the_shared_files(
    module: Module, tmp_path: Path, form: str
) -> None:
    made = build(module, tmp_path, format_name=form, per_section=True)
    root = manifest(made.path)
    with zipfile.ZipFile(made.path) as archive:
        held = set(archive.namelist()) - {"imsmanifest.xml"}
    assert {one.get("href") for one in all_of(root, "file")} == held
    *scos, shared = all_of(root, "resource")
    assert [one.get("href") for one in shared] == ["minga.css", "icon.svg", "runtime.js"]
    assert shared.get("href") is None
    for sco in scos:
        assert [one.get("identifierref") for one in all_of(sco, "dependency")] == [
            shared.get("identifier")
        ]


def test_the_check_warns_only_that_some_lmss_show_only_the_first_sco(
    module: Module, tmp_path: Path, form: str
) -> None:
    report = check(build(module, tmp_path, format_name=form, per_section=True).path)
    warned = ["scorm12/several"] if form == "scorm12" else []
    assert (report.format, [one.clause for one in report.findings]) == (form, warned)
    assert report.good


def test_both_packages_have_different_names(module: Module, tmp_path: Path, form: str) -> None:
    names = [
        build(module, tmp_path, format_name=form, per_section=apart).path.name
        for apart in (False, True)
    ]
    assert names == [f"market-{form}.zip", f"market-sections-{form}.zip"]


def test_sections_outside_the_rule_are_excluded_from_rollup_in_scorm_2004(
    tmp_path: Path, form: str
) -> None:
    module = read(write_module(tmp_path, required='["videos"]', questions=1))
    found = of_each_item(
        manifest(build(module, tmp_path, format_name=form, per_section=True).path), "rollupRules"
    )
    out = {
        "rollupObjectiveSatisfied": "false",
        "rollupProgressCompletion": "false",
        "objectiveMeasureWeight": "0",
    }
    asked = ("videos", "questions")
    assert found == {name: [] if form == "scorm12" or name in asked else [out] for name in SECTIONS}


def test_the_lms_controls_navigation_and_sets_no_status(module: Module, tmp_path: Path) -> None:
    root = manifest(build(module, tmp_path, format_name="scorm2004-4", per_section=True).path)
    (moves,) = all_of(root, "controlMode")
    assert dict(moves.attrib) == {"choice": "true", "flow": "true"}
    switched_off = {"completionSetByContent": "true", "objectiveSetByContent": "true"}
    assert of_each_item(root, "deliveryControls") == {name: [switched_off] for name in SECTIONS}
    assert not all_of(root, "hideLMSUI") + all_of(root, "mapInfo")


def test_each_required_section_has_the_mastery_score(tmp_path: Path, form: str) -> None:
    module = read(write_module(tmp_path, required='["videos"]', questions=1, mastery=80))
    root = manifest(build(module, tmp_path, format_name=form, per_section=True).path)
    name = "masteryscore" if form == "scorm12" else "minNormalizedMeasure"
    having = [section for section, found in of_each_item(root, name).items() if found]
    assert having == ["videos", "questions"]


def test_inspect_lists_every_sco(tmp_path: Path, form: str) -> None:
    module = read(write_module(tmp_path, required='["videos"]', questions=1))
    found = inspect(build(module, tmp_path, format_name=form, per_section=True).path)
    assert [(sco.title, sco.href) for sco in found.scos] == [
        (title, f"{name}.html") for title, name in zip(TITLES, SECTIONS, strict=True)
    ]
    assert (found.made_here, found.languages) == ("market 1.2.0", ("es", "en", "ar"))
    assert found.completion == (
        "Each part by itself. Sections seen: introduction. Sections seen: videos. "
        "Sections seen: readings. Sections seen: none; suggested questions answered: 1. "
        "Sections seen: discussion."
    )


@pytest.mark.parametrize("other", [name for name in registry.names() if name not in WITH_SCOS])
def test_a_format_without_scos_is_refused(module: Module, tmp_path: Path, other: str) -> None:
    with pytest.raises(PlanError, match="has no SCOs"):
        build(module, tmp_path, format_name=other, per_section=True, languages=("es",))
    assert not list(tmp_path.iterdir())
