"""Manifests of cmi5 and Common Cartridge are valid against schemas.

The schemas are our own (``tests/support/cmi5.rng``, ``cartridge.rng``), and the official ones if
``MINGA_SCHEMAS`` names their folder. SCORM manifests are validated in ``tests/interop``.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from lxml import etree

from courseware import resources
from courseware.module import Module
from courseware.parser.reader import read
from scorm_builder.build import build
from tests.support.invalid_variants import invalid_documents
from tests.support.manifest_schemas import OfficialSchemas, official_schemas, problems
from tests.support.small_module import write_module

TOOLS = (None, "https://minga.example.org", "http://localhost:8000")
CARTRIDGES = product(("cc11", "cc13"), TOOLS)
KINDS = [("cmi5", None), *CARTRIDGES]
SHIPPED = sorted(path.parent for path in resources.content().glob("*/module.toml"))
MODULES = ["small", "judged", "silent", *(folder.name for folder in SHIPPED)]


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Module]:
    """Return modules with much in them: a link, a mastery, nothing to talk about; and ours."""
    small = read(_with_a_link(write_module(tmp_path_factory.mktemp("small"))))
    judged = read(write_module(tmp_path_factory.mktemp("judged"), questions=1, mastery=7))
    quiet = tuple(one for one in small.sections if one.kind.name not in ("questions", "discussion"))
    shipped = {folder.name: read(folder) for folder in SHIPPED}
    return {"small": small, "judged": judged, "silent": replace(small, sections=quiet), **shipped}


def _with_a_link(folder: Path) -> Path:
    structure = folder / "module.toml"
    text = structure.read_text("utf-8")
    link = '[readings.site]\naddress = "https://example.org/?a=1&b=2"\n\n[completion]'
    structure.write_text(text.replace("[completion]", link), "utf-8")
    for language in ("es", "en", "ar"):
        readings = folder / language / "readings.md"
        readings.write_text(readings.read_text("utf-8") + '\n## A "<site>" {#site}\n', "utf-8")
    return folder


def documents(package: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(package) as archive:
        yield from (
            (name, archive.read(name)) for name in archive.namelist() if name[-4:] == ".xml"
        )


@pytest.mark.parametrize(("form", "tool"), KINDS)
@pytest.mark.parametrize("name", MODULES)
def test_every_document_is_valid(
    modules: dict[str, Module], tmp_path: Path, name: str, form: str, tool: str | None
) -> None:
    module = modules[name]
    for languages in ((), *((tag,) for tag in module.languages)):
        package = build(module, tmp_path, format_name=form, tool_url=tool, languages=languages).path
        found = dict(documents(package))
        assert found
        for file, document in found.items():
            assert (file, problems(form, document)) == (file, [])


@pytest.fixture(scope="module")
def official() -> OfficialSchemas:
    found = official_schemas()
    if found is None:
        pytest.skip("MINGA_SCHEMAS names no folder with the official schemas")
    return found


def _known(official: OfficialSchemas, package: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the documents whose schema is in the folder; the first one's must be."""
    for at, (file, document) in enumerate(documents(package)):
        if at == 0 or etree.QName(etree.fromstring(document)).namespace in official.namespaces:
            yield file, document


@pytest.mark.parametrize(("form", "tool"), KINDS)
@pytest.mark.parametrize("name", MODULES)
def test_every_document_is_valid_against_the_official_schemas(
    official: OfficialSchemas,
    modules: dict[str, Module],
    tmp_path: Path,
    name: str,
    form: str,
    tool: str | None,
) -> None:
    module = modules[name]
    for languages in ((), *((tag,) for tag in module.languages)):
        package = build(module, tmp_path, format_name=form, tool_url=tool, languages=languages).path
        for file, document in _known(official, package):
            assert (file, official.errors(document)) == (file, [])


@pytest.mark.parametrize(("form", "tool"), KINDS)
def test_our_schemas_reject_what_the_official_ones_reject(
    official: OfficialSchemas,
    modules: dict[str, Module],
    tmp_path: Path,
    form: str,
    tool: str | None,
) -> None:
    package = build(modules["small"], tmp_path, format_name=form, tool_url=tool).path
    refused = 0
    for file, document in _known(official, package):
        for what, invalid in invalid_documents(document):
            root = etree.QName(etree.fromstring(invalid))
            if root.namespace in official.namespaces and official.errors(invalid):
                refused += 1
                assert problems(form, invalid), f"{file}: {what}"
    assert refused > 100


INVALID = {
    "cmi5.xml": [
        ("cmi5/v1/", "cmi5/v2/"),
        ('id="urn:uuid:', 'name="urn:uuid:'),
        ('<course id="urn:uuid:', '<course id="uuid-'),
        ('moveOn="Completed"', 'moveOn="completed"'),
        ('moveOn="Completed"', 'moveOn="Completed" masteryScore="80"'),
        ('"AnyWindow"', '"Frame"'),
        ("<url>index.html</url>", "<url/>"),
        ("<url>index.html</url>", ""),
        ("<title>", "<description/><title>"),
        ('lang="es"', 'lang="Spanish (Peru)"'),
        ('idref="urn:uuid:', 'idref="urn:uuid:0'),
        ("<objectives>", '<objectives ref="1">'),
    ],
    "imsmanifest.xml": [
        ('/imscp_v1p1"', '/imscp_v1p2"'),
        ("<schemaversion>1.", "<schemaversion>2."),
        ("Common Cartridge<", "Cartridge<"),
        ("rooted-hierarchy", "hierarchical"),
        ('identifier="minga-market-root"', 'identifier="1"'),
        ('identifier="minga-market-items"', 'identifier="minga-market-root"'),
        ('identifierref="minga-market-disc', 'identifierref="minga-market-x'),
        ("<title>Foro</title>", ""),
        ("lomimscc:general", "lomimscc:specific"),
        ('language="en"', 'lang="en"'),
        ('type="imsdt_xml', 'type="imsdt_zip'),
        ('type="imsdt_xml', 'href="a.xml" type="imsdt_xml'),
        (' href="market/es.html">', ">"),
    ],
    "market/discussion.xml": [
        ("/imsdt_v1", "/imsdt_v2"),
        ("text/html", "html"),
        ("<title>Foro</title>", ""),
    ],
    "market/link-site.xml": [
        ("/imswl_v1", "/imswl_v2"),
        ("href=", "src="),
        ("https:", "mailto:"),
        ("webLink", "weblink"),
    ],
    "market/tool.xml": [
        ("/imslticc_v1", "/imslticc_v2"),
        ("blti:launch_url", "blti:launchUrl"),
        ("<lticp:code>minga<", "<lticp:code>1 minga<"),
        ("blti:vendor", "blti:seller"),
    ],
}
WAYS = [
    (form, file, *way)
    for file, ways in INVALID.items()
    for way in ways
    for form in (("cmi5",) if file == "cmi5.xml" else ("cc11", "cc13"))
]


@pytest.mark.parametrize(("form", "file", "old", "new"), WAYS)
def test_invalid_documents_are_rejected(
    modules: dict[str, Module], tmp_path: Path, form: str, file: str, old: str, new: str
) -> None:
    tool = TOOLS[1] if "tool" in file else None
    text = dict(documents(build(modules["small"], tmp_path, format_name=form, tool_url=tool).path))[
        file
    ]
    everywhere = re.fullmatch(r"[\w:]+", old)
    broken = text.replace(old.encode(), new.encode(), -1 if everywhere else 1)
    assert broken != text
    etree.fromstring(broken)
    assert problems(form, broken)
