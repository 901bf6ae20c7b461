"""Every route of the tool, and who may use it: the authorization table.

A new route fails ``test_authorization.py`` until it is added here.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Route:
    """One method of a route of a launch session, for its user, instructors or administrators.

    ``path`` is relative to ``/l/<session id>/``; ``{post}``, ``{reply}``, ``{package}``,
    ``{user}`` and ``{file}`` are IDs. ``page``: it answers with a whole page. ``late``: it also
    answers for a day after the session has ended by time.
    """

    endpoint: str
    method: str
    path: str
    instructor: bool = False
    administrator: bool = False
    page: bool = False
    late: bool = False
    fields: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path or '/'}"


ROUTES = (
    Route("sessions.open_page", "POST", "open", page=True),
    Route("module_page.show", "GET", "", page=True),
    Route("module_page.progress", "POST", "progress", fields={"section": "introduction"}),
    Route("discussion.create", "POST", "post", fields={"text": "A reply", "reply_to": "{post}"}),
    Route("discussion.compose", "GET", "compose?reply_to={post}", page=True),
    Route("discussion.save_draft", "POST", "draft", late=True, fields={"text": "A draft"}),
    Route("discussion.attach", "POST", "attach", fields={"draft_key": "a", "remove_file": "1"}),
    Route("discussion.preview", "POST", "preview", fields={"text": "*Shown*"}),
    Route("discussion.find_draft", "GET", "draft?question=introduction"),
    Route("discussion.thread", "GET", "thread/{post}", page=True),
    Route("discussion.show", "GET", "post/{reply}", page=True),
    Route("discussion.edit", "GET", "post/{post}/edit", page=True),
    Route("discussion.edit", "POST", "post/{post}/edit", fields={"text": "Changed"}),
    Route("discussion.delete", "GET", "post/{post}/delete", page=True),
    Route("discussion.delete", "POST", "post/{post}/delete"),
    Route("discussion.history", "GET", "post/{post}/history", instructor=True, page=True),
    Route("discussion.moderate", "GET", "post/{reply}/moderate", instructor=True, page=True),
    Route(
        "discussion.moderate",
        "POST",
        "post/{reply}/moderate",
        instructor=True,
        fields={"act": "highlight"},
    ),
    Route("discussion.remove", "GET", "post/{reply}/remove", instructor=True, page=True),
    Route(
        "discussion.remove",
        "POST",
        "post/{reply}/remove",
        instructor=True,
        fields={"reason": "Off topic"},
    ),
    Route("discussion.report", "GET", "post/{reply}/report"),
    Route("discussion.report", "POST", "post/{reply}/report", fields={"reason": "Rude"}),
    Route("discussion.queue", "GET", "moderation", instructor=True, page=True),
    Route(
        "discussion.decide", "POST", "moderation/{reply}", instructor=True, fields={"act": "keep"}
    ),
    Route(
        "discussion.decide_together",
        "POST",
        "moderation/together",
        instructor=True,
        fields={"act": "approve", "chosen": "1-0"},
    ),
    Route("discussion.approve_edited", "GET", "moderation/{reply}/edit", instructor=True),
    Route(
        "discussion.approve_edited",
        "POST",
        "moderation/{reply}/edit",
        instructor=True,
        fields={"text": "Better"},
    ),
    Route("discussion.moderation_log", "GET", "moderation/log", instructor=True, page=True),
    Route("discussion.settings", "GET", "discussion/settings", instructor=True, page=True),
    Route("discussion.settings", "POST", "discussion/settings", instructor=True),
    Route("discussion.announce", "GET", "discussion/announcement", instructor=True, page=True),
    Route(
        "discussion.announce",
        "POST",
        "discussion/announcement",
        instructor=True,
        fields={"text": "Welcome"},
    ),
    Route("discussion.audience", "GET", "discussion/audience", instructor=True, page=True),
    Route(
        "discussion.audience",
        "POST",
        "discussion/audience",
        instructor=True,
        fields={"audience": "course"},
    ),
    Route("discussion.afresh", "GET", "discussion/afresh", instructor=True, page=True),
    Route("discussion.afresh", "POST", "discussion/afresh", instructor=True),
    Route("discussion.archives", "GET", "discussion/archives", instructor=True, page=True),
    Route("discussion.archive", "GET", "discussion/archives/1", instructor=True),
    Route(
        "discussion.archived_thread",
        "GET",
        "discussion/archives/1/thread/{post}",
        instructor=True,
    ),
    Route("discussion.import_answers", "GET", "discussion/answers", instructor=True, page=True),
    Route("discussion.import_answers", "POST", "discussion/answers", instructor=True),
    Route("discussion.answer_upload", "GET", "discussion/answers/1", instructor=True),
    Route("discussion.answer_upload", "POST", "discussion/answers/1", instructor=True),
    Route("discussion.answer_author", "GET", "discussion/answers/1/0", instructor=True),
    Route("discussion.answer_author", "POST", "discussion/answers/1/0", instructor=True),
    Route("discussion.groups", "GET", "discussion/groups", instructor=True, page=True),
    Route("discussion.groups", "POST", "discussion/groups", instructor=True, fields={"name": "A"}),
    Route("discussion.group", "GET", "discussion/groups/1", instructor=True),
    Route("discussion.group", "POST", "discussion/groups/1", instructor=True),
    Route(
        "discussion.delete_group",
        "GET",
        "discussion/groups/1/delete",
        instructor=True,
    ),
    Route("discussion.delete_group", "POST", "discussion/groups/1/delete", instructor=True),
    Route("discussion.choose_list", "POST", "list", fields={"posts": "es", "remember": "1"}),
    Route("discussion.read", "POST", "read", fields={"all": "1", "up_to": "1"}),
    Route("discussion.unread", "GET", "unread", page=True),
    Route("discussion.search", "GET", "search?q=reply", page=True),
    Route("discussion.own_posts", "GET", "mine", page=True),
    Route("discussion.new_posts", "GET", "new", page=True),
    Route("discussion.translate", "POST", "post/{post}/translate"),
    Route("discussion.list_summaries", "GET", "summaries", page=True),
    Route(
        "discussion.edit_summary",
        "POST",
        "summaries/edit",
        instructor=True,
        fields={"week": "2026-11-30", "text": "es", "source": "Lo nuevo", "action": "publish"},
    ),
    Route("discussion.edit_summary", "GET", "summaries/edit", instructor=True, page=True),
    Route("discussion.show_summary", "GET", "summaries/2026-11-30", page=True),
    Route(
        "discussion.summary_history",
        "GET",
        "summaries/2026-11-30/history?text=es",
        instructor=True,
        page=True,
    ),
    Route("discussion.people", "GET", "people?name=a"),
    Route("discussion.react", "POST", "post/{reply}/reaction", fields={"set": "thanks"}),
    Route("discussion.file", "GET", "file/{file}/photo.jpg"),
    Route("discussion.poll", "GET", "poll?after=0"),
    Route("notifications.show", "GET", "notices", page=True),
    Route("notifications.save", "POST", "notices", fields={"choice": "every"}),
    Route("notifications.address", "POST", "notices/address", fields={"action": "again"}),
    Route("notifications.feed", "POST", "notices/feed"),
    Route("module_choice.choices", "GET", "choose", instructor=True, page=True),
    Route("module_choice.choose", "POST", "choose", instructor=True, fields={"module": "module-4"}),
    Route("roster.show", "GET", "participants", instructor=True, page=True),
    Route("roster.refresh", "POST", "participants", instructor=True),
    Route("packages.show", "GET", "packages", instructor=True, page=True),
    Route(
        "packages.request_build", "POST", "packages", instructor=True, fields={"format": "scorm12"}
    ),
    Route("packages.states", "GET", "packages/state", instructor=True),
    Route("packages.download", "GET", "packages/{package}", instructor=True),
    Route("course_page.show", "GET", "course", instructor=True, page=True),
    Route("course_page.follow", "POST", "course/follow", instructor=True),
    Route("course_page.as_csv", "GET", "course.csv", instructor=True),
    Route("course_page.take_over", "GET", "course/former", instructor=True),
    Route(
        "course_page.take_over",
        "POST",
        "course/former",
        instructor=True,
        fields={"former": "1", "confirmed": "1"},
    ),
    Route("participation.show", "GET", "participation", instructor=True, page=True),
    Route("participation.person", "GET", "participation/{user}", instructor=True, page=True),
    Route("participation.as_csv", "GET", "participation.csv", instructor=True),
    Route("participation.as_json", "GET", "participation.json", instructor=True),
    Route("gradebook.show", "GET", "grades", instructor=True, page=True),
    Route("gradebook.act", "POST", "grades", instructor=True, fields={"action": "read"}),
    Route("gradebook.person", "GET", "grades/{user}", instructor=True),
    Route("gradebook.give", "POST", "grades/{user}", instructor=True, fields={"points": "5"}),
    Route("gradebook.as_csv", "GET", "grades.csv", instructor=True),
    Route("gradebook.settings", "GET", "grades/settings", instructor=True, page=True),
    Route("gradebook.settings", "POST", "grades/settings", instructor=True),
    Route("personal_data.show", "GET", "your-data", page=True),
    Route("personal_data.download", "GET", "your-data/download"),
    Route("personal_data.confirm", "GET", "your-data/erase", page=True),
    Route("personal_data.erase", "POST", "your-data/erase"),
    Route("institution.show", "GET", "institution", administrator=True, page=True),
    Route(
        "institution.pause", "POST", "institution/pause", administrator=True, fields={"paused": "0"}
    ),
    Route("institution.policies", "GET", "institution/policies", administrator=True, page=True),
    Route("institution.policies", "POST", "institution/policies", administrator=True),
    Route("institution.courses", "GET", "institution/courses", administrator=True, page=True),
    Route("institution.course", "GET", "institution/courses/1", administrator=True, page=True),
    Route("institution.usage", "GET", "institution/usage", administrator=True, page=True),
    Route("institution.log", "GET", "institution/log", administrator=True, page=True),
    Route("institution.join", "GET", "institution/join", administrator=True, page=True),
    Route("institution.join", "POST", "institution/join", administrator=True),
    Route("institution.remove", "GET", "institution/remove", administrator=True, page=True),
    Route("institution.remove", "POST", "institution/remove", administrator=True),
    Route("self_test.show", "GET", "institution/self-test", administrator=True, page=True),
    Route("self_test.run", "POST", "institution/self-test", administrator=True),
    Route("people.find", "GET", "institution/people", administrator=True, page=True),
    Route("people.person", "GET", "institution/people/{user}", administrator=True, page=True),
    Route("people.download", "GET", "institution/people/{user}/download", administrator=True),
    Route("people.erase", "GET", "institution/people/{user}/erase", administrator=True, page=True),
    Route("people.erase", "POST", "institution/people/{user}/erase", administrator=True),
    Route("exports.show", "GET", "institution/export", administrator=True, page=True),
    Route("exports.show", "POST", "institution/export", administrator=True),
    Route("exports.download", "GET", "institution/export/0", administrator=True),
    Route("exchanges.show", "GET", "institution/exchanges", administrator=True, page=True),
    Route(
        "exchanges.save",
        "POST",
        "institution/exchanges",
        administrator=True,
        fields={"name": "Minga"},
    ),
    Route("exchanges.leave", "GET", "institution/exchanges/1/leave", administrator=True),
    Route(
        "exchanges.leave",
        "POST",
        "institution/exchanges/1/leave",
        administrator=True,
        fields={"posts": "keep"},
    ),
    # The last: it ends the session.
    Route("sessions.leave", "POST", "leave", page=True),
)


@dataclass(frozen=True)
class PublicRoute:
    """One method of a route that anybody may use, and the status for somebody who sends nothing.

    ``path`` is absolute; ``{asset}`` and ``{media}`` stand for URLs of existing files.
    """

    endpoint: str
    method: str
    path: str
    status: int

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


PUBLIC_ROUTES = (
    PublicRoute("setup.home", "GET", "/", 200),
    PublicRoute("setup.jwks", "GET", "/lti/jwks", 200),
    PublicRoute("setup.canvas_configuration", "GET", "/lti/config/canvas.json", 200),
    PublicRoute("registrations.show", "GET", "/lti/register", 403),
    PublicRoute("registrations.show", "GET", "/lti/register/no-invitation", 403),
    PublicRoute("registrations.register", "POST", "/lti/register", 403),
    PublicRoute("registrations.register", "POST", "/lti/register/no-invitation", 403),
    PublicRoute("launches.login", "GET", "/lti/login", 400),
    PublicRoute("launches.login", "POST", "/lti/login", 400),
    PublicRoute("launches.launch", "POST", "/lti/launch", 400),
    PublicRoute("launches.explain_launch", "GET", "/lti/launch", 405),
    PublicRoute("launches.link", "GET", "/lti/launch/m/module-4", 403),
    PublicRoute("launches.link", "GET", "/lti/launch/m/module-4/section/videos", 403),
    PublicRoute("launches.earlier_link", "GET", "/m/module-4", 403),
    PublicRoute("launches.earlier_link", "GET", "/m/module-4/section/videos", 403),
    PublicRoute("launches.launch_at_link", "POST", "/lti/launch/m/module-4", 405),
    PublicRoute("launches.launch_at_link", "POST", "/m/module-4", 405),
    PublicRoute("launches.launch_at_link", "POST", "/m/module-4/discussion", 405),
    PublicRoute("platform_notices.receive", "POST", "/lti/notices", 400),
    PublicRoute("permalinks.show", "GET", "/d/1/p/1/guessed", 404),
    PublicRoute("permalinks.want", "POST", "/d/1/p/1/guessed", 404),
    PublicRoute("notice_links.link", "GET", "/n/guessed", 404),
    PublicRoute("notice_links.link", "POST", "/n/guessed", 404),
    PublicRoute("notice_links.feed", "GET", "/feed/guessed", 404),
    PublicRoute("static.own_file", "GET", "{asset}", 200),
    PublicRoute("static.media_file", "GET", "{media}", 200),
    PublicRoute("package_files.download", "GET", "/packages/guessed/module.zip", 404),
    PublicRoute("health.alive", "GET", "/healthz", 200),
    PublicRoute("health.ready", "GET", "/readyz", 200),
)
