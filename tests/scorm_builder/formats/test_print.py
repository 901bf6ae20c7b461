"""A module as PDF: one per language, complete, tagged, reproducible."""

import os
import sys
from pathlib import Path

import pytest

from courseware import resources
from courseware.markdown import module_html
from courseware.module import Module
from scorm_builder.build import build
from scorm_builder.checking.check import check
from scorm_builder.formats import registry
from scorm_builder.formats.pdf import document
from scorm_builder.plan import PlanError, from_bytes


def needed() -> None:
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        if os.environ.get("MINGA_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(f"no WeasyPrint, or no Pango for it: {error}")


@pytest.fixture(scope="module")
def arabic(module: Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    needed()
    return build(
        module, tmp_path_factory.mktemp("paper"), format_name="print", languages=["ar"]
    ).path


def test_a_built_package_passes_the_check(arabic: Path) -> None:
    assert arabic.name == "market-ar.pdf"
    report = check(arabic)
    assert (report.format, report.findings) == ("print", ())


def test_the_same_bytes_each_time(arabic: Path, module: Module, tmp_path: Path) -> None:
    again = build(module, tmp_path, format_name="print", languages=["ar"]).path
    assert again.read_bytes() == arabic.read_bytes()


def test_weasyprint_supports_all_styles(
    module: Module, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """WeasyPrint knows less of CSS than browsers; what it does not, it tells its log."""
    needed()
    build(module, tmp_path, format_name="print", languages=["es"])
    passed_over = [one.getMessage() for one in caplog.records if one.name == "weasyprint"]
    assert [text for text in passed_over if text.startswith("Ignored")] == []


def test_wide_content_stays_on_the_page_and_addresses_have_no_hyphens() -> None:
    needed()
    import weasyprint

    url = "https://example.org/cooperativas-de-ahorro/" + "y-de-credito/" * 12 + "estatuto.pdf?x=1"
    wide = [
        f"|{'a|' * 12}\n|{'---|' * 12}\n|{'palabralarguisima|' * 12}\n",
        f"| a | b |\n|---|--:|\n| {'palabra ' * 60} | {'y' * 200} |\n",
        f"```\n{'argumento, ' * 40}\n{'x' * 300}\n```\n",
        f"`{'x' * 300}` {'Palabralarga' * 30}\n",
        f"Véase {url} aquí.\n",
    ]
    texts = []
    for markdown in wide:
        html = f'<html lang="es"><main class="prose">{module_html(markdown, url=str)}</main></html>'
        style = weasyprint.CSS(string=(resources.templates() / "package/print.css").read_text())
        for page in weasyprint.HTML(string=html).render(stylesheets=[style]).pages:
            sheet = page._page_box
            left, right = sheet.content_box_x(), sheet.content_box_x() + sheet.width
            for box in sheet.descendants():
                if type(box).__name__ == "TextBox":
                    texts.append(box.text)
                    assert box.position_x >= left - 1, (markdown[:20], box.text)
                    assert box.position_x + box.width <= right + 1, (markdown[:20], box.text)
    assert url in "".join(texts)


def test_a_pdf_has_one_language(module: Module, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="A PDF has one language"):
        build(module, tmp_path, format_name="print")


def test_only_files_of_the_module_are_opened() -> None:
    needed()
    page = from_bytes("print.html", b'<html lang="en"><title>A</title><img src="/etc/passwd">')
    with pytest.raises(PlanError, match=r"would lack .*etc/passwd"):
        document.pdf({"print.html": page})


def test_without_weasyprint_it_says_what_to_install(
    module: Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(PlanError, match="pip install 'weasyprint>=70'"):
        build(module, tmp_path, format_name="print", languages=["es"])
    assert registry.get("print").suffix == ".pdf"


@pytest.mark.parametrize(
    ("data", "clauses"),
    [
        (b"%PDF-1.7\n", {"pdf/whole", "pdf/pages", "pdf/tags", "pdf/language"}),
        (b"%PDF-1.7\n/Type /Page /Lang /Title\nstartxref\n9\n%%EOF\n", {"pdf/tags"}),
    ],
)
def test_missing_parts_of_a_pdf_are_found(tmp_path: Path, data: bytes, clauses: set[str]) -> None:
    path = tmp_path / "poor.pdf"
    path.write_bytes(data)
    found = {one.clause for one in check(path).findings}
    assert clauses <= found
    assert "pdf/bookmarks" in found
    assert ("pdf/whole" in found) == ("pdf/whole" in clauses)
