"""Our SCORM 2004 manifests are valid against the schemas of IMS and ADL, in each edition."""

from pathlib import Path

import pytest
from lxml import etree

from courseware import resources
from courseware.parser.reader import read
from scorm_builder import plan
from scorm_builder.formats.scorm2004 import FOURTH, THIRD, Scorm2004Edition
from scorm_builder.formats.scorm2004 import manifest as scorm2004
from tests.support.scorm_schemas import scorm2004_schema
from tests.support.small_module import write_module

pytestmark = pytest.mark.interop

MODULES = sorted(path.parent for path in resources.content().glob("*/module.toml"))
EDITIONS = {"3rd": THIRD, "4th": FOURTH}


def errors(name: str, manifest: bytes) -> list[str]:
    schema = scorm2004_schema(name)
    schema.validate(etree.fromstring(manifest))
    return [f"{entry.line}: {entry.message}" for entry in schema.error_log]


@pytest.fixture(params=EDITIONS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def edition(name: str) -> Scorm2004Edition:
    return EDITIONS[name]


@pytest.mark.parametrize("folder", MODULES, ids=lambda folder: folder.name)
def test_included_modules(folder: Path, name: str, edition: Scorm2004Edition) -> None:
    assert errors(name, scorm2004.manifest(plan.make(read(folder)), edition)) == []


@pytest.mark.parametrize("languages", [(), ("ar",), ("en", "es")])
def test_a_module_with_markup_in_its_texts(
    tmp_path: Path, languages: tuple[str, ...], name: str, edition: Scorm2004Edition
) -> None:
    planned = plan.make(read(write_module(tmp_path)), languages=languages)
    assert errors(name, scorm2004.manifest(planned, edition)) == []


@pytest.mark.parametrize("mastery", [None, 80])
def test_one_sco_per_section(
    tmp_path: Path, name: str, edition: Scorm2004Edition, mastery: int | None
) -> None:
    module = read(write_module(tmp_path, required='["videos"]', questions=1, mastery=mastery))
    manifest = scorm2004.manifest(plan.make(module, per_section=True), edition)
    assert errors(name, manifest) == []
    assert errors(name, manifest.replace(b"rollupProgressCompletion", b"rollupprogress")) != []


@pytest.mark.parametrize("mastery", [1, 80, 100])
def test_mastery_score(tmp_path: Path, name: str, edition: Scorm2004Edition, mastery: int) -> None:
    planned = plan.make(read(write_module(tmp_path, mastery=mastery)))
    manifest = scorm2004.manifest(planned, edition)
    assert errors(name, manifest) == []
    assert b"satisfiedByMeasure" in manifest
    assert errors(name, manifest.replace(b"satisfiedByMeasure", b"satisfiedbymeasure")) != []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"<schemaversion>", b"<schemaVersion>"),
        (b'identifierref="', b'identifierRef="'),
        (b"imsss:deliveryControls", b"imsss:deliverycontrols"),
        (b'"true" objectiveSetByContent', b'"yes" objectiveSetByContent'),
        (b">continue<", b">next<"),
        (b'language="es"', b'lang="es"'),
        (b"PT1H5M", b"01:05:00"),
    ],
)
def test_the_schemas_reject_invalid_manifests(
    tmp_path: Path, right: bytes, wrong: bytes, name: str, edition: Scorm2004Edition
) -> None:
    manifest = scorm2004.manifest(plan.make(read(write_module(tmp_path))), edition)
    assert right in manifest
    broken = manifest.replace(right, wrong).replace(
        right.replace(b"<", b"</"), wrong.replace(b"<", b"</")
    )
    assert errors(name, broken) != []
