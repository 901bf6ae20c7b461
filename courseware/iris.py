"""Stable IRIs of a module and its parts, for packages and for what they report.

They are name-based UUIDs (RFC 9562, 5.5) of the module's id and the part, so anybody can compute
them again.
"""

from uuid import UUID, uuid5

_NAMESPACE = UUID("3c29ad6a-d886-485b-8f6a-6ec36ba43049")


def part_iri(module_id: str, part: str = "") -> str:
    """Return the IRI of a module, or of a part of it (``au``, ``sections/videos``)."""
    return f"urn:uuid:{uuid5(_NAMESPACE, f'{module_id}/{part}')}"
