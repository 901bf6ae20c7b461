"""HTTP views with which an instructor makes groups, and puts members into them."""

from collections.abc import Callable
from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from courseware.i18n import Interface
from lti_tool.discussion import names
from lti_tool.discussion.moderation import group_members, log
from lti_tool.discussion.moderation.log import Action
from lti_tool.discussion.moderation.pages import for_instructors, moderation_page
from lti_tool.discussion.page_query import parse_post_id
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.requests import ROW_ID, blueprint, not_found, reader_of_request
from lti_tool.roster import groups as roster
from lti_tool.roster.groups import Group, GroupError
from lti_tool.sessions.requests import see_other
from lti_tool.web.context import database
from lti_tool.web.pages import ui

_STATUS = {"name": 400, "taken": 409, "too_many": 409, "unknown": 404}
_MAX_SEARCH = 100


@blueprint.route("/discussion/groups", methods=["GET", "POST"])
@for_instructors
def groups() -> BaseResponse:
    """List the groups of the course (GET), and make one (POST)."""
    reader = reader_of_request()
    course = _course(reader)
    error, status = None, 200
    if request.method == "POST":
        name = request.form.get("name", "")
        error, status = _change(
            reader, name, lambda session: roster.create_group(session, course, name)
        )
        if error is None:
            return see_other(url_for(".groups"))
    with database().read_core() as connection:
        found = roster.groups_of(connection, course)
    return moderation_page(
        "groups",
        "discussion.groups",
        status=status,
        groups=[(group, url_for(".group", group_id=group.id)) for group in found],
        mode=reader.state.settings.groups,
        settings_href=url_for(".settings"),
        action=url_for(".groups"),
        name=request.form.get("name", ""),
        error=error,
    )


@blueprint.route(f"/discussion/groups/<{ROW_ID}:group_id>", methods=["GET", "POST"])
@for_instructors
def group(group_id: int) -> BaseResponse:
    """Show a group with the members of the course (GET); rename it or set its members (POST)."""
    reader = reader_of_request()
    course = _course(reader)
    found = _group(course, group_id)
    error, status = None, 200
    if request.method == "POST":
        name = request.form.get("name", "")
        if request.form.get("act") == "rename":
            error, status = _change(
                reader, name, lambda session: roster.rename_group(session, course, group_id, name)
            )
        else:
            chosen, shown = _ids("member"), _ids("shown")

            def set_members(session: Session) -> None:
                before = set(roster.members_of_group(session, group_id))
                members = (before - shown) | (chosen & shown)
                roster.set_members(session, course, group_id, members)

            error, status = _change(reader, found.name, set_members)
        if error is None:
            return see_other(url_for(".group", group_id=group_id, saved="1", **_place()))
    place = _place()
    with database().read_core() as connection:
        page = group_members.members_page(
            connection, course, group_id, search=place["q"], after=place["after"]
        )
    return moderation_page(
        "group",
        None,
        status=status,
        title=found.name,
        group=found,
        page=page,
        members=[(each, _name(reader, each)) for each in page.members],
        search=place["q"],
        action=url_for(".group", group_id=group_id, **place),
        search_action=url_for(".group", group_id=group_id),
        next_href=url_for(
            ".group", group_id=group_id, q=place["q"] or None, after=page.members[-1].user_id
        )
        if page.more
        else None,
        delete_href=url_for(".delete_group", group_id=group_id),
        back_href=url_for(".groups"),
        name=request.form.get("name", found.name),
        saved=request.method == "GET" and bool(request.args.get("saved")),
        error=error,
    )


@blueprint.route(f"/discussion/groups/<{ROW_ID}:group_id>/delete", methods=["GET", "POST"])
@for_instructors
def delete_group(group_id: int) -> BaseResponse:
    """Ask for confirmation (GET), then delete a group (POST)."""
    reader = reader_of_request()
    course = _course(reader)
    found = _group(course, group_id)
    if found.source != "instructor":
        not_found()
    if request.method == "POST":
        _change(reader, found.name, lambda session: roster.delete_group(session, course, group_id))
        return see_other(url_for(".groups"))
    return moderation_page(
        "delete_group",
        None,
        title=ui().gettext("Delete this group?"),
        group=found,
        action=url_for(".delete_group", group_id=group_id),
        cancel_href=url_for(".group", group_id=group_id),
    )


def _course(reader: Reader) -> int:
    return reader.launch_session.course_id or not_found()


def _group(course: int, group_id: int) -> Group:
    with database().read_core() as connection:
        found = roster.groups_of(connection, course)
    return next((each for each in found if each.id == group_id), None) or not_found()


def _change(
    reader: Reader, name: str, change: Callable[[Session], object]
) -> tuple[str | None, int]:
    """Change groups and write the log; return the message and status of a refusal."""
    try:
        with database().write() as session:
            change(session)
            log.record(session, reader.launch_session, reader.module.id, Action.GROUPS, detail=name)
    except GroupError as refusal:
        return _message(reader.ui, refusal), _STATUS[refusal.code]
    return None, 200


def _message(interface: Interface, error: GroupError) -> str:
    gettext = interface.gettext
    match error.code:
        case "name":
            return gettext("Give the group a name, not longer than 255 characters.")
        case "taken":
            return gettext("There is a group with this name already.")
        case "too_many":
            return gettext("This course has too many groups already.")
        case _:
            return gettext("This group is gone, or it comes from the LMS and is changed there.")


def _ids(name: str) -> set[int]:
    values = request.form.getlist(name)[: group_members.PER_PAGE]
    return {number for value in values if (number := parse_post_id(value)) is not None}


def _place() -> dict[str, Any]:
    after = parse_post_id(request.args.get("after")) or 0
    return {"q": request.args.get("q", "").strip()[:_MAX_SEARCH], "after": after}


def _name(reader: Reader, member: group_members.Member) -> str:
    code = None if member.name else names.pseudonym_code(reader.secret_key, member.user_id)
    return names.display_name(reader.ui, member.name, code, "participant")
