"""A module as a Common Cartridge: files, order and links."""

import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree, html

from courseware.module import Module
from lti_tool.launches.views import LAUNCH_PATH
from scorm_builder.build import build
from scorm_builder.checking.check import check
from scorm_builder.plan import PlanError

EDITIONS = [("cc11", "v1p1", "v1p0", "1.1.0"), ("cc13", "v1p3", "v1p3", "1.3.0")]
NAMES = pytest.mark.parametrize(("name", "part", "link_part", "version"), EDITIONS)


class Cartridge:
    def __init__(self, path: Path, part: str) -> None:
        self.path = path
        self.zip = zipfile.ZipFile(path)
        self.manifest = etree.fromstring(self.zip.read("imsmanifest.xml"))
        self.cp = f"{{http://www.imsglobal.org/xsd/imscc{part}/imscp_v1p1}}"

    def all(self, name: str) -> list[etree._Element]:
        return list(self.manifest.iter(self.cp + name))

    def resource(self, name: str) -> etree._Element:
        return next(one for one in self.all("resource") if one.get("identifier") == name)

    def document(self, name: str) -> etree._Element:
        file = self.resource(name).find(f"{self.cp}file")
        assert file is not None
        return etree.fromstring(self.zip.read(str(file.get("href"))))


@pytest.fixture
def made(module: Module, tmp_path: Path, name: str, part: str) -> Cartridge:
    return Cartridge(build(module, tmp_path, format_name=name).path, part)


@NAMES
def test_a_built_package_passes_the_check(
    made: Cartridge, name: str, part: str, link_part: str, version: str
) -> None:
    report = check(made.path)
    assert (report.format, report.findings) == (name, ())
    assert [one.text for one in made.all("schemaversion")] == [version]


@NAMES
def test_every_file_is_listed_once_below_the_modules_own_folder(
    made: Cartridge, name: str, part: str, link_part: str, version: str
) -> None:
    listed = [str(one.get("href")) for one in made.all("file")]
    assert made.zip.namelist() == ["imsmanifest.xml", *listed]
    assert all(path.startswith("market/") for path in listed)


@NAMES
def test_the_items_follow_the_module(
    made: Cartridge, name: str, part: str, link_part: str, version: str
) -> None:
    assert [one.text for one in made.all("title")] == [
        "El mercado",
        "El mercado · Español",
        "The market · English",
        "السوق · العربية",
        "Lecturas",
        "Guía",
        "Foro",
    ]
    kinds = [
        made.resource(str(one.get("identifierref"))).get("type")
        for one in made.all("item")
        if one.get("identifierref")
    ]
    assert kinds == ["webcontent"] * 4 + [f"imsdt_xml{part}"]


@NAMES
def test_one_topic_with_the_notice_and_the_questions_in_every_language(
    made: Cartridge, name: str, part: str, link_part: str, version: str
) -> None:
    topic = made.document("minga-market-discussion")
    namespace = f"{{http://www.imsglobal.org/xsd/imscc{part}/imsdt_{part}}}"
    assert topic.findtext(f"{namespace}title") == "Foro"
    text = topic.find(f"{namespace}text")
    assert text is not None
    assert text.get("texttype") == "text/html"
    tree = html.fromstring(f"<div>{text.text}</div>")
    assert [(one.get("lang"), one.get("dir")) for one in tree.xpath("./div")] == [
        ("es", "ltr"),
        ("en", "ltr"),
        ("ar", "rtl"),
    ]
    assert "Escribe aquí." in tree.text_content()
    assert tree.xpath("//ol/li/p/strong/text()")[:2] == ["¿Quién compra?", "¿Quién vende?"]


@NAMES
def test_a_page_needs_no_script(
    made: Cartridge, name: str, part: str, link_part: str, version: str
) -> None:
    page = made.zip.read("market/ar.html").decode()
    assert "<script" not in page
    assert "<textarea" not in page
    tree = html.document_fromstring(page)
    for address in tree.xpath("//@src | //link/@href | //li[@id='r-guide']//@href"):
        assert f"market/{address}" in made.zip.namelist()


