"""Paper: the module as a PDF to hand out, one for each language.

WeasyPrint sets the page and HarfBuzz, under it, shapes every script; the PDF is tagged (PDF/UA-1,
ISO 14289-1), with bookmarks, page numbers and room to write below each question. It needs Pango and
fonts from the system, so it is an extra, ``print``. The same module, fonts and
versions give the same bytes: no date is written.
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
from scorm_builder import pages
from scorm_builder.formats import Format
from scorm_builder.plan import Media, Plan, PlanError, PlanFile, from_bytes

_PAGE = "print.html"
_BASE = "https://module.invalid/"  # a name that no network knows (RFC 2606)


def draw(module: Module, languages: tuple[str, ...], media: Media) -> Iterator[PlanFile]:
    """Draw the one document that becomes the PDF, and its stylesheet."""
    if len(languages) != 1:
        raise PlanError(f"A PDF has one language; {module.id} was asked for in {len(languages)}.")
    page = build(module, languages[0], media=media)
    html = pages.template("package/print.html").render(
        page=page, ui=interface(page.lang), flow=lambda markup: markup
    )
    yield from_bytes(_PAGE, html.encode())
    yield from_bytes("print.css", (resources.templates() / "package" / "print.css").read_bytes())


def complete(plan: Plan) -> tuple[PlanFile, ...]:
    """Return the PDF."""
    name = f"{plan.module.id}-{plan.languages[0]}.pdf"
    return (from_bytes(name, pdf({file.path: file for file in plan.files})),)


def pdf(files: dict[str, PlanFile]) -> bytes:
    """Set ``print.html``, one of ``files``; nothing else on the disk or in the net is looked at."""
    weasyprint = _weasyprint()
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
    made = document.write_pdf(pdf_identifier=identifier, pdf_variant="pdf/ua-1")
    if missing:
        raise PlanError(f"The PDF would lack {', '.join(missing)}: no file of the module.")
    return bytes(made)


def _data(file: PlanFile) -> bytes:
    if file.data is not None:
        return file.data
    assert file.source is not None
    return file.source.read_bytes()


def _weasyprint() -> Any:
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


def write(target: Path, files: Iterable[PlanFile]) -> None:
    """Write the one file that the package is."""
    with target.open("xb") as out:
        out.write(_data(next(iter(files))))


FORMAT = Format("print", "PDF", (), complete, draw=draw, suffix=".pdf", write=write)
