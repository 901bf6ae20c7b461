"""The registered package formats.

To add a format to this repository, add its folder to ``formats/`` and its module here. Elsewhere,
call :func:`register`: the command line, the check, the inspection and the live tool use the format
from then on.
"""

from scorm_builder.formats import (
    aicc,
    cmi5,
    common_cartridge,
    epub,
    foreign,
    imscp,
    pdf,
    scorm12,
    scorm2004,
    tincan,
    website,
)
from scorm_builder.formats.format import Format

_BUILT_IN = (
    scorm12,
    scorm2004,
    cmi5,
    common_cartridge,
    website,
    epub,
    pdf,
    imscp,
    tincan,
    aicc,
    foreign,
)

_formats: dict[str, Format] = {}


def register(package_format: Format) -> None:
    """Add a format; ValueError if there is another one of its name."""
    if package_format.name in _formats:
        raise ValueError(f"There is already a format of the name {package_format.name}.")
    _formats[package_format.name] = package_format


def unregister(name: str) -> None:
    """Remove a format; KeyError if there is none of that name."""
    del _formats[name]


def all_formats() -> tuple[Format, ...]:
    """Return every format, including those that are only recognised."""
    return tuple(_formats.values())


def buildable_formats() -> tuple[Format, ...]:
    """Return the formats that packages can be built in, whether this machine can or not."""
    return tuple(one for one in _formats.values() if one.can_be_built)


def available_formats() -> tuple[Format, ...]:
    """Return the formats that packages can be built in on this machine."""
    return tuple(one for one in buildable_formats() if one.unavailable() is None)


def names() -> tuple[str, ...]:
    """Return the names of the formats that packages can be built in."""
    return tuple(one.name for one in buildable_formats())


def get(name: str) -> Format:
    """Return the format of that name that packages can be built in; KeyError if there is none."""
    package_format = _formats[name]
    if not package_format.can_be_built:
        raise KeyError(name)
    return package_format


for _module in _BUILT_IN:
    for _format in _module.FORMATS:
        register(_format)
