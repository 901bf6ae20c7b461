from dataclasses import replace

from lxml import etree

from courseware.module import Module
from scorm_builder import plan
from scorm_builder.checking import xml
from scorm_builder.formats.cmi5 import course_structure as cmi5
from scorm_builder.formats.cmi5.course_structure import iri
from scorm_builder.formats.cmi5.rules import findings

NS = "{https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd}"


def structure(module: Module, *languages: str) -> etree._Element:
    return etree.fromstring(cmi5.structure(plan.make(module, languages=languages)))


def only(root: etree._Element, name: str) -> etree._Element:
    (found,) = root.iter(f"{NS}{name}")
    return found


def words(root: etree._Element, path: str) -> dict[str | None, str | None]:
    found = root.findall(NS + f"{path}/langstring".replace("/", f"/{NS}"))
    return {one.get("lang"): one.text for one in found}


def test_the_structure_breaks_no_rule(module: Module) -> None:
    planned = plan.make(module)
    files = {file.path: file.size for file in cmi5.complete(planned)}
    assert next(iter(files)) == "cmi5.xml"
    assert list(findings(xml.read(cmi5.structure(planned)), files)) == []


def test_course_and_unit_are_described_in_all_languages(module: Module) -> None:
    root = structure(module)
    titles = {"es": "El mercado", "en": "The market", "ar": "السوق"}
    for part in ("course", "au"):
        assert words(root, f"{part}/title") == titles
        assert words(root, f"{part}/description")["en"] == "A market that belongs to all."
    assert words(structure(module, "ar"), "course/title") == {"ar": "السوق"}


def test_one_unit_opens_the_launch_page(module: Module) -> None:
    au = only(structure(module), "au")
    assert only(au, "url").text == "index.html"
    assert au.get("launchMethod") == "AnyWindow"


def test_each_section_is_an_objective_of_the_unit(module: Module) -> None:
    root = structure(module)
    named = [one.get("id") for one in root.findall(f"{NS}objectives/{NS}objective")]
    assert len(set(named)) == len(module.sections)
    assert [
        one.get("idref") for one in root.findall(f"{NS}au/{NS}objectives/{NS}objective")
    ] == named
    assert words(root, "objectives/objective/title")["en"] == "Forum"


def test_the_author_s_rule_alone_completes(module: Module) -> None:
    au = only(structure(module), "au")
    assert (au.get("moveOn"), au.get("masteryScore")) == ("Completed", None)


def test_the_mastery_score_is_between_0_and_1(module: Module) -> None:
    for mastery, score in ((80, "0.8"), (100, "1"), (7, "0.07"), (1, "0.01")):
        judged = replace(module, completion=replace(module.completion, mastery=mastery))
        au = only(structure(judged), "au")
        assert (au.get("moveOn"), au.get("masteryScore")) == ("CompletedAndPassed", score)


def test_the_ids_are_stable(module: Module) -> None:
    assert iri(module) == "urn:uuid:1dff3639-f1a1-5daf-b381-92dc91d74fe1"
    assert iri(module, "au") == "urn:uuid:4b613f53-741e-51e8-8ce7-60723a30dd03"
    other = replace(module, version="9.0.0", titles={"es": "Otro"})
    assert structure(other).find(f"{NS}course").get("id") == iri(module)  # type: ignore[union-attr]
    assert iri(replace(module, id="fair")) != iri(module)
