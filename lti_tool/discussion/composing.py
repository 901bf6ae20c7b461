"""Build the view of the form for a post, or the reason for not showing it."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from markupsafe import Markup
from sqlalchemy import Connection

from lti_tool.attachments import service as attachments
from lti_tool.attachments.service import StoredFile
from lti_tool.discussion import (
    checks,
    drafts,
    exchange_mentions,
    languages,
    mentions,
    queries,
    quotes,
)
from lti_tool.discussion.audience_text import audience_text, own_name
from lti_tool.discussion.errors import DiscussionError
from lti_tool.discussion.messages import message_for
from lti_tool.discussion.page_query import PageQuery
from lti_tool.discussion.permissions import EVERYBODY
from lti_tool.discussion.post_views import file_view, post_view
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.view_models import ComposerView, FormView, PostView
from lti_tool.storage.database import Database
from lti_tool.web.templates import ANY_SESSION


def answered_post(connection: Connection, reader: Reader, post_id: int | None) -> PostView | None:
    """Return the post that the composer replies to, if the reader may see it and reply."""
    scope = reader.scope
    if post_id is None or scope is None or not reader.permissions.others:
        return None
    row = queries.find_post(connection, scope, post_id)
    return post_view(reader, row, {post_id}) if row and row.status == "published" else None


def saved_drafts(connection: Connection, reader: Reader, query: PageQuery) -> drafts.Drafts:
    """Return the user's drafts in this module; ``here`` is that of the form which is asked for."""
    if not reader.permissions.post:
        return drafts.Drafts()
    question = query.question if query.question in reader.questions else None
    place = drafts.Place(question, query.reply_to)
    found = drafts.find(connection, reader.launch_session, reader.module.id, place)
    user_id = reader.launch_session.user_id
    if found.here is None or user_id is None:
        return found
    files = attachments.of_draft(connection, user_id, found.here.draft_key)
    return replace(found, files=files)


def with_quotation(saved: drafts.Drafts, quoted: PostView) -> str:
    """Return the text of a reply that quotes a post: after the user's draft, if there is one."""
    quotation = quotes.quotation(str(quoted.html))
    typed = saved.here.text.rstrip() if saved.here else ""
    return f"{typed}\n\n{quotation}" if typed else quotation


def form_view(
    reader: Reader,
    query: PageQuery,
    *,
    files: Sequence[StoredFile] = (),
    published: Sequence[StoredFile] = (),
    preview: str | None = None,
    mentioned: Sequence[int] = (),
) -> FormView:
    """Return what the forms for writing and for editing have in common."""
    arguments = urlencode({"module": reader.module.id} | query.arguments(), safe=",")
    return FormView(
        attach_action=f"{ANY_SESSION}attach?{arguments}",
        preview_action=f"{ANY_SESSION}preview?{arguments}",
        people_href=f"{ANY_SESSION}people",
        files=list(map(file_view, files)),
        published=list(map(file_view, published)),
        preview=None if preview is None else Markup(preview),  # noqa: S704 - sanitized
        mentioned=" ".join(map(str, mentioned)),
    )


def composer(
    reader: Reader,
    query: PageQuery,
    *,
    reply_to: PostView | None = None,
    text: str = "",
    language: str | None = None,
    group: int | None = None,
    draft_key: str | None = None,
    error: str | None = None,
    saved: drafts.Drafts | None = None,
    form: FormView | None = None,
) -> ComposerView:
    """Return the composer, or the reason for not showing it. ``query``: the list to return to.

    A submitted ``text`` is shown before the ``saved`` one.
    """
    launch_session, ui, permissions = reader.launch_session, reader.ui, reader.permissions
    why_not = None
    if not permissions.read:
        why_not = DiscussionError(permissions.closed, moment=permissions.moment)
    elif not permissions.post:
        why_not = DiscussionError(permissions.read_only, moment=permissions.moment)
    saved = saved or drafts.Drafts()
    here = None if text else saved.here
    if here is not None:
        text, language, draft_key = here.text, here.language, here.draft_key
    arguments = form_arguments(reader, query)
    question = query.question
    return ComposerView(
        action=f"{ANY_SESSION}post?{arguments}",
        draft_action=f"{ANY_SESSION}draft?{arguments}",
        draft_key=draft_key or new_draft_key(),
        draft_scope=(
            f"{launch_session.resource_link_id} {reader.module.id} "
            f"{launch_session.user_id or launch_session.id}"
        ),
        text=text,
        language=language,
        languages=languages.choices(
            languages.offered_languages(reader.module), languages.as_tag(language)
        ),
        question=reader.questions.get(question) if question and reply_to is None else None,
        reply_to=reply_to,
        error=error,
        cancel_href=reader.module_href(reader.section, **query.arguments()),
        author_name=own_name(reader),
        audience=audience_text(reader),
        can_post=why_not is None,
        why_not=message_for(ui, why_not) if why_not else None,
        saved_at=here.updated_at if here else None,
        other_drafts=_other_drafts(reader, saved.others),
        form=form or form_view(reader, query, files=saved.files),
        groups=_groups(reader),
        group=group if group is not None else permissions.group_choices[0],
    )


def form_arguments(reader: Reader, query: PageQuery) -> str:
    """Return the query string of the URL that publishes a post: what the form was shown for.

    While the page is open, an instructor may select another module, or another audience: a text is
    published only for those whom the form names.
    """
    shared = {"shared": str(reader.state.shared_id)} if reader.state.shared_id else {}
    return urlencode({"module": reader.module.id} | shared | query.arguments(), safe=",")


def preview(database: Database, reader: Reader, text: str, mentioned: tuple[int, ...] = ()) -> str:
    """Return a text as it would be published. Raises :class:`DiscussionError`."""
    source = checks.checked_text(text)
    session, module = reader.launch_session, reader.module
    named = exchange_mentions.find_in_text(
        database, session, reader.permissions, module, source, mentioned
    )
    return mentions.highlight(checks.rendered(source), [each.name for each in named])


def new_draft_key() -> str:
    """Return a new idempotency key for a form."""
    return secrets.token_urlsafe(18)


def _other_drafts(reader: Reader, places: Sequence[drafts.Place]) -> list[tuple[str, str]]:
    """Return label and URL of the forms that have drafts; the URL shows the text again."""
    base, gettext = ANY_SESSION, reader.ui.gettext
    shown = []
    for place in places:
        if place.edited_id is not None:
            shown.append((gettext("Edit your post"), f"{base}post/{place.edited_id}/edit"))
        elif place.reply_to_id is not None:
            href = f"{base}compose?{urlencode({'reply_to': place.reply_to_id})}"
            shown.append((gettext("Your reply"), href))
        elif place.question_id and place.question_id in reader.questions:
            number = reader.questions[place.question_id].number
            label = gettext("Your answer to question %(number)s", number=number)
            href = f"{base}compose?{urlencode({'question': place.question_id})}"
            shown.append((label, href))
        elif not place.question_id:
            shown.append((gettext("Take part"), reader.module_href("composer")))
    return shown


def _groups(reader: Reader) -> list[tuple[int, str]]:
    """Return the groups for which the user can begin a thread, if there is a choice."""
    permissions = reader.permissions
    if reader.state.settings.groups == "none":
        return []
    everybody = (EVERYBODY, reader.ui.gettext("Everyone"))
    names_by_id = sorted(reader.group_names.items(), key=lambda each: each[1])
    if permissions.moderate:
        return [everybody, *names_by_id] if names_by_id else []
    chosen = [each for each in names_by_id if each[0] in permissions.group_choices]
    return chosen if len(chosen) > 1 else []
