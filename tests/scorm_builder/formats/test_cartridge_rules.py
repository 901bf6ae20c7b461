"""A valid cartridge, changed in one way at a time: each change has its finding."""

import zipfile
from pathlib import Path

import pytest

from courseware.module import Module
from scorm_builder.build import build
from scorm_builder.checking.check import check

MANIFEST = "imsmanifest.xml"
TOPIC = "market/discussion.xml"

INVALID: list[tuple[str, str, str, str, str]] = [
    ("version", MANIFEST, ">1.3.0<", ">1.2.0<", "cc/schemaversion"),
    ("schema", MANIFEST, ">IMS Common Cartridge<", ">ADL SCORM<", "cc/schema"),
    ("no description", MANIFEST, "LOM/manifest", "LOM/other", "cc/lom"),
    ("identifier", MANIFEST, 'identifier="minga-market-root"', 'identifier="1 2"', "cc/identifier"),
    (
        "twice",
        MANIFEST,
        'identifier="minga-market-items"',
        'identifier="minga-market-root"',
        "cc/duplicate-identifier",
    ),
    ("structure", MANIFEST, "rooted-hierarchy", "hierarchical", "cc/structure"),
    (
        "root leads",
        MANIFEST,
        '<item identifier="minga-market-root"',
        '<item identifierref="minga-market-page-es" identifier="minga-market-root"',
        "cc/root-item",
    ),
    (
        "folder leads",
        MANIFEST,
        '<item identifier="minga-market-items"',
        '<item identifierref="minga-market-page-es" identifier="minga-market-items"',
        "cc/leaf",
    ),
    (
        "leads nowhere",
        MANIFEST,
        'identifierref="minga-market-discussion"',
        'identifierref="minga-market-talk"',
        "cc/identifierref",
    ),
    ("untitled", MANIFEST, "<title>Guía</title>", "<title/>", "cc/title"),
    ("type", MANIFEST, 'type="imsdt_xmlv1p3"', 'type="imsdt_xmlv1p1"', "cc/type"),
    ("no start", MANIFEST, ' href="market/es.html">', ">", "cc/href"),
    ("absent", MANIFEST, 'file href="market/minga.css"', 'file href="market/a.css"', "cc/absent"),
    ("topic", TOPIC, 'texttype="text/html"', 'texttype="html"', "cc/topic"),
    ("topic's title", TOPIC, "<title>Foro</title>", "<title/>", "cc/title"),
    ("topic's namespace", TOPIC, "imsdt_v1p3", "imsdt_v1p1", "cc/descriptor"),
    ("topic's XML", TOPIC, "</topic>", "", "cc/xml"),
]


@pytest.fixture(scope="module")
def good(module: Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(module, tmp_path_factory.mktemp("cartridge"), format_name="cc13").path


@pytest.fixture(scope="module")
def thin(module: Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("thin")
    return build(module, folder, format_name="cc13", tool_url="https://minga.example.org").path


def altered(path: Path, to: Path, file: str, old: str, new: str) -> list[str]:
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(to, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == file:
                assert old.encode() in data
                data = data.replace(old.encode(), new.encode(), 1)
            target.writestr(name, data)
    return [one.clause for one in check(to).findings]


@pytest.mark.parametrize(
    ("file", "old", "new", "clause"), [row[1:] for row in INVALID], ids=[row[0] for row in INVALID]
)
def test_each_broken_rule_is_found(
    good: Path, tmp_path: Path, file: str, old: str, new: str, clause: str
) -> None:
    assert clause in altered(good, tmp_path / "invalid.zip", file, old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://minga.example.org/lti/launch", "minga.example.org"),
        ("launch_url", "launch"),
        ("imslticc_v1p3", "imslticc_v1p0"),
    ],
)
def test_a_link_to_a_tool_is_checked(thin: Path, tmp_path: Path, old: str, new: str) -> None:
    with zipfile.ZipFile(thin) as archive:
        whole = archive.read("market/tool.xml").decode()
    found = altered(
        thin, tmp_path / "invalid.zip", "market/tool.xml", whole, whole.replace(old, new)
    )
    assert found


def test_an_unlisted_file_is_reported(good: Path, tmp_path: Path) -> None:
    path = tmp_path / "more.zip"
    path.write_bytes(good.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("market/forgotten.txt", "x")
    (finding,) = check(path).findings
    assert (finding.level, finding.clause, finding.file) == (
        "warning",
        "cc/unlisted",
        "market/forgotten.txt",
    )
