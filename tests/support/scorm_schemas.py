"""The schemas of IMS and ADL, compiled: lxml passes over schemaLocation, so one driver imports
them all.

They come from an npm package at test time (see ``npm.py``). Two of the SCORM 1.2 ones are mended
in memory: ims_xml.xsd declares the xml prefix anew, and imsmd lets ``##any`` stand beside its
own elements, which no parser can tell apart.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from lxml import etree

from tests.support.npm import SCORM_PACKAGER

_FOLDER = "lib/schemas/definitionFiles/scorm12edition"
_NAMESPACES = {
    "http://www.imsproject.org/xsd/imscp_rootv1p1p2": "imscp_rootv1p1p2.xsd",
    "http://www.adlnet.org/xsd/adlcp_rootv1p2": "adlcp_rootv1p2.xsd",
    "http://www.imsglobal.org/xsd/imsmd_rootv1p2p1": "imsmd_rootv1p2p1.xsd",
    "http://www.w3.org/XML/1998/namespace": "ims_xml.xsd",
}
_REPAIRS = {
    "ims_xml.xsd": (b'xmlns="http://www.w3.org/XML/1998/namespace"', b""),
    "imsmd_rootv1p2p1.xsd": (b'namespace="##any"', b'namespace="##other"'),
}


class _Repaired(etree.Resolver):
    """Gives the schemas by their file names, mended."""

    def __init__(self, folder: Path, repairs: Mapping[str, tuple[bytes, bytes]]) -> None:
        self._folder = folder
        self._repairs = repairs

    def resolve(self, url: str, public_id: str, context: object) -> object:
        name = url.rpartition("/")[2]
        data = (self._folder / name).read_bytes()
        return self.resolve_string(data.replace(*self._repairs.get(name, (b"", b""))), context)


@cache
def scorm12_schema() -> etree.XMLSchema:
    """Return the schema of a SCORM 1.2 manifest with its metadata."""
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Repaired(SCORM_PACKAGER.folder() / _FOLDER, _REPAIRS))
    imports = "".join(
        f'<xs:import namespace="{namespace}" schemaLocation="{name}"/>'
        for namespace, name in _NAMESPACES.items()
    )
    driver = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(driver, parser))
