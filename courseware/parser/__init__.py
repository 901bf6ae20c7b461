"""Parse a module's folder: its files, ``module.toml``, Markdown, media and captions.

Each step reports its problems and continues with what it could parse, so that authors get all of
them at once. ``reader.py`` runs the steps: ``courseware.parser.reader.read``.
"""
