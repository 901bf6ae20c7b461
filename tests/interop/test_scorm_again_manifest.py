"""Our SCORM 1.2 manifests are valid against the schemas of IMS and ADL."""

from pathlib import Path

import pytest
from lxml import etree

from courseware import resources
from courseware.parser.reader import read
from scorm_builder import plan
from scorm_builder.formats.scorm12 import manifest as scorm12
from tests.support.scorm_schemas import scorm12_schema
from tests.support.small_module import write_module

pytestmark = pytest.mark.interop

MODULES = sorted(path.parent for path in resources.content().glob("*/module.toml"))


def errors(manifest: bytes) -> list[str]:
    schema = scorm12_schema()
    schema.validate(etree.fromstring(manifest))
    return [f"{entry.line}: {entry.message}" for entry in schema.error_log]


@pytest.mark.parametrize("folder", MODULES, ids=lambda folder: folder.name)
def test_included_modules(folder: Path) -> None:
    assert errors(scorm12.manifest(plan.make(read(folder)))) == []


@pytest.mark.parametrize("languages", [(), ("ar",), ("en", "es")])
def test_a_module_with_markup_in_its_texts(tmp_path: Path, languages: tuple[str, ...]) -> None:
    planned = plan.make(read(write_module(tmp_path)), languages=languages)
    assert errors(scorm12.manifest(planned)) == []


@pytest.mark.parametrize("mastery", [None, 80])
def test_one_sco_per_section(tmp_path: Path, mastery: int | None) -> None:
    module = read(write_module(tmp_path, required='["videos"]', questions=1, mastery=mastery))
    manifest = scorm12.manifest(plan.make(module, per_section=True))
    assert errors(manifest) == []
    assert errors(manifest.replace(b"<dependency identifierref", b"<dependency idref")) != []


@pytest.mark.parametrize("mastery", [1, 80, 100])
def test_mastery_score(tmp_path: Path, mastery: int) -> None:
    manifest = scorm12.manifest(plan.make(read(write_module(tmp_path, mastery=mastery))))
    assert errors(manifest) == []
    assert f">{mastery}<".encode() in manifest


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"<schemaversion>", b"<schemaVersion>"),
        (b'identifierref="', b'identifierRef="'),
        (b"<imsmd:title>", b"<imsmd:name>"),
        (b'type="webcontent"', b""),
    ],
)
def test_the_schemas_reject_invalid_manifests(tmp_path: Path, right: bytes, wrong: bytes) -> None:
    manifest = scorm12.manifest(plan.make(read(write_module(tmp_path))))
    assert right in manifest
    broken = manifest.replace(right, wrong).replace(
        right.replace(b"<", b"</"), wrong.replace(b"<", b"</")
    )
    assert errors(broken) != []
