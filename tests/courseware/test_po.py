"""The small compiler of catalogues agrees with Babel's, and gettext can read what it makes."""

import gettext
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from courseware.po import compile_po

SOURCE = r"""# The header.
msgid ""
msgstr ""
"Language: ar\n"
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=3; plural=(n==0 ? 0 : n==1 ? 1 : 2);\n"

#: templates/a.html
msgid "Publish"
msgstr "نشر"

#, python-format
msgid ""
"A \"long\" line\n"
"of %(n)s\\"
msgstr ""
"سطر "
"\"طويل\"\n\t%(n)s\\"

msgctxt "month"
msgid "May"
msgstr "مايو"

msgid "%(n)s post"
msgid_plural "%(n)s posts"
msgstr[0] "صفر"
msgstr[1] "واحد"
msgstr[2] "%(n)s كثير"

#, fuzzy
msgid "Uncertain"
msgstr "ربما"

msgid "Untranslated"
msgstr ""

msgid "%(n)s half"
msgid_plural "%(n)s halves"
msgstr[0] "نصف"
msgstr[1] ""
msgstr[2] ""

#~ msgid "Old"
#~ msgstr "قديم"
"""


def test_what_is_translated_is_found_and_nothing_else() -> None:
    catalogue = gettext.GNUTranslations(BytesIO(compile_po(SOURCE.encode())))
    assert catalogue.gettext("Publish") == "نشر"
    assert catalogue.gettext('A "long" line\nof %(n)s\\') == 'سطر "طويل"\n\t%(n)s\\'
    assert catalogue.pgettext("month", "May") == "مايو"
    assert catalogue.gettext("May") == "May"
    assert [catalogue.ngettext("%(n)s post", "%(n)s posts", n) for n in (0, 1, 5)] == [
        "صفر",
        "واحد",
        "%(n)s كثير",
    ]
    for message in ("Uncertain", "Untranslated", "Old"):
        assert catalogue.gettext(message) == message
    assert catalogue.ngettext("%(n)s half", "%(n)s halves", 1) == "%(n)s half"


def test_windows_line_ends_and_a_bom_change_nothing() -> None:
    windows = b"\xef\xbb\xbf" + SOURCE.replace("\n", "\r\n").encode()
    assert compile_po(windows) == compile_po(SOURCE.encode())


def test_it_agrees_with_babel() -> None:
    whole = SOURCE.partition("#, fuzzy")[0].encode()
    target = BytesIO()
    write_mo(target, read_po(BytesIO(whole)))
    theirs = gettext.GNUTranslations(BytesIO(target.getvalue()))
    ours = gettext.GNUTranslations(BytesIO(compile_po(whole)))
    assert vars(ours)["_catalog"].keys() == vars(theirs)["_catalog"].keys()
    assert {key: text for key, text in vars(ours)["_catalog"].items() if key} == {
        key: text for key, text in vars(theirs)["_catalog"].items() if key
    }


def test_an_empty_catalogue_is_a_catalogue() -> None:
    assert gettext.GNUTranslations(BytesIO(compile_po(b""))).gettext("a") == "a"
