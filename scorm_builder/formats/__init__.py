"""The package formats, a folder each.

``format.py`` says what a format is, ``registry.py`` which there are. A format's folder holds its
:class:`~scorm_builder.formats.format.Format` objects (``FORMATS`` in ``__init__.py``), what writes
its own files (a manifest, for instance) and, in ``rules.py``, the rules that a package is checked
against. ``content_packaging/`` is shared by the formats based on IMS Content Packaging.
"""
