"""Test users, and administrators who act as another user, read and change nothing."""

from typing import Any

import pytest
from sqlalchemy import func, select

from demo_lms import vocabulary as lti
from lti_tool.directory.model import User
from lti_tool.directory.registrations import change_registration
from lti_tool.discussion.model import Post
from lti_tool.lti.roles import TEST_USER
from lti_tool.module_page.model import Progress
from tests.lti_tool.routes import ROUTES
from tests.support.site import Site
from tests.support.tabs import opened

FOUR = {"module": "module-4"}
LEARNER = lti.MEMBERSHIP + "Learner"
INSTRUCTOR = lti.MEMBERSHIP + "Instructor"
CANVAS = {lti.LTI + "tool_platform": {"guid": "x", "product_family_code": "canvas"}}
PREVIEWS: dict[str, dict[str, Any]] = {
    "test user": {"roles": [LEARNER, TEST_USER], "custom": FOUR},
    "test user of Canvas": {"roles": [LEARNER, TEST_USER], "custom": FOUR, **CANVAS},
    "masquerade": {
        "roles": [LEARNER],
        "custom": {**FOUR, "canvas_masquerading_user_id": "7"},
        **CANVAS,
    },
    "masquerade as an instructor": {
        "roles": [INSTRUCTOR],
        "custom": {**FOUR, "canvas_masquerading_user_id": "7"},
        **CANVAS,
    },
}
ALLOWED = {
    "sessions.open_page",
    "sessions.leave",
    "module_choice.choose",
    "packages.request_build",
    "module_page.progress",
}
CHANGES = [each for each in ROUTES if each.method == "POST" and each.endpoint not in ALLOWED]


@pytest.mark.parametrize("kind", PREVIEWS)
def test_a_preview_reads_and_records_nothing(home: Site, kind: str) -> None:
    link, sub = f"preview {kind}", f"sub {kind}"
    own = opened(home, link, custom=FOUR, sub=sub, role="Learner")
    assert own.write(f"Own words, {kind}").status_code == 200
    preview = opened(home, link, sub=sub, **PREVIEWS[kind])
    page = preview.get("?lang=fr")
    assert f"Own words, {kind}" in page.text
    assert 'name="draft_key"' not in page.text
    assert f"{preview.path}post/1/delete" not in page.text
    refused = preview.post(
        "post", text="In another name", draft_key=own.composer().fields["draft_key"]
    )
    assert refused.status_code == 403
    assert "test user or as another person" in preview.get("?lang=en").text
    assert "In another name" in refused.text, "the text comes back"
    assert preview.post("progress", section="introduction").status_code == 204
    with home.tool.database.read() as session:
        user = session.scalars(select(User).where(User.subject == sub)).one()
        posts = select(func.count()).where(Post.author_id == user.id)
        progress = select(func.count()).where(Progress.user_id == user.id)
        assert (session.scalar(posts), session.scalar(progress)) == (1, 0)
        assert user.language is None
    assert own.post("progress", section="introduction").status_code == 204
    with home.tool.database.read() as session:
        assert session.scalar(progress) == 1


def test_every_change_is_closed_to_a_preview(home: Site) -> None:
    preview = opened(home, "preview of all", sub="preview", **PREVIEWS["masquerade"])
    for route in CHANGES:
        path = route.path.format(post=1, reply=1, package=1, user=1, file=1)
        assert preview.post(path, **route.fields).status_code == 403, route


REFUSALS = {
    "test user": ("test_users", "test users"),
    "test user of Canvas": ("test_users", "test users"),
    # Canvas sends both of its Student View.
    "test user and masquerade": ("test_users", "test users"),
    "masquerade": ("impersonation", "to act as another person"),
    "masquerade as an instructor": ("impersonation", "to act as another person"),
}
ALL_PREVIEWS = {
    **PREVIEWS,
    "test user and masquerade": {**PREVIEWS["masquerade"], "roles": [LEARNER, TEST_USER]},
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_an_institution_can_refuse_previews(home: Site, kind: str) -> None:
    policy, words = REFUSALS[kind]
    other = {"test_users": "impersonation", "impersonation": "test_users"}[policy]
    link, sub = f"refused {kind}", f"refused sub {kind}"
    own = opened(home, link, custom=FOUR, sub=sub, role="Learner")
    open_before = opened(home, link, sub=sub, **ALL_PREVIEWS[kind])
    database, number = home.tool.database, home.registration_id
    try:
        change_registration(database, number, **{other: "none"})
        assert opened(home, link, sub=sub, **ALL_PREVIEWS[kind]).page.status_code == 200
        assert open_before.get().status_code == 200
        change_registration(database, number, **{policy: "none", other: "read"})
        assert open_before.get().status_code == 403
        with database.read() as session:
            before = session.scalar(select(func.count()).select_from(User))

        def change(claims: dict[str, Any]) -> None:
            claims["sub"] = f"new {sub}"
            for name, value in ALL_PREVIEWS[kind].items():
                claims[lti.LTI + name if name in ("roles", "custom") else name] = value

        refused = home.browser().launch("joao", mutate=change, language="en")
        assert refused.status_code == 403
        assert f"Your institution does not allow {words} here" in refused.text
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(User)) == before
        assert own.get().status_code == 200
    finally:
        change_registration(database, number, test_users="read", impersonation="read")


def test_somebody_who_acts_as_an_instructor_can_choose(home: Site) -> None:
    kind = "masquerade as an instructor"
    preview = opened(home, "preview chooses", sub="preview chooses", **PREVIEWS[kind])
    assert preview.choose("how-to-write-a-module").status_code == 303
