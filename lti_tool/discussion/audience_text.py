"""What the composer says about who will read a post, and under which name."""

from lti_tool.discussion import names
from lti_tool.discussion.authors import author_role
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.shared_posts import outside_name

_MOST_NAMED = 5
"""Institutions of an exchange that are named; of more, their number is said too."""


def _is_anonymous(reader: Reader) -> bool:
    return reader.state.settings.anonymous and not reader.permissions.moderate


def audience_text(reader: Reader) -> str:
    """Say who sees what the user writes here, under which name, and when."""
    settings, moderate = reader.state.settings, reader.permissions.moderate
    approved = (
        reader.permissions.held
        or settings.moderation == "all"
        or (settings.moderation == "first_post" and not reader.state.own_posts)
    )
    seen_by = _seen_by(reader)
    if moderate or not approved:
        return seen_by
    # Not inside an f-string: messages are not collected from there.
    waits = reader.ui.gettext("Your post appears once an instructor has approved it.")
    return f"{seen_by} {waits}"


def _seen_by(reader: Reader) -> str:
    if reader.state.audience == "institution":
        return _in_institution(reader)
    if reader.state.audience == "exchange":
        return f"{_in_exchange(reader)} {_outside(reader)}"
    return _in_course(reader)


def _in_institution(reader: Reader) -> str:
    gettext = reader.ui.gettext
    if _is_anonymous(reader):
        return gettext(
            "Everyone in the courses of your institution that share this discussion sees your "
            "posts under this pseudonym. The tool stores who wrote them."
        )
    return gettext(
        "Everyone in the courses of your institution that share this discussion sees your posts "
        "under this name."
    )


def _in_exchange(reader: Reader) -> str:
    """Name the institutions that read what the user writes."""
    assert reader.viewpoint is not None
    gettext, own = reader.ui.gettext, reader.viewpoint.institution_id
    others = [
        each.name for each in reader.viewpoint.members.values() if each.present and each.id != own
    ]
    if not others:
        return gettext(
            "People of your institution see your posts, and of every institution that joins the "
            "exchange “%(exchange)s”.",
            exchange=reader.state.exchange_name,
        )
    named = ", ".join(others[:_MOST_NAMED])
    if len(others) > _MOST_NAMED:
        named = gettext("%(names)s and others", names=named)
    return reader.ui.ngettext(
        "People of your institution see your posts, and of %(n)s other institution: %(names)s. "
        "More can join the exchange “%(exchange)s”.",
        "People of your institution see your posts, and of %(n)s other institutions: %(names)s. "
        "More can join the exchange “%(exchange)s”.",
        len(others),
        names=named,
        exchange=reader.state.exchange_name,
    )


def _outside(reader: Reader) -> str:
    """Say under which name other institutions see the user."""
    assert reader.viewpoint is not None
    gettext, session, state = reader.ui.gettext, reader.launch_session, reader.state
    member = reader.viewpoint.members.get(reader.viewpoint.institution_id)
    if _is_anonymous(reader):
        return gettext(
            "Everyone sees your posts under this pseudonym. The tool stores who wrote them."
        )
    shown_as, code = member.shown_as if member else "pseudonym", ""
    if session.user_id is not None:
        code = names.outside_code(reader.secret_key, session.user_id, state.shared_id)
    shown = outside_name(shown_as, session.user_name, code)
    return gettext(
        "Other institutions see you as “%(name)s”, with the name of your institution: "
        "%(institution)s.",
        name=names.display_name(reader.ui, shown, code, author_role(session)),
        institution=member.name if member else "",
    )


def _in_course(reader: Reader) -> str:
    settings, permissions = reader.state.settings, reader.permissions
    own = [reader.group_names.get(each) for each in permissions.group_choices]
    if settings.groups == "separate" and not permissions.moderate and own[0]:
        group = ", ".join(each for each in own if each)
        if _is_anonymous(reader):
            return reader.ui.gettext(
                "Your group (%(group)s) and the instructors see your posts under this pseudonym. "
                "The tool stores who wrote them.",
                group=group,
            )
        return reader.ui.gettext(
            "Your group (%(group)s) and the instructors see your posts under this name.",
            group=group,
        )
    if _is_anonymous(reader) and settings.count_anonymous:
        return reader.ui.gettext(
            "Everyone in this activity sees your posts under this pseudonym. Instructors see how "
            "many posts each person has written, and when."
        )
    if _is_anonymous(reader):
        return reader.ui.gettext(
            "Everyone in this activity sees your posts under this pseudonym. The tool stores who "
            "wrote them."
        )
    return reader.ui.gettext("Everyone in this activity sees your posts under this name.")


def own_name(reader: Reader) -> str:
    """Return the name under which people of one's own institution see what the user writes."""
    launch_session, name, code = reader.launch_session, reader.launch_session.user_name, None
    if _is_anonymous(reader):
        name = None
        if launch_session.user_id is not None and reader.state.id is not None:
            code = names.anonymous_code(reader.secret_key, launch_session.user_id, reader.state.id)
    elif launch_session.user_id is not None and not name:
        code = names.pseudonym_code(reader.secret_key, launch_session.user_id)
    return names.display_name(reader.ui, name, code, author_role(launch_session))
