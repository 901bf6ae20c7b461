"""Common Cartridge 1.3, for Canvas, Brightspace and others (see ``cartridge.py``)."""

from scorm_builder.formats.cartridge import EDITIONS, format_of

FORMAT = format_of(EDITIONS[1])
