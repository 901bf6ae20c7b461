"""The formats that a module can be packaged in, one file each, loaded when it is asked for.

A format's file holds ``FORMAT``, a :class:`Format`; one that serves several editions of a standard
holds ``FORMATS``, whose names go on after a hyphen (``scorm2004-3``). What its packages must fulfil
stands in the file beside it (``scorm12_rules.py``) and is used by ``scorm_builder.check``.
"""

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from scorm_builder import zip as zips
from scorm_builder.names import FORMATS, ONE_LANGUAGE
from scorm_builder.plan import Draw, Plan, PlanFile

Write = Callable[[Path, Iterable[PlanFile]], None]


class Format(NamedTuple):
    """``adapters`` are the scripts of ``runtime/`` that it plays with.

    ``complete`` gives every file of the package in its final order, its own among them. Pages of
    its own come from ``draw``; ``suffix`` and ``write`` are for what is not named or written as a
    plain zip.
    """

    name: str
    title: str
    adapters: tuple[str, ...]
    complete: Callable[[Plan], tuple[PlanFile, ...]]
    draw: Draw | None = None
    suffix: str = ".zip"
    write: Write = zips.write

    @property
    def each_language(self) -> bool:
        """Whether there is one package for each language, not one for all."""
        return self.name in ONE_LANGUAGE


def get(name: str) -> Format:
    """Return the format of that name, one of ``names.FORMATS``."""
    if name not in FORMATS:
        raise KeyError(name)
    file, _, edition = name.partition("-")
    module = import_module(f"scorm_builder.formats.{file}")
    several = module.FORMATS if edition else (module.FORMAT,)
    found = next(one for one in several if one.name == name)
    assert isinstance(found, Format)
    return found
