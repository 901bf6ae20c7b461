"""Internationalization of the user interface: gettext messages, and formatting with Babel.

``messages.py`` loads the catalogs and holds :class:`Interface`, ``formatting.py`` formats numbers,
dates, sizes and durations, ``catalogs.py`` is the command that collects, compiles and checks the
catalogs. Depends on Babel only, so the build of the wheel can use it.
"""

from courseware.i18n.messages import LANGUAGES, Interface, fill, interface

__all__ = ["LANGUAGES", "Interface", "fill", "interface"]
