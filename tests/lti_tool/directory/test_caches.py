"""The caches of key sets and access tokens that all processes share."""

import pytest
from sqlalchemy import text

from lti_tool.directory import registrations as directory
from lti_tool.directory.jwks_cache import DatabaseJwksStorage
from lti_tool.directory.token_cache import DatabaseTokenStorage
from lti_tool.lti.tokens import AccessToken
from lti_tool.registrations.platform_check import check_platform
from lti_tool.storage.database import Database
from tests.support.site import Site

pytestmark = pytest.mark.both_engines

KEY = "k" * 40


def test_one_caller_may_fetch_in_a_while(database: Database, registration_id: int) -> None:
    keys = DatabaseJwksStorage(database)
    assert keys.load(registration_id) is None
    assert keys.reserve(registration_id, 100.0, 40.0)
    assert not keys.reserve(registration_id, 110.0, 50.0)
    assert keys.reserve(registration_id, 161.0, 101.0)


def test_a_valid_key_set_is_kept_when_a_later_fetch_fails(
    database: Database, registration_id: int
) -> None:
    keys = DatabaseJwksStorage(database)
    keys.reserve(registration_id, 100.0, 0.0)
    keys.save(registration_id, '{"keys": []}', 101.0)
    keys.save(registration_id, None, 170.0)
    stored = keys.load(registration_id)
    assert stored is not None
    assert (stored.raw, stored.fetched_at, stored.finished_at) == ('{"keys": []}', 101.0, 170.0)


def test_a_reservation_from_the_future_does_not_count(
    database: Database, registration_id: int
) -> None:
    keys = DatabaseJwksStorage(database)
    assert keys.reserve(registration_id, 1000.0, 940.0)
    assert not keys.reserve(registration_id, 998.0, 938.0)
    assert keys.reserve(registration_id, 500.0, 440.0)
    assert not keys.reserve(registration_id, 501.0, 441.0)


def test_another_key_set_address_forgets_the_set(database: Database, registration_id: int) -> None:
    keys = DatabaseJwksStorage(database)
    keys.reserve(registration_id, 100.0, 0.0)
    row = directory.get_registration(database, registration_id)
    row.jwks_uri = "https://lms.example.org/other"
    directory.register(database, directory.from_row(row))
    assert keys.load(registration_id) is None


def test_a_token_is_stored_encrypted_for_its_scopes(
    database: Database, registration_id: int
) -> None:
    tokens = DatabaseTokenStorage(database, KEY)
    tokens.save(registration_id, "a b", AccessToken("secret-value", ("a",), 2_000_000_000.0))
    tokens.save(registration_id, "a b", AccessToken("newer-value", ("a",), 2_000_000_000.0))
    kept = tokens.load(registration_id, "a b")
    assert kept == AccessToken("newer-value", ("a",), 2_000_000_000.0)
    assert tokens.load(registration_id, "a") is None
    with database.read_core() as connection:
        [sealed] = connection.execute(text("SELECT sealed FROM access_token_cache")).scalars()
    assert "newer-value" not in sealed
    assert DatabaseTokenStorage(database, "x" * 40).load(registration_id, "a b") is None


def test_an_operator_checks_a_platform(home: Site) -> None:
    row = directory.get_registration(home.tool.database, home.registration_id)
    registration = directory.from_row(row)
    well = check_platform(home.tool.settings, home.tool.database, registration)
    assert [result.passed for result in well] == [True, True]
    assert "score" in well[1].text
    asked = home.lms.state.faults.token_requests
    check_platform(home.tool.settings, home.tool.database, registration)
    assert home.lms.state.faults.token_requests == asked, "the token was kept"
    home.lms.state.faults.key_set_status = 500
    ill = check_platform(home.tool.settings, home.tool.database, registration)
    home.lms.state.faults.key_set_status = 200
    assert [result.passed for result in ill] == [False, True]
    assert "500" in ill[0].text
