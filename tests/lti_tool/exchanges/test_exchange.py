"""Two institutions on two platforms share one thread, and nothing else of each other."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from demo_lms import vocabulary as lti
from demo_lms.register_tool import register_tool
from lti_tool.cli import main
from lti_tool.directory.model import ResourceLink, User
from lti_tool.discussion.model import Discussion, Post
from lti_tool.discussion.permalinks import PostReference, lasting_url
from lti_tool.discussion.recipients import recipient_value
from lti_tool.storage.database import now
from tests.lti_tool.routes import ROUTES, Route
from tests.support.databases import migrated_database
from tests.support.site import Site, running_lms, site
from tests.support.tabs import Tab, opened

pytestmark = pytest.mark.both_engines

ANA, BO = "Ana Quispe Mamani", "Bo Okonkwo"
SECRETS = {
    "a": ("Ana Quispe", "Quispe", "ana@a.example", "sub-of-ana", "context-of-a", "Course of A"),
    "b": ("Bo Okonkwo", "Okonkwo", "bo@b.example", "sub-of-bo", "context-of-b", "Course of B"),
}
ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"


@dataclass(frozen=True)
class Campus:
    """An institution with an activity, in which everybody speaks one language."""

    site: Site
    key: str
    language: str

    def tab(self, who: str, name: str, *roles: str, context: str = "", **claims: object) -> Tab:
        full = [role if "://" in role else lti.MEMBERSHIP + role for role in roles or ("Learner",)]
        given, _, family = name.partition(" ")
        return opened(
            self.site,
            f"link-of-{self.key}{context}",
            roles=full,
            context=f"context-of-{self.key}{context}",
            title=f"Course of {self.key.upper()}{context}",
            custom={"module": "module-4"},
            **{
                "sub": f"sub-of-{who}",
                "name": name,
                "given_name": given,
                "family_name": family,
                "email": f"{who}@{self.key}.example",
                lti.LTI + "launch_presentation": {"locale": self.language},
                **claims,
            },
        )


@dataclass(frozen=True)
class Exchange:
    """Both institutions in an exchange, with open tabs of their people."""

    a: Campus
    b: Campus
    ana: Tab
    bo: Tab
    teacher_a: Tab
    teacher_b: Tab
    admin_a: Tab
    admin_b: Tab
    threads: dict[str, int]

    @property
    def database(self):
        return self.a.site.tool.database


def command(home: Site, *arguments: str) -> dict:
    settings = home.tool.settings
    environ = {
        "MINGA_DATABASE_URL": settings.database_url,
        "MINGA_DATA_DIR": str(settings.data_dir),
    }
    result = CliRunner().invoke(main, [*arguments, "--json"], env=environ)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def choose_audience(teacher: Tab, key: str) -> int:
    return teacher.post("discussion/audience", audience=key, confirmed="1").status_code


def latest(home: Site) -> int:
    with home.tool.database.read() as session:
        return session.scalars(select(Post.id).order_by(Post.id.desc())).first() or 0


@pytest.fixture(scope="module")
def exchange(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    folder = tmp_path_factory.mktemp("exchange")
    with (
        migrated_database(engine, folder) as url,
        site(folder, database_url=url, posts_per_minute="1000") as home,
        running_lms() as other,
    ):
        register_tool(other.state, home.tool.invite())
        a = Campus(home, "a", "es")
        b = Campus(replace(home, lms=other, registration_id=2), "b", "fr")
        made = command(home, "exchange", "create", "Sur-Sur")
        admins = []
        for campus, name in ((a, "Universidad A"), (b, "Université B")):
            code = command(home, "exchange", "invite", str(made["id"]))["code"]
            admin = campus.tab("admin", "Root Admin", "Instructor", ADMINISTRATOR)
            joined = admin.post(
                "institution/exchanges", act="join", name=name, shown_as="initials", code=code
            )
            assert joined.status_code == 303, joined.text
            admins.append(admin)
        teacher_a = a.tab("teacher", "Tito Alba", "Instructor")
        teacher_b = b.tab("teacher", "Bea Roux", "Instructor")
        ana, bo = a.tab("ana", ANA), b.tab("bo", BO)
        assert ana.write("Solo para mi curso").status_code == 200
        private = latest(home)
        for teacher in (teacher_a, teacher_b):
            assert choose_audience(teacher, f"exchange-{made['id']}") == 303
        ana, bo = (replace(each, page=each.get()) for each in (ana, bo))
        assert ana.write("¿Qué es la cooperación?").status_code == 200
        thread = latest(home)
        answered = bo.post(
            composer_path(bo), text="C'est un échange", reply_to=str(thread), draft_key="bo-1"
        )
        assert answered.status_code == 303, answered.text
        threads = {"private": private, "ana": thread, "bo": latest(home)}
        yield Exchange(a, b, ana, bo, teacher_a, teacher_b, *admins, threads)


def composer_path(tab: Tab) -> str:
    action = re.search(r'class="compose" method="post" action="([^"]+)"', tab.get().text)
    assert action is not None
    return action.group(1).replace("&amp;", "&").removeprefix(tab.path)


def text_of(page: str, post_id: int) -> str:
    """The article of a post, without tags."""
    article = page.split(f'id="p{post_id}"', 1)[1].split("</article>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", article))


def test_two_people_on_two_platforms_talk_in_one_thread(exchange: Exchange) -> None:
    ana, bo = exchange.ana.get().text, exchange.bo.get().text
    first, reply = exchange.threads["ana"], exchange.threads["bo"]
    assert 'lang="es"' in ana.split(">")[1]
    assert 'lang="fr"' in bo.split(">")[1]
    assert ANA in text_of(ana, first)
    assert re.search(r"AM \([0-9A-Z]{4}\) Universidad A", text_of(bo, first))
    assert BO in text_of(bo, reply)
    assert re.search(r"BO \([0-9A-Z]{4}\) Université B", text_of(ana, reply))
    # A link to all posts of a person would connect the pseudonyms of several discussions.
    own, foreign = (page.split(f'id="p{first}"', 1)[1].split("</article>")[0] for page in (ana, bo))
    assert "?by=" in own
    assert "?by=" not in foreign
    for page in (ana, bo):
        assert "Qué es la cooperación" in page
        assert "un échange" in page


def test_the_composer_says_who_reads_and_under_which_name(exchange: Exchange) -> None:
    said = exchange.bo.get("?lang=en").text.split('class="as"')[1].split("</p>")[0]
    # The interface speaks the language of the launch.
    assert "Universidad A" in said
    assert "Sur-Sur" in said
    assert "Université B" in said
    assert re.search(r"BO \([0-9A-Z]{4}\)", said)


def test_posts_of_before_stay_in_the_course(exchange: Exchange) -> None:
    private = exchange.threads["private"]
    for tab in (exchange.ana, exchange.bo, exchange.teacher_b):
        assert "Solo para mi curso" not in tab.get().text
        assert tab.get(f"post/{private}").status_code == 404
    assert choose_audience(exchange.teacher_a, "course") == 303
    try:
        assert "Solo para mi curso" in exchange.ana.get().text
        assert "Qué es la cooperación" not in exchange.ana.get().text
        assert exchange.ana.get(f"post/{exchange.threads['ana']}").status_code == 404
        # What was typed for the exchange, or for the course, goes nowhere else.
        shared = exchange.bo.get()  # unchanged
        assert "Qué es la cooperación" in shared.text
    finally:
        assert choose_audience(exchange.teacher_a, "exchange-1") == 303


def test_a_text_typed_for_the_course_is_not_published_to_the_exchange(exchange: Exchange) -> None:
    before = latest(exchange.a.site)
    refused = exchange.ana.post(
        "post?module=module-4", text="Para mi curso, nada más", draft_key="typed-before"
    )
    assert refused.status_code == 409
    assert "Para mi curso, nada más" in refused.text
    assert "Université B" in refused.text
    assert latest(exchange.a.site) == before


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        *(
            ("post/{ana}/moderate", {"act": act, "reason": "No"})
            for act in ("pin", "close", "answer", "hide", "show", "question", "group", "split")
        ),
        ("post/{ana}/moderate", {"act": "move", "link": "{bo}"}),
        ("post/{ana}/remove", {"reason": "No"}),
        *(
            ("moderation/{ana}", {"act": act, "reason": "No", "revision": "0", "version": "1"})
            for act in ("approve", "reject", "approve_edit", "reject_edit", "hide")
        ),
        ("moderation/{ana}/edit", {"text": "Changed", "revision": "0"}),
        ("post/{ana}/edit", {"text": "Changed"}),
        ("post/{ana}/delete", {}),
    ],
)
def test_instructors_of_another_institution_moderate_nothing_of_ours(
    exchange: Exchange, path: str, fields: dict[str, str]
) -> None:
    before = post(exchange, "ana")
    filled = {name: value.format(**exchange.threads) for name, value in fields.items()}
    answer = exchange.teacher_b.post(path.format(**exchange.threads), **filled)
    assert answer.status_code in (400, 403, 404, 409)
    after = post(exchange, "ana")
    for name in ("status", "html", "mark", "pinned_at", "locked_at", "question_id", "thread_id"):
        assert getattr(after, name) == getattr(before, name)
    assert exchange.teacher_b.get(f"post/{exchange.threads['ana']}/history").status_code == 403


def post(exchange: Exchange, key: str) -> Post:
    with exchange.database.read() as session:
        return session.get_one(Post, exchange.threads[key])


def test_an_institution_hides_a_post_from_its_own_people_only(exchange: Exchange) -> None:
    first = exchange.threads["ana"]
    where = f"post/{first}/moderate"
    hidden = exchange.teacher_b.post(where, act="hide_here", reason="Not for us")
    assert hidden.status_code == 303
    try:
        seen = {"page": "", "search": "search?q=qué", "thread": f"thread/{first}"}
        for name, path in seen.items():
            assert "es la cooperación" not in exchange.bo.get(path).text, name
            assert "es la cooperación" in exchange.ana.get(path).text, name
        assert "Qué es la cooperación" in exchange.teacher_b.get().text
        for path, fields in (
            (f"post/{first}/reaction", {"set": "thanks"}),
            (composer_path(exchange.bo), {"text": "Oui", "reply_to": str(first)}),
        ):
            assert exchange.bo.post(path, draft_key="x", **fields).status_code == 409
        assert exchange.ana.post(f"post/{first}/moderate", act="show_here").status_code == 403
    finally:
        assert exchange.teacher_b.post(where, act="show_here").status_code == 303
    assert "Qué es la cooperación" in exchange.bo.get().text


def test_a_report_reaches_both_institutions(exchange: Exchange) -> None:
    first = exchange.threads["ana"]
    assert exchange.bo.post(f"post/{first}/report", reason="Publicité").status_code == 200
    for teacher in (exchange.teacher_a, exchange.teacher_b):
        assert "Publicité" in teacher.get("moderation").text
    assert exchange.teacher_b.post(f"moderation/{first}", act="keep").status_code == 303
    assert "Publicité" not in exchange.teacher_b.get("moderation").text
    assert "Publicité" in exchange.teacher_a.get("moderation").text
    assert exchange.teacher_a.post(f"moderation/{first}", act="keep").status_code == 303


def test_an_announcement_stays_in_its_course(exchange: Exchange) -> None:
    said = exchange.teacher_a.post(
        "discussion/announcement", text="Entrega el lunes", draft_key="announcement"
    )
    assert said.status_code == 303
    number = latest(exchange.a.site)
    assert "Entrega el lunes" in exchange.ana.get().text
    assert "Entrega el lunes" not in exchange.bo.get().text
    assert "Entrega el lunes" not in exchange.bo.get("search?q=Entrega").text
    assert exchange.bo.get(f"post/{number}").status_code == 404
    assert exchange.bo.get("poll?after=0").json()["new"] == 1


def test_participation_is_that_of_the_own_course(exchange: Exchange) -> None:
    found = exchange.teacher_a.get("participation.json").text
    assert ANA in found
    assert "Okonkwo" not in found
    with exchange.database.read() as session:
        bo = session.scalars(select(User.id).where(User.subject == "sub-of-bo")).one()
    assert exchange.teacher_a.get(f"participation/{bo}").status_code == 404


def test_a_lasting_link_opens_in_the_readers_own_course(exchange: Exchange) -> None:
    page = exchange.ana.get().text
    [link] = {each for each in re.findall(r'href="(/d/\d+/p/(\d+)/[^"]+)"', page)
              if each[1] == str(exchange.threads["ana"])}  # fmt: skip
    url = exchange.a.site.tool.url + link[0]
    for tab in (exchange.ana, exchange.bo):
        opened_ = tab.browser.get(url)
        assert f"{tab.path}" in opened_.url
        assert "Qué es la cooperación" in opened_.text
    stranger = exchange.b.site.browser().get(url)
    assert stranger.status_code == 200
    assert not [each for each in (*SECRETS["a"], *SECRETS["b"]) if each in stranger.text]


def test_the_link_of_a_mail_opens_in_the_recipients_own_course(exchange: Exchange) -> None:
    home = exchange.a.site
    with exchange.database.read() as session:
        bo = session.scalars(select(User.id).where(User.subject == "sub-of-bo")).one()
        post = session.get_one(Post, exchange.threads["ana"])
    reference = PostReference(post.discussion_id, post.id)
    secret = home.tool.settings.secret_key
    value = recipient_value(secret, reference, bo, now())
    url = f"{lasting_url(home.tool.url, secret, reference)}?r={value}"
    stranger = home.browser().get(url)
    assert '<form method="post"' in stranger.text
    assert not [each for each in (*SECRETS["a"], *SECRETS["b"]) if each in stranger.text]
    with exchange.database.write() as session:
        links = select(ResourceLink).where(ResourceLink.lti_resource_link_id == "link-of-b")
        session.scalars(links).one().activity_url = "https://b.example/activity"
    pressed = home.browser().request("POST", url)
    assert pressed.headers["Location"] == "https://b.example/activity"
    landed = exchange.b.tab("bo", BO)
    assert landed.page.url.endswith(f"#p{post.id}")


@pytest.mark.parametrize(
    ("role", "expected"), [("Learner", 403), ("Instructor", 403), (ADMINISTRATOR, 200)]
)
def test_only_administrators_see_the_exchanges(
    exchange: Exchange, role: str, expected: int
) -> None:
    tab = {"Learner": exchange.ana, "Instructor": exchange.teacher_a}.get(role, exchange.admin_a)
    for path in ("institution/exchanges", "institution/exchanges/1/leave"):
        assert tab.get(path).status_code == expected
    if expected == 403:
        assert tab.post("institution/exchanges", act="save", name="X").status_code == 403
        assert tab.post("institution/exchanges/1/leave", posts="remove").status_code == 403


def test_courses_of_one_institution_share_a_list(exchange: Exchange) -> None:
    """With names, and closed to other institutions."""
    campus = exchange.a
    teachers = [campus.tab("teacher", "Tito Alba", "Instructor", context=each) for each in "12"]
    for teacher in teachers:
        assert choose_audience(teacher, "institution") == 303
    one, two = (campus.tab("ana", ANA, context=each) for each in "12")
    assert one.write("Para toda la universidad").status_code == 200
    assert "Para toda la universidad" in two.get().text
    assert ANA in two.get().text
    assert choose_audience(exchange.teacher_b, "institution") == 303
    try:
        assert "Para toda la universidad" not in exchange.bo.get().text
    finally:
        assert choose_audience(exchange.teacher_b, "exchange-1") == 303
    with exchange.database.read() as session:
        shared = session.scalars(
            select(Discussion.shared_id)
            .join(ResourceLink, ResourceLink.id == Discussion.resource_link_id)
            .where(ResourceLink.lti_resource_link_id.in_(("link-of-a1", "link-of-a2")))
        ).all()
    assert len(set(shared)) == 1


ENDS = ("sessions.leave", "personal_data.erase", "sessions.open_page", "discussion.audience")


def answers(tab: Tab, exchange: Exchange) -> Iterator[tuple[Route, object]]:
    """The answer of every route to a tab."""
    places = {"post": exchange.threads["ana"], "reply": exchange.threads["bo"]}
    for route in ROUTES:
        if route.endpoint in ENDS or (route.endpoint, route.method) in CHANGES:
            continue
        path = route.path.format(**places, package=1, user=1, file=1, exchange=1)
        if route.method == "GET":
            yield route, tab.browser.get(tab.path + path)
        else:
            yield route, tab.post(path, **route.fields)


CHANGES = {
    ("exchanges.save", "POST"), ("exchanges.leave", "POST"),
    ("institution.remove", "POST"), ("institution.pause", "POST"), ("institution.join", "POST"),
    ("institution.policies", "POST"), ("people.erase", "POST"), ("self_test.run", "POST"),
    ("module_choice.choose", "POST"),
    ("discussion.afresh", "POST"), ("packages.request_build", "POST"),
    ("discussion.delete", "POST"), ("discussion.remove", "POST"),
}  # fmt: skip


def test_nothing_else_of_an_institution_leaves_it(exchange: Exchange, engine: str) -> None:
    """On every page, header, JSON and export; for participants, instructors and administrators."""
    issuers = {"a": exchange.a.site.lms.url, "b": exchange.b.site.lms.url}
    tabs = [
        (exchange.teacher_b, "a"),
        (exchange.bo, "a"),
        (exchange.admin_b, "a"),
        (exchange.ana, "b"),
        (exchange.teacher_a, "b"),
    ]
    # What is shown depends on no engine; that each page answers does.
    for tab, other in tabs if engine == "sqlite" else tabs[:1]:
        secrets = (*SECRETS[other], issuers[other])
        for route, answer in answers(tab, exchange):
            assert answer.status_code < 500, route
            whole = answer.text + str(answer.headers)
            found = [each for each in secrets if each in whole]
            assert not found, f"{route} tells {found}"
