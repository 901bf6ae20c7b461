"""Files to attach, made in memory."""

import io
import zipfile

from PIL import Image


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object
) -> bytes:
    """A picture whose left half is red."""
    image = Image.new(mode, size, "white" if mode != "P" else 0)
    image.paste("red" if mode != "P" else 1, (0, 0, size[0] // 2, size[1]))
    output = io.BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


def archive(*names: str, mimetype: str | None = None) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as file:
        if mimetype is not None:
            file.writestr("mimetype", mimetype)
        for name in names:
            file.writestr(name, "content")
    return output.getvalue()


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
DOCX = archive("[Content_Types].xml", "_rels/.rels", "word/document.xml")
XLSX = archive("[Content_Types].xml", "xl/workbook.xml")
PPTX = archive("[Content_Types].xml", "ppt/presentation.xml")
ODT = archive("content.xml", mimetype="application/vnd.oasis.opendocument.text")
ODS = archive("content.xml", mimetype="application/vnd.oasis.opendocument.spreadsheet")
ODP = archive("content.xml", mimetype="application/vnd.oasis.opendocument.presentation")
