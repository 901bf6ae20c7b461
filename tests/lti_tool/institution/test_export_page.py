"""An administrator requests a file with everything, waits for the worker, and downloads it."""

import io
import re
import zipfile

from sqlalchemy import select

from demo_lms import vocabulary as lti
from lti_tool.attachments import service as attachments
from lti_tool.attachments.model import Attachment
from lti_tool.attachments.store import open_store
from lti_tool.directory.audit import AuditEntry
from lti_tool.directory.model import User
from lti_tool.personal_data import export_store
from lti_tool.worker import drained
from tests.lti_tool.attachments import files
from tests.support.site import Site
from tests.support.statements import counted
from tests.support.tabs import opened

ADMINISTRATOR = (lti.INSTITUTION_ADMINISTRATOR,)


def test_files_are_in_it_and_those_that_are_missing_are_named(home: Site) -> None:
    database, settings = home.tool.database, home.tool.settings
    opened(home, "writing", user="joao", custom={"module": "module-4"})
    with database.read() as session:
        user_id = session.scalars(select(User.id).order_by(User.id.desc())).first() or 0
    for name in ("there.pdf", "lost.pdf"):
        attachments.add(
            database, settings, user_id=user_id, draft_key="form", name=name, content=files.PDF
        )
    tab = opened(home, "admin", user="akua", roles=ADMINISTRATOR)
    person = tab.get(f"institution/people/{user_id}").text
    assert re.search(r"with files \(ZIP, about 0\.1.kB\)", person)
    with database.read() as session:
        lost = session.scalars(select(Attachment).where(Attachment.name == "lost.pdf")).one()
    open_store(settings).delete(lost.store_key)
    tab.post("institution/export")
    drained(settings, database)
    ready = tab.get("institution/export").text
    assert "1 attached file could not be read." in ready
    [path] = re.findall(r'href="/l/[^/]+/(institution/export/[0-9a-f]{32})"', ready)
    for url in (path, f"institution/people/{user_id}/download"):
        with zipfile.ZipFile(io.BytesIO(tab.get(url).content)) as archive:
            [found] = [name for name in archive.namelist() if name.startswith("files/")]
            assert found.endswith("-there.pdf")
            assert archive.read(found) == files.PDF
    with database.write() as session:  # for the next test
        export_store.withdraw(session, home.registration_id)


def test_everything_is_prepared_and_downloaded(home: Site) -> None:
    writer = opened(home, "writing", custom={"module": "module-4"})
    assert writer.write("About rivers").status_code == 200
    tab = opened(home, "admin", user="akua", roles=ADMINISTRATOR)
    assert 'href="' + tab.path + 'institution/export"' in tab.get("institution/remove").text
    drained(home.tool.settings, home.tool.database)
    first = tab.get("institution/export").text
    assert "Prepare the file" in first
    for _ in range(2):
        assert tab.post("institution/export").status_code == 303
    waiting = tab.get("institution/export").text
    assert "The file is being prepared since" in waiting
    assert "Download the file" not in waiting
    drained(home.tool.settings, home.tool.database)
    with counted(home.tool.database) as statements:
        ready = tab.get("institution/export").text
    assert len(statements) <= 4, statements
    [path] = re.findall(r'href="/l/[^/]+/(institution/export/[0-9a-f]{32})"', ready)
    assert "at once when somebody is erased" in ready
    for role in ("Instructor", "Learner"):
        other = opened(home, "admin", role=role, custom={"module": "module-4"})
        assert other.get(path).status_code == 403
        assert other.post("institution/export").status_code == 403
    assert tab.get("institution/export/0").status_code == 404
    answer = tab.get(path)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=minga-")
    assert answer.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert "About rivers" in archive.read("people.jsonl").decode()
    with home.tool.database.read() as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-2:] == ["people.request_export", "people.export_all"]
    assert "Requested a file with everything" in tab.get("institution/log").text
    tab.post(
        "institution/remove",
        name=re.findall(r"to confirm: ([^<]+)</label>", tab.get("institution/remove").text)[0],
    )
    drained(home.tool.settings, home.tool.database)
    assert tab.get(path).status_code == 403