@NAMES
def test_a_link_to_the_live_tool_replaces_the_topic(
    module: Module, tmp_path: Path, name: str, part: str, link_part: str, version: str
) -> None:
    path = build(module, tmp_path, format_name=name, tool_url="https://minga.example.org/").path
    made = Cartridge(path, part)
    assert check(path).findings == ()
    resource = made.resource("minga-market-tool")
    assert resource.get("type") == f"imsbasiclti_xml{link_part}"
    link = made.document("minga-market-tool")
    assert (
        link.tag == f"{{http://www.imsglobal.org/xsd/imslticc_{link_part}}}cartridge_basiclti_link"
    )
    launch = link.findtext("{http://www.imsglobal.org/xsd/imsbasiclti_v1p0}launch_url")
    assert launch == "https://minga.example.org/lti/launch?module=market"
    assert not [one for one in made.all("resource") if "imsdt" in str(one.get("type"))]


def thumbprint(url: str) -> str:
    """What Moodle compares of a URL: ``lti_get_url_thumbprint`` of mod/lti/locallib.php."""
    parts = urlsplit(url.lower())
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}/{parts.path}" + (f"?{parts.query}" if parts.query else "")


def moodle_finds(registered: str, link: str) -> bool:
    """Whether Moodle takes a registered tool for a link: its URL must be a prefix of the link's."""
    return thumbprint(link).startswith(thumbprint(registered))


@pytest.mark.parametrize(
    "tool_url",
    [
        "https://minga.example.org",
        "https://minga.example.org/",
        "https://Minga.Example.org",
        "https://www.minga.example.org",
        "https://minga.example.org:8443",
        "http://localhost:8000",
    ],
)
def test_moodle_finds_the_registered_tool_of_the_link(
    module: Module, tmp_path: Path, tool_url: str
) -> None:
    path = build(module, tmp_path, format_name="cc13", tool_url=tool_url).path
    made = Cartridge(path, "v1p3")
    link = made.document("minga-market-tool").findtext(
        "{http://www.imsglobal.org/xsd/imsbasiclti_v1p0}launch_url"
    )
    public_url = tool_url.rstrip("/")
    for registered, found in (
        (f"{public_url}{LAUNCH_PATH}", True),  # by dynamic registration
        (public_url, True),  # by hand
        (f"{public_url}/lti/login", False),
        (f"{public_url}{LAUNCH_PATH}/", False),
        ("https://other.example.org" + LAUNCH_PATH, False),
    ):
        assert moodle_finds(registered, link or "") is found, registered


def test_links_become_web_links(tmp_path: Path) -> None:
    from courseware.parser.reader import read
    from tests.support.small_module import write_module

    folder = write_module(tmp_path)
    structure = folder / "module.toml"
    structure.write_text(
        structure.read_text("utf-8").replace(
            'file = "media/guide.pdf"', 'address = "https://example.org/a?b=1&c=2"'
        ),
        "utf-8",
    )
    made = Cartridge(build(read(folder), tmp_path / "out", format_name="cc13").path, "v1p3")
    link = made.document("minga-market-link-guide")
    url = link.find("{http://www.imsglobal.org/xsd/imsccv1p3/imswl_v1p3}url")
    assert url is not None
    assert url.get("href") == "https://example.org/a?b=1&c=2"


def test_with_one_language_its_name_is_omitted(module: Module, tmp_path: Path) -> None:
    made = Cartridge(build(module, tmp_path, format_name="cc11", languages=["en"]).path, "v1p1")
    assert [one.text for one in made.all("title")] == [
        "The market",
        "The market",
        "Readings",
        "Guide",
        "Forum",
    ]


def test_a_line_break_in_code_survives_the_topic(module: Module) -> None:
    from scorm_builder.formats.common_cartridge.cartridge import _on_one_line

    code = "<p>a\nb</p>\n<pre><code>one\ntwo\n</code></pre>"
    assert _on_one_line(code) == "<p>a b</p> <pre><code>one&#10;two&#10;</code></pre>"


@pytest.mark.parametrize("address", ["minga.example.org", "javascript:alert(1)", "https://"])
def test_invalid_tool_urls_are_refused(module: Module, tmp_path: Path, address: str) -> None:
    with pytest.raises(PlanError, match="is not the address of a tool"):
        build(module, tmp_path, format_name="cc11", tool_url=address)
    assert not list(tmp_path.iterdir())
