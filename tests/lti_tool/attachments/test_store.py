"""Content of attachments in a folder, and in a bucket that speaks S3 (moto)."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from lti_tool.attachments.store import FolderStore, S3Store, Store, StoreError, new_key, open_store
from lti_tool.settings import load

LATER = timedelta(days=1)


@pytest.fixture(params=["folder", "bucket"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    if request.param == "folder":
        yield open_store(load({"MINGA_DATA_DIR": str(tmp_path)}))
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="minga")
        yield open_store(
            load(
                {
                    "MINGA_DATA_DIR": str(tmp_path),
                    "MINGA_ATTACHMENTS_URL": "s3://minga/files?region=us-east-1",
                }
            )
        )


def test_what_was_written_is_read_until_it_is_deleted(store: Store) -> None:
    key = new_key()
    store.write(key, b"content", "application/pdf")
    assert store.read(key) == b"content"
    store.delete(key)
    store.delete(key)
    with pytest.raises(StoreError):
        store.read(key)


def test_older_content_is_listed(store: Store) -> None:
    keys = {new_key() for _ in range(3)}
    for key in keys:
        store.write(key, b"content", "application/pdf")
    assert set(store.keys_before(datetime.now(UTC) + LATER)) == keys
    assert set(store.keys_before(datetime.now(UTC) - LATER)) == set()


def test_files_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    key = new_key()
    store.write(key, b"content", "application/pdf")
    file = tmp_path / key[:2] / key
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == [key]


def test_a_file_whose_writing_was_interrupted_is_deleted(tmp_path: Path) -> None:
    part = tmp_path / "ab" / f"{new_key()}.12345678.part"
    part.parent.mkdir()
    part.write_bytes(b"half")
    os.utime(part, (0, 0))
    assert list(FolderStore(tmp_path).keys_before(datetime.now(UTC))) == []
    assert not part.exists()


@pytest.mark.parametrize("key", ["", "../secret-key", "a/b", "A" * 32, "0" * 31])
def test_only_keys_that_the_tool_made_name_files(tmp_path: Path, key: str) -> None:
    with pytest.raises(StoreError):
        FolderStore(tmp_path).read(key)


def test_a_folder_that_cannot_be_written_is_an_error_for_the_operator(tmp_path: Path) -> None:
    (tmp_path / "attachments").write_text("a file")
    with pytest.raises(StoreError, match="attachments folder"):
        FolderStore(tmp_path / "attachments").write(new_key(), b"", "application/pdf")


def test_a_bucket_that_does_not_respond_is_an_error_without_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    store = S3Store("minga", "", "http://127.0.0.1:9", "us-east-1")
    with pytest.raises(StoreError) as raised:
        store.read(new_key())
    assert "hunter2" not in str(raised.value)
