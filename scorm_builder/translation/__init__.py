"""A module's texts on their way to translators and back.

``blocks.py`` cuts Markdown into paragraphs, ``units.py`` finds every piece of a module that is to
be translated, what its translation is now and whether it is out of date; ``record.py`` remembers
what was translated from what; ``xliff.py`` and ``po.py`` are the two files that translators' own
tools read and write; ``writing.py`` brings what comes back into the module's folder.
"""
