"""Templates use the language of the interface, and escape values."""

from datetime import UTC, datetime
from gettext import GNUTranslations
from io import BytesIO, StringIO

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import DictLoader, Environment

from courseware import templating
from courseware.i18n import Interface

PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Hello, %(name)s"
msgstr "<b>Hola</b>, %(name)s"

msgid "%(n)s post"
msgid_plural "%(n)s posts"
msgstr[0] "%(n)s aporte"
msgstr[1] "%(n)s aportes"

msgctxt "verb"
msgid "Post"
msgstr "Publicar"
"""

_MO = BytesIO()
write_mo(_MO, read_po(StringIO(PO), locale="es"))
UI = Interface("es", GNUTranslations(BytesIO(_MO.getvalue())))


@pytest.fixture
def env() -> Environment:
    return templating.environment()


def render(env: Environment, template: str, **values: object) -> str:
    return env.from_string(template).render(ui=UI, **values)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ _('Hello, %(name)s', name=name) }}", "<b>Hola</b>, &lt;i&gt;"),
        ("{% trans name=name %}Hello, {{ name }}{% endtrans %}", "<b>Hola</b>, &lt;i&gt;"),
        ("{{ ngettext('%(n)s post', '%(n)s posts', 1) }}", "1 aporte"),
        ("{{ ngettext('%(n)s post', '%(n)s posts', 1200) }}", "1.200 aportes"),
        ("{{ pgettext('verb', 'Post') }} {{ _('Post') }}", "Publicar Post"),
        ("{% trans %}100% sure{% endtrans %}", "100% sure"),
        ("{{ _('100%% sure') }}", "100% sure"),
        ("{{ 2800000|size }} {{ 1234.5|number }}", "2,8 MB 1.234,5"),
        ("{{ 150|duration }} {{ 'pt-BR'|endonym }} {{ 'ar'|direction }}",
         "2 min 30 s Português (Brasil) rtl"),
        ("{{ name }}", "&lt;i&gt;"),
        ("<p{{ lang_attributes('ar', 'rtl') }}>", '<p lang="ar" dir="rtl">'),
        ("<p{{ lang_attributes('es', 'ltr') }}{{ lang_attributes('', 'ltr') }}>", "<p>"),
        ("{{ lang_attributes(name, 'ltr') }}", ' lang="&lt;i&gt;" dir="ltr"'),
        ("{{ _('Hello, %(name)s', name=isolated(name)) }}",
         "<b>Hola</b>, \u2068&lt;i&gt;\u2069"),
        ("{{ named('fr') }} {{ named('pt-BR') }}", "francés portugués"),
        ("{{ moment(when) }}",
         '<time datetime="2026-03-01T13:05:00+00:00" data-relative>1 mar 2026, 13:05 UTC</time>'),
    ],
)  # fmt: skip
def test_messages_and_filters(env: Environment, template: str, expected: str) -> None:
    when = datetime(2026, 3, 1, 13, 5, tzinfo=UTC)
    assert render(env, template, name="<i>", when=when).replace("\xa0", " ") == expected


def test_without_an_interface_messages_are_english(env: Environment) -> None:
    assert env.from_string("{{ _('Hello, %(name)s', name='A') }} {{ 1500|size }}").render() == (
        "Hello, A 1.5 kB"
    )


def test_macros_imported_with_context_use_the_language() -> None:
    files = {
        "words.html": "{% macro hi() %}{{ pgettext('verb', 'Post') }}{% endmacro %}",
        "page.html": "{% from 'words.html' import hi with context %}{{ hi() }}",
        "mail.txt": "{{ name }} {{ _('Hello, %(name)s', name=name) }}",
    }
    env = templating.environment(loader=DictLoader(files))
    assert env.get_template("page.html").render(ui=UI) == "Publicar"
    assert env.get_template("mail.txt").render(ui=UI, name="<i>") == "<i> <b>Hola</b>, <i>"


def test_installing_into_another_environment() -> None:
    env = Environment(autoescape=True, loader=templating.loader())
    templating.install(env)
    assert render(env, "{{ pgettext('verb', 'Post') }} {{ 1500|size }}") == "Publicar 1,5 kB"


def test_every_template_compiles(env: Environment) -> None:
    names = env.list_templates(extensions=["html", "txt"])
    assert "module/page.html" in names
    for name in names:
        env.get_template(name)
