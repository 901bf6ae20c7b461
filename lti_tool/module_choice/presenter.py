"""What the templates of the picker show: cards, options and previews of modules."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from courseware import page as pages
from courseware import parts
from courseware.i18n import Interface
from courseware.languages import endonym
from courseware.module import Module
from lti_tool.discussion.audience import COURSE, INSTITUTION, Choice
from lti_tool.module_choice import content, options_form
from lti_tool.module_choice.content import Kind
from lti_tool.module_choice.items import Words, words_of
from lti_tool.module_choice.options_form import ModuleOptions
from lti_tool.web.assets import media_url

Options = list[tuple[str, str]]
"""Values and labels of a field with choices."""
VISIBLE = ("q", "in", "method", "maximum", "as")
"""Fields of the list, besides the chosen modules."""
_BUTTONS = ("token", "act", "preview", "searched")


@dataclass(frozen=True, slots=True)
class Card:
    """A module in the list."""

    module_id: str
    number: int | None
    words: Words
    minutes: int
    languages: Options
    cover_src: str | None
    cover_alt: str
    selected: bool
    in_course: bool


@dataclass(frozen=True, slots=True)
class OptionsCard:
    """The options of a chosen module: the form, and what can be chosen in each field."""

    form: ModuleOptions
    words: Words
    choices: Mapping[str, Options]
    open: bool

    def name(self, field: str) -> str:
        """The name of a field."""
        return options_form.field_name(self.form.module, field)


def card(module: Module, selected: Collection[str], in_course: Collection[str]) -> Card:
    """Return a module as it is listed."""
    words, source = words_of(module), module.source_language
    return Card(
        module_id=module.id,
        number=module.number,
        words=words,
        minutes=module.minutes,
        languages=[(tag, endonym(tag)) for tag in module.languages],
        cover_src=media_url(module, module.cover) if module.cover else None,
        cover_alt=module.cover_texts.get(words.lang) or module.cover_texts.get(source, ""),
        selected=module.id in selected,
        in_course=module.id in in_course,
    )


def kinds(found: Sequence[Kind], ui: Interface) -> Options:
    """Return what can be added, with labels."""
    gettext = ui.gettext
    labels = {
        content.ACTIVITY: gettext("An activity"),
        content.LINK: gettext("A link to the activity of this course"),
    }
    return [
        (each.key, labels.get(each.key) or gettext("A file: %(format)s", format=each.title))
        for each in found
    ]


def options_card(
    form: ModuleOptions,
    audiences: Sequence[Choice],
    targets: Collection[str],
    ui: Interface,
    *,
    unfolded: bool,
) -> OptionsCard:
    """Return the options of a chosen module. ``targets``: how the platform can show it."""
    module, words = form.module, words_of(form.module)
    gettext = ui.gettext
    proposal = gettext("yes") if module.discussion.must_post_first else gettext("no")
    return OptionsCard(
        form=form,
        words=words,
        open=unfolded or form.filled or bool(form.errors),
        choices={
            "part": list(_parts(module, words, ui)),
            "language": [
                ("", gettext("The reader's language")),
                *((tag, endonym(tag)) for tag in module.languages),
            ],
            "audience": [("", gettext("This course")), *_audiences(audiences, ui)],
            "groups": [
                ("", gettext("No groups")),
                ("separate", gettext("Separate groups")),
                ("visible", gettext("Visible groups")),
            ],
            "post_first": [
                ("", gettext("As the module proposes (%(answer)s)", answer=proposal)),
                ("yes", gettext("Yes")),
                ("no", gettext("No")),
            ],
            "display": [
                ("", gettext("In the page of the course")),
                ("window", gettext("In a new tab")),
            ]
            if "window" in targets and {"iframe", "frame"}.intersection(targets)
            else [],
        },
    )


def _parts(module: Module, words: Words, ui: Interface) -> Iterator[tuple[str, str]]:
    for part in parts.choices(module):
        if part == parts.WHOLE:
            yield part, ui.gettext("The whole module")
        elif part == parts.DISCUSSION:
            yield part, ui.gettext("The discussion only")
        else:
            title = words_of(module, part, words.lang).section
            yield part, ui.gettext("Only the section “%(section)s”", section=title)


def _audiences(audiences: Sequence[Choice], ui: Interface) -> Iterator[tuple[str, str]]:
    for each in audiences:
        if each.key == INSTITUTION:
            yield each.key, ui.gettext("Courses of this institution")
        elif each.key != COURSE:
            label = ui.gettext("The exchange “%(exchange)s”", exchange=each.exchange)
            yield each.key, label


@dataclass(frozen=True, slots=True)
class Preview:
    """A module before it is chosen. ``languages``: (tag, name, whether it is the shown one)."""

    module_id: str
    page: pages.Page
    languages: list[tuple[str, str, bool]]


def preview(module: Module, language: str | None) -> Preview:
    """Return a preview in one of the module's languages, by default the reader's."""
    lang = words_of(module, language=language if language in module.languages else None).lang
    page = pages.build(module, lang, media=lambda path: media_url(module, path))
    languages = [(each.tag, each.name, each.current) for each in page.languages]
    return Preview(module.id, page, languages)


def state(submitted: MultiDict[str, str], visible: Collection[str]) -> Options:
    """Return the fields that a page does not show, so that nothing typed before is lost.

    ``visible``: the names of the fields that it shows. Empty ones are defaults and left out.
    """
    known = ("module", *VISIBLE)
    return [
        (name, value)
        for name, value in submitted.items(multi=True)
        if value
        and name not in visible
        and name not in _BUTTONS
        and (name in known or options_form.is_field(name))
    ]
