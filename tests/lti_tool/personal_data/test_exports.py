"""The worker makes a file with everything of an institution, a few people at a time."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lti_tool.directory.model import User
from lti_tool.features import FEATURES
from lti_tool.personal_data import export_store, exports, service
from lti_tool.personal_data.export_store import EXPORT
from lti_tool.personal_data.model import InstitutionExport
from lti_tool.sessions.audit import record_act
from lti_tool.storage.database import now
from lti_tool.tasks import outbox
from lti_tool.tasks.outbox import NotNow
from tests.lti_tool.discussion.scene import Scene
from tests.lti_tool.personal_data.exporting import DECLARATIONS, Exporting

pytestmark = pytest.mark.both_engines


@pytest.fixture
def exporting(scene: Scene) -> Exporting:
    return Exporting(scene)


def test_the_file_has_people_courses_policies_and_the_log(exporting: Exporting) -> None:
    scene = exporting.scene
    ana = scene.launch_session("Ana Quispe")
    scene.post(ana, "About rivers")
    scene.launch_session("Bo")
    with exporting.database.write() as session:
        record_act(session, ana, "people.export")
    assert exporting.latest is None
    assert exporting.request()
    assert not exporting.request(), "one at a time"
    assert exporting.latest is not None
    assert not exporting.latest.is_ready
    handlers = next(each for each in FEATURES if each.name == "personal_data").task_handlers
    assert handlers is not None
    kind = {EXPORT: handlers(exporting.settings)[EXPORT]}
    assert outbox.drain(exporting.database, kind) == 1
    assert exporting.latest.is_ready
    assert exporting.latest.progress.people == 2
    assert exporting.people() == ["Ana Quispe", "Bo"]
    content = exporting.content()
    assert "About rivers" in content["people.jsonl"].decode()
    assert json.loads(content["institution.json"])["policies"]["guests"] == "post"
    [course] = map(json.loads, content["courses.jsonl"].splitlines())
    assert len(course["activities"]) == 1
    [entry] = map(json.loads, content["log.jsonl"].splitlines())
    assert (entry["action"], entry["name"]) == ("people.export", "Ana Quispe")
    assert exporting.files == [".zip"]


def test_other_tasks_run_in_between_and_a_crash_doubles_nobody(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"Person {number}" for number in range(7)]
    for name in names:
        exporting.scene.launch_session(name)
    monkeypatch.setattr(exports, "_CHUNK", 2)
    monkeypatch.setattr(exports, "SLICE", -1.0)
    exporting.request()
    with pytest.raises(NotNow):
        exporting.build()
    assert exporting.latest is not None
    assert exporting.latest.progress.people == 1, "the time of the first slice is over"
    part = export_store.part_of(exporting.settings, exporting.latest)
    with part.open("ab") as stream:  # written, and not stored as written, when the power went
        stream.write(b'{"half of a')
    for _ in range(2):
        with pytest.raises(NotNow):
            exporting.build()
    part.write_bytes(part.read_bytes()[:5])  # as on another machine: it begins again
    monkeypatch.setattr(exports, "SLICE", 60.0)
    exporting.build()
    assert exporting.people() == names
    assert exporting.latest.progress.people == 7
    exporting.build()
    assert exporting.files == [".zip"]


def test_a_person_who_is_erased_is_in_no_file(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, bo = (exporting.scene.launch_session(name).user_id for name in ("Ana", "Bo"))
    exporting.request()
    exporting.build()
    service.erase(exporting.database, exporting.settings, DECLARATIONS, ana or 0)
    assert exporting.latest is None
    assert exporting.files == []
    assert exporting.request()
    pack = exports._pack

    def erased_meanwhile(*arguments) -> None:
        pack(*arguments)
        service.erase(exporting.database, exporting.settings, DECLARATIONS, bo or 0)

    monkeypatch.setattr(exports, "_pack", erased_meanwhile)
    exporting.build()
    assert exporting.latest is None
    assert exporting.files == []


def test_a_person_who_is_erased_while_people_are_written(
    exporting: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = exporting.scene.launch_session("Ana").user_id
    exporting.scene.launch_session("Bo")
    monkeypatch.setattr(exports, "_CHUNK", 1)
    monkeypatch.setattr(exports, "SLICE", -1.0)
    exporting.request()
    with pytest.raises(NotNow):
        exporting.build()
    assert exporting.files == [".part", ".part"]
    service.erase(exporting.database, exporting.settings, DECLARATIONS, ana or 0)
    assert exporting.files == []
    exporting.build()
    assert exporting.files == []


def test_files_are_deleted_after_some_days_and_with_their_rows(exporting: Exporting) -> None:
    exporting.scene.launch_session("Ana")
    exporting.request()
    exporting.build()
    export_store.purge(exporting.settings, exporting.database)
    assert exporting.files == [".zip"]
    assert exporting.latest is not None
    assert exporting.latest.available_until is not None
    assert exporting.latest.available_until - now() < timedelta(days=3)
    with exporting.database.write() as session:
        session.execute(
            update(InstitutionExport).values(finished_at=now() - timedelta(days=3, minutes=1))
        )
    export_store.purge(exporting.settings, exporting.database)
    assert exporting.latest is None
    assert exporting.files == []
    exporting.request()
    exporting.build()
    assert exporting.request(), "a newer one takes its place"
    export_store.purge(exporting.settings, exporting.database)
    assert exporting.files == []


def test_memory_and_statements_do_not_grow_with_the_people(exporting: Exporting) -> None:
    """A chunk is read with one statement, and the people one after another."""
    from tests.support.statements import counted

    def statements() -> int:
        exporting.request()
        with counted(exporting.database) as found:
            exporting.build()
        return len(found)

    for number in range(3):
        exporting.scene.launch_session(f"Person {number}")
    few = statements()
    for number in range(3):
        exporting.scene.launch_session(f"More {number}")
    many = statements()
    with exporting.database.read() as session:
        people = len(session.scalars(select(User.id)).all())
    assert people == 6
    assert many - few <= 3 * 60
