"""The PDF of a module, one for each language.

WeasyPrint lays out the pages, with HarfBuzz for all scripts. The PDF is tagged (PDF/UA-1, ISO
14289-1), with bookmarks, page numbers and room to write below each question. WeasyPrint needs Pango
and fonts from the system, so it is an optional dependency, ``print``. The same module, fonts and
versions give the same bytes, because no date is written.
"""

import hashlib
from collections.abc import Iterable, Iterator
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from courseware import resources
from courseware.i18n import interface
from courseware.module import Module
from courseware.page import build
from scorm_builder import package_pages
from scorm_builder.plan import MediaUrl, PackageFile, PackagePlan, PlanError, from_bytes

_PAGE = "print.html"
_BASE = "https://module.invalid/"  # a reserved name (RFC 2606)


def draw(module: Module, languages: tuple[str, ...], media: MediaUrl) -> Iterator[PackageFile]:
    """Render the HTML document that becomes the PDF, and its stylesheet."""
    if len(languages) != 1:
        raise PlanError(f"A PDF has one language; {module.id} was asked for in {len(languages)}.")
    page = build(module, languages[0], media=media)
    html = package_pages.template("package/print.html").render(
        page=page, ui=interface(page.lang), flow=lambda markup: markup
    )
    yield from_bytes(_PAGE, html.encode())
    yield from_bytes("print.css", (resources.templates() / "package" / "print.css").read_bytes())


def complete(plan: PackagePlan) -> tuple[PackageFile, ...]:
    """Return the PDF."""
    name = f"{plan.module.id}-{plan.languages[0]}.pdf"
    return (from_bytes(name, pdf({file.path: file for file in plan.files})),)


def pdf(files: dict[str, PackageFile]) -> bytes:
    """Convert ``print.html``, one of ``files``. No other file and no URL is opened."""
    weasyprint = import_weasyprint()
    missing: list[str] = []

    class Fetcher(weasyprint.urls.URLFetcher):  # type: ignore[misc, name-defined]
        def fetch(self, url: str, headers: Any = None) -> Any:
            file = files.get(unquote(url.removeprefix(_BASE)))
            if not url.startswith(_BASE) or file is None:
                missing.append(url)
                raise ValueError(f"{url} is no file of the module")
            kind = guess_type(file.path)[0] or "application/octet-stream"
            return weasyprint.urls.URLFetcherResponse(url, _data(file), {"Content-Type": kind})

    text = _data(files[_PAGE])
    document = weasyprint.HTML(
        string=text.decode(), base_url=_BASE, url_fetcher=Fetcher(), media_type="print"
    )
    identifier = hashlib.sha256(text).digest()[:16]
    # Presentational hints: the first number of a list (<ol start>).
    made = document.write_pdf(
        pdf_identifier=identifier, pdf_variant="pdf/ua-1", presentational_hints=True
    )
    if missing:
        raise PlanError(f"The PDF would lack {', '.join(missing)}: no file of the module.")
    return bytes(made)


def _data(file: PackageFile) -> bytes:
    if file.data is not None:
        return file.data
    assert file.source is not None
    return file.source.read_bytes()


def import_weasyprint() -> Any:
    """Return the ``weasyprint`` module; PlanError if it or one of its libraries is missing."""
    try:
        import weasyprint
    except ImportError as error:
        raise PlanError(
            "A PDF is made by WeasyPrint, which is missing. Run: pip install 'weasyprint>=70' "
            f"({error})."
        ) from None
    except OSError as error:
        raise PlanError(
            "WeasyPrint finds no Pango on this system. Debian, Ubuntu: apt-get install "
            f"libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core ({error})."
        ) from None
    return weasyprint


def write(target: Path, files: Iterable[PackageFile]) -> None:
    """Write the PDF, the only file of the package."""
    with target.open("xb") as out:
        out.write(_data(next(iter(files))))
