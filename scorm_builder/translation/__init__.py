"""Translation of a module's texts: what is missing or outdated, exchange files, import.

``blocks.py`` splits Markdown into paragraphs, ``units.py`` finds every unit of a module that is to
be translated, with its translation and its state; ``record.py`` stores what was translated from
what; ``xliff.py`` and ``po.py`` write and read the files that translators' tools use;
``writing.py`` writes an imported translation into the module's folder.
"""
