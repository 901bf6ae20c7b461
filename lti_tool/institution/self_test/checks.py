"""The checks of the self-test that this server makes: each says what it found and what to do.

Results hold no personal data and no secret, so that they can be sent to the operator.
"""

import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime

from courseware.i18n import Interface
from lti_tool.directory.pauses import DatabasePauses
from lti_tool.institution.self_test import words
from lti_tool.institution.self_test.results import Check, Subject
from lti_tool.lti import claim_names
from lti_tool.lti.ags import line_items, scores
from lti_tool.lti.ags.line_items import LineItem
from lti_tool.lti.ags.scores import Score, ScoreOutcome
from lti_tool.lti.dynamic_registration import GRADE_SCOPES, SCOPES
from lti_tool.lti.http_client import FetchError, HttpClient, HttpResponse
from lti_tool.lti.jwks import MAX_REDIRECTS
from lti_tool.lti.launch import GradeService, RosterService
from lti_tool.lti.nrps import roster_pages
from lti_tool.lti.pauses import INVALID_CLIENT
from lti_tool.lti.public_keys import parse_jwks
from lti_tool.lti.refusal import Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_connector import PlatformConnector
from lti_tool.lti.service_errors import ServiceError
from lti_tool.lti.service_log import GRADES, ROSTER
from lti_tool.storage.database import Database, now

CLOCK_SECONDS = 30
"""Difference of the clocks up to which nothing is to be done."""
COLUMN = "Minga self-test"
_TAG = "minga-self-test"


def run(
    ui: Interface,
    subject: Subject,
    *,
    database: Database,
    http_client: HttpClient,
    connector: Callable[[], PlatformConnector],
) -> list[Check]:
    """Make all checks, one after another. Those that need an earlier one that failed are left."""
    checks = list(_keys(ui, subject, http_client))
    checks.append(_cookie(ui, subject))
    checks.extend(_offered(ui, subject))
    # A test that an administrator requests does not wait for the end of a pause.
    DatabasePauses(database).clear(subject.registration.stored_id, INVALID_CLIENT)
    client = connector()
    granted, token_checks = _tokens(ui, subject, client)
    checks.extend(token_checks)
    checks.append(_own_keys(ui, subject, http_client, token=bool(granted)))
    if granted:
        checks.append(_roster(ui, subject, client, granted))
        checks.append(_round_trip(ui, subject, client, granted))
    return checks


def _keys(ui: Interface, subject: Subject, http_client: HttpClient) -> Iterator[Check]:
    title = ui.gettext("Key set of the LMS")
    try:
        answer = http_client.get(subject.registration.jwks_uri, max_redirects=MAX_REDIRECTS)
        if not answer.ok:
            text = words.status(ui, answer.status)
            yield Check(title, False, text, words.check_registration(ui))
            return
        count = len(parse_jwks(answer.body).by_id)
    except FetchError as error:
        yield Check(title, False, words.failure(ui, error.kind), words.check_registration(ui))
        return
    except Refused:
        text = ui.gettext("It has no RSA key that can be used.")
        yield Check(title, False, text, words.check_registration(ui))
        return
    text = ui.ngettext("%(n)s key was read.", "%(n)s keys were read.", count)
    yield Check(title, True, text)
    yield _clock(ui, subject, answer)


def _clock(ui: Interface, subject: Subject, answer: HttpResponse) -> Check:
    """Compare the clocks by the ``Date`` of a response, and by the ``iat`` of the launch."""
    title = ui.gettext("Clock of the LMS")
    found = [subject.token_age] if subject.token_age is not None else []
    try:
        sent = parsedate_to_datetime(answer.headers.get("date", ""))
        found.append(int(time.time() - sent.timestamp()))
    except (TypeError, ValueError):
        pass
    if not found:
        return Check(title, None, ui.gettext("The LMS does not send its time."))
    most = max(found, key=abs)
    # The time of an id_token includes the way through the browser.
    text = ui.ngettext(
        "It differs by %(n)s second.",
        "It differs by %(n)s seconds.",
        abs(most),
    )
    if abs(most) <= CLOCK_SECONDS:
        return Check(title, True, text)
    advice = ui.gettext("Set the clock of the LMS's server by NTP, and that of this tool's server.")
    return Check(title, False, text, advice)


def _cookie(ui: Interface, subject: Subject) -> Check:
    title = ui.gettext("Cookie of this session")
    if subject.cookieless:
        text = ui.gettext(
            "The browser did not send it, so the page carries the session. Everything works, also "
            "without cookies."
        )
        return Check(title, None, text)
    return Check(title, True, ui.gettext("The browser sent it."))


def _offered(ui: Interface, subject: Subject) -> Iterator[Check]:
    """What the launch says about services."""
    profile = subject.registration.profile
    services = (
        (ui.gettext("Grades, as offered in the launch"), subject.line_items, GRADES),
        (ui.gettext("List of participants, as offered in the launch"), subject.memberships, ROSTER),
    )
    for title, url, service in services:
        if url:
            yield Check(title, True, ui.gettext("Offered."))
        else:
            yield Check(title, False, ui.gettext("Not offered."), words.where(ui, profile, service))
    title = ui.gettext("Groups of the course, as offered in the launch")
    text = ui.gettext("Offered.") if subject.groups else ui.gettext("Not offered.")
    yield Check(title, True if subject.groups else None, text)


