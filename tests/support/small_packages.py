"""A minimal valid package of each format, as files that tests change and zip."""

import zipfile
from pathlib import Path

Files = dict[str, bytes]

PAGE = b'<!doctype html><html lang="en"><title>T</title><p>Text.</p></html>'

_S12 = """<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="M" version="1.0" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
 xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
<metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
<organizations default="O"><organization identifier="O"><title>Course</title>
<item identifier="I" identifierref="R"><title>Item</title></item></organization></organizations>
<resources><resource identifier="R" type="webcontent" adlcp:scormtype="sco" href="index.html">
<file href="index.html"/></resource></resources></manifest>"""
_SEQUENCING = """<imsss:sequencing><imsss:deliveryControls completionSetByContent="true"
 objectiveSetByContent="true"/></imsss:sequencing>"""
_S2004 = (
    _S12.replace(
        "http://www.imsproject.org/xsd/imscp_rootv1p1p2", "http://www.imsglobal.org/xsd/imscp_v1p1"
    )
    .replace("adlcp_rootv1p2", "adlcp_v1p3")
    .replace("xmlns:adlcp", 'xmlns:imsss="http://www.imsglobal.org/xsd/imsss" xmlns:adlcp')
    .replace("scormtype", "scormType")
    .replace("</title></item>", f"</title>{_SEQUENCING}</item>")
)
_IMSCP = """<manifest identifier="M" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1">
<metadata><schema>IMS Content</schema><schemaversion>1.1.4</schemaversion></metadata>
<organizations><organization identifier="O"><title>Course</title>
<item identifier="I" identifierref="R"><title>Item</title></item></organization></organizations>
<resources><resource identifier="R" type="webcontent" href="index.html">
<file href="index.html"/></resource></resources></manifest>"""
_CC = """<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="M" xmlns="http://www.imsglobal.org/xsd/imscc{ns}/imscp_v1p1"
 xmlns:lom="http://ltsc.ieee.org/xsd/imscc{lom}">
<metadata><schema>IMS Common Cartridge</schema><schemaversion>{version}</schemaversion>
<lom:lom><lom:general><lom:title><lom:string language="en">Course</lom:string></lom:title>
</lom:general></lom:lom></metadata>
<organizations><organization identifier="O" structure="rooted-hierarchy"><item identifier="root">
<item identifier="I" identifierref="R"><title>Page</title></item>
<item identifier="J" identifierref="L"><title>Link</title></item></item>
</organization></organizations>
<resources><resource identifier="R" type="webcontent" href="index.html"><file href="index.html"/>
</resource><resource identifier="L" type="imswl_xml{part}"><file href="link.xml"/></resource>
</resources></manifest>"""
_LINK = """<webLink xmlns="http://www.imsglobal.org/xsd/imscc{ns}/imswl_{part}"><title>Link</title>
<url href="https://example.org/"/></webLink>"""
_CMI5 = """<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">
<course id="https://example.org/c"><title><langstring lang="en">Course</langstring></title>
<description><langstring lang="en">D</langstring></description></course>
<au id="https://example.org/a" moveOn="Completed">
<title><langstring lang="en">Unit</langstring></title>
<description><langstring lang="en">D</langstring></description><url>index.html</url></au>
</courseStructure>"""
_TINCAN = """<tincan xmlns="http://projecttincan.com/tincan.xsd"><activities>
<activity id="https://example.org/a" type="http://adlnet.gov/expapi/activities/course">
<name lang="en">Course</name><launch lang="en">index.html</launch></activity></activities>
</tincan>"""
_CONTAINER = """<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/p.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>"""
_OPF = """<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="q">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="q">urn:x</dc:identifier>
<dc:title>Course</dc:title><dc:language>en</dc:language>
<meta property="dcterms:modified">2026-01-01T00:00:00Z</meta></metadata>
<manifest><item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="c"/></spine></package>"""
_CHAPTER = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en"><head><title>T</title></head>
<body><nav><a href="c.xhtml">One</a></nav></body></html>"""
_WORKER = b"const FILES = {};\nself.addEventListener('fetch', () => {});\n"


def _cartridge(version: str, part: str) -> Files:
    ns = "" if part == "v1p0" else part
    lom = "/LOM" if part == "v1p0" else f"{part}/LOM/manifest"
    manifest = _CC.format(ns=ns, lom=lom, version=version, part=part)
    link = _LINK.format(ns=ns, part=part)
    return {"imsmanifest.xml": manifest.encode(), "link.xml": link.encode(), "index.html": PAGE}


def _manifest(text: str, version: str = "") -> Files:
    text = text.replace(">1.2<", f">{version}<") if version else text
    return {"imsmanifest.xml": text.encode(), "index.html": PAGE}


PACKAGES: dict[str, Files] = {
    "scorm12": _manifest(_S12),
    "scorm2004-2": _manifest(_S2004, "CAM 1.3"),
    "scorm2004-3": _manifest(_S2004, "2004 3rd Edition"),
    "scorm2004-4": _manifest(_S2004, "2004 4th Edition"),
    "imscp": _manifest(_IMSCP),
    "cc10": _cartridge("1.0.0", "v1p0"),
    "cc11": _cartridge("1.1.0", "v1p1"),
    "cc12": _cartridge("1.2.0", "v1p2"),
    "cc13": _cartridge("1.3.0", "v1p3"),
    "cmi5": {"cmi5.xml": _CMI5.encode(), "index.html": PAGE},
    "tincan": {"tincan.xml": _TINCAN.encode(), "index.html": PAGE},
    "aicc": {
        "c.crs": b"[Course]\r\nCourse_Title=Course\r\n",
        "c.au": b'"system_id"',
        "c.des": b'"system_id"',
        "c.cst": b'"block"',
        "index.html": PAGE,
    },
    "epub": {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": _CONTAINER.encode(),
        "EPUB/p.opf": _OPF.encode(),
        "EPUB/nav.xhtml": _CHAPTER.encode(),
        "EPUB/c.xhtml": _CHAPTER.encode(),
    },
    "website": {"index.html": PAGE, "sw.js": _WORKER},
}
"""By format name. The website's service worker lists no files, which is a warning."""


def altered(name: str, *changes: tuple[str, str], **files: bytes) -> Files:
    """Return a package with texts replaced in its first document, which must be there."""
    found = dict(PACKAGES[name])
    document = next(file for file in found if file.endswith((".xml", ".opf", ".html")))
    if name == "epub":
        document = "EPUB/p.opf"
    text = found[document].decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return {**found, document: text.encode(), **files}


def zipped(path: Path, files: Files) -> Path:
    """Write a zip of the files, uncompressed."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def files_of(path: Path) -> Files:
    """Return the files of a zip."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
