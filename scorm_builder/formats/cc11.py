"""Common Cartridge 1.1, for Moodle and whoever reads no newer one (see ``cartridge.py``)."""

from scorm_builder.formats.cartridge import EDITIONS, format_of

FORMAT = format_of(EDITIONS[0])