def _tokens(
    ui: Interface, subject: Subject, client: PlatformConnector
) -> tuple[frozenset[str], list[Check]]:
    """Ask for a token with all scopes, then with each that was not granted."""
    title = ui.gettext("Access token")
    registration = subject.registration
    if not registration.token_endpoint:
        text = ui.gettext("The URL for tokens is not known.")
        return frozenset(), [Check(title, False, text, words.check_registration(ui))]
    try:
        token = client.tokens.fetch(registration, SCOPES)
    except ServiceError as error:
        text = words.failure(ui, error.kind, error.status, error.oauth_error)
        advice = words.token_advice(ui, error, subject.jwks_url)
        if error.oauth_error != "invalid_scope":
            return frozenset(), [Check(title, False, text, advice)]
        granted = set()
    else:
        granted = set(token.scopes)
    checks = []
    for scope in SCOPES:
        if scope not in granted and _grants(client, registration, scope):
            granted.add(scope)
        name = words.scope_name(ui, scope)
        if scope in granted:
            checks.append(Check(name, True, ui.gettext("Granted.")))
        else:
            service = GRADES if scope in GRADE_SCOPES else ROSTER
            advice = words.where(ui, registration.profile, service)
            checks.append(Check(name, False, ui.gettext("Not granted."), advice))
    return frozenset(granted), checks


def _grants(client: PlatformConnector, registration: Registration, scope: str) -> bool:
    try:
        return scope in client.tokens.fetch(registration, (scope,)).scopes
    except ServiceError:
        return False


def _own_keys(ui: Interface, subject: Subject, http_client: HttpClient, *, token: bool) -> Check:
    """Whether the platform can read the tool's keys, as far as this server can know."""
    title = ui.gettext("Key set of this tool")
    if token:
        return Check(title, True, ui.gettext("The LMS has read it: it granted a token."))
    try:
        answer = http_client.get(subject.jwks_url)
    except FetchError as error:
        text = words.failure(ui, error.kind)
    else:
        if answer.ok:
            text = ui.gettext("It can be read from here; whether the LMS reads it is not known.")
            return Check(title, None, text)
        text = words.status(ui, answer.status)
    advice = ui.gettext("The LMS must be able to open this URL: %(url)s", url=subject.jwks_url)
    return Check(title, False, text, advice)


def _roster(
    ui: Interface, subject: Subject, client: PlatformConnector, granted: frozenset[str]
) -> Check:
    title = ui.gettext("First page of the list of participants")
    if subject.memberships is None or claim_names.MEMBERSHIP_SCOPE not in granted:
        return Check(title, None, words.not_tried(ui))
    try:
        page = next(roster_pages(client, RosterService(subject.memberships), limit=10), None)
    except ServiceError as error:
        advice = words.where(ui, subject.registration.profile, ROSTER)
        return Check(title, False, words.failure(ui, error.kind, error.status), advice)
    count = len(page.members) if page else 0
    text = ui.ngettext("%(n)s member was read.", "%(n)s members were read.", count)
    return Check(title, count > 0, text)


def _round_trip(
    ui: Interface, subject: Subject, client: PlatformConnector, granted: frozenset[str]
) -> Check:
    """Create a column in the gradebook, send a score to it, read it back, and delete the column."""
    title = ui.gettext("A test column in the gradebook")
    needed = {claim_names.LINE_ITEM_SCOPE, claim_names.SCORE_SCOPE}
    if subject.line_items is None or subject.subject is None or not needed <= granted:
        return Check(title, None, words.not_tried(ui))
    grades = GradeService(subject.line_items, None, ())
    item = LineItem(label=COLUMN, score_maximum=1.0, resource_id=_TAG, tag=_TAG)
    advice = words.where(ui, subject.registration.profile, GRADES)
    try:
        created = line_items.create_line_item(client, grades, item)
    except ServiceError as error:
        text = words.failure(ui, error.kind, error.status)
        return Check(title, False, ui.gettext("It was not created: %(why)s", why=text), advice)
    assert created.id is not None
    found = []
    try:
        score = Score(subject.subject, now(), given=1.0, maximum=1.0)
        outcome = scores.put_score(client, grades, created.id, score)
        found.append(_score_text(ui, outcome))
        if outcome is ScoreOutcome.RECORDED and claim_names.RESULT_SCOPE in granted:
            results = scores.list_results(client, grades, created.id).results
            if any(each.score is not None for each in results):
                found.append(ui.gettext("It was read back."))
    except ServiceError as error:
        text = words.failure(ui, error.kind, error.status)
        found.append(ui.gettext("The score was not accepted: %(why)s", why=text))
        return Check(
            title, False, " ".join([*found, _delete(ui, client, grades, created.id)]), advice
        )
    deleted = _delete(ui, client, grades, created.id)
    return Check(title, True, " ".join([ui.gettext("It was created."), *found, deleted]))


def _score_text(ui: Interface, outcome: ScoreOutcome) -> str:
    if outcome is ScoreOutcome.RECORDED:
        return ui.gettext("A score was accepted.")
    return ui.gettext(
        "The LMS answered the score, and refused it because you are no participant of this course; "
        "that is right."
    )


def _delete(ui: Interface, client: PlatformConnector, grades: GradeService, url: str) -> str:
    try:
        line_items.delete_line_item(client, grades, url)
    except ServiceError:
        return ui.gettext(
            "It could not be deleted: delete the column “%(name)s” in the gradebook.", name=COLUMN
        )
    return ui.gettext("It was deleted again.")
