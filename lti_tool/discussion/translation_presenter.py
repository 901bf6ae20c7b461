"""Add to the posts of a page what the reader may do about translations, and stored translations."""

from collections.abc import Iterable, Mapping

from markupsafe import Markup
from sqlalchemy import Connection

from courseware.languages import direction, endonym
from lti_tool.discussion import translations
from lti_tool.discussion.page_query import PageQuery
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.translations import Translation
from lti_tool.discussion.view_models import PostView, TranslationView


def add_translations(
    connection: Connection, reader: Reader, query: PageQuery, posts: Iterable[PostView]
) -> Mapping[str, str] | None:
    """Offer translations of the posts in languages that the reader does not read.

    Takes one statement if the URL names translated posts. Returns the hidden fields of the form for
    translations; None if the institution or the operator does not offer them.
    """
    if not reader.translates:
        return None
    own = {primary(tag) for tag in reader.reads}
    shown = {post.id: post for post in posts if not post.deleted}
    for post in shown.values():
        if not reader.may_translate(post.institution_id):
            continue
        if not post.mine and primary(post.lang) not in own:
            post.may_translate = True
    wanted = [
        number
        for number in query.translated
        if number in shown and reader.may_translate(shown[number].institution_id)
    ]
    for number, found in translations.find(connection, wanted, reader.ui.lang).items():
        shown[number].translation = translation_view(found)
        shown[number].may_translate = False
    if query.untranslated in shown and shown[query.untranslated].translation is None:
        shown[query.untranslated].translation_failed = True
    fields = query.arguments()
    if query.translated:
        fields["translated"] = ",".join(map(str, query.translated))
    return fields


def primary(tag: str) -> str:
    """Return a tag without script and region."""
    return tag.partition("-")[0]


def translation_view(found: Translation) -> TranslationView:
    """Return the view of a stored translation."""
    source = found.source_language or ""
    return TranslationView(
        lang=found.language,
        dir=direction(found.language),
        lang_name=endonym(found.language),
        source_lang=source,
        source_name=endonym(source) if source else "",
        provider=found.provider,
        html=Markup(found.html),  # noqa: S704 - sanitized when it was stored
    )
