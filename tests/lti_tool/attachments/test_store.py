"""Content of attachments in a folder, and in a bucket that speaks S3 (moto)."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from lti_tool.attachments.store import (
    PIECE,
    FolderStore,
    MissingContentError,
    S3Store,
    Store,
    StoreError,
    new_key,
    open_store,
)
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


def test_content_is_read_in_pieces(store: Store) -> None:
    key, content = new_key(), bytes(range(256)) * 1025
    store.write(key, content, "application/pdf")
    pieces = list(store.pieces(key))
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) == PIECE
    assert store.responds()
    with pytest.raises(MissingContentError):
        list(store.pieces(new_key()))


def test_a_disk_that_is_not_mounted_does_not_respond(tmp_path: Path) -> None:
    """Else an export would say that all files are missing."""
    for folder in (tmp_path, tmp_path / "absent"):
        store = FolderStore(folder)
        assert not store.responds()
        with pytest.raises(StoreError) as raised:
            list(store.pieces(new_key()))
        assert not isinstance(raised.value, MissingContentError)


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
    with pytest.raises(StoreError) as raised:
        list(store.pieces(new_key()))
    assert not isinstance(raised.value, MissingContentError)
    assert not store.responds()


class HalfABucket(BaseHTTPRequestHandler):
    """Lists the bucket; the connection ends in the middle of each object."""

    def do_GET(self) -> None:
        listing = "list-type" in self.path
        content = b"<ListBucketResult/>" if listing else bytes(100_000)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content) if listing else 2 * len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def half_a_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Store]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with ThreadingHTTPServer(("127.0.0.1", 0), HalfABucket) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield S3Store("minga", "", f"http://127.0.0.1:{server.server_port}", "us-east-1")
        server.shutdown()


def test_a_connection_that_ends_in_the_middle_of_an_object(half_a_bucket: S3Store) -> None:
    received: list[bytes] = []
    with pytest.raises(StoreError, match="bucket of attachments") as raised:
        received.extend(half_a_bucket.pieces(new_key()))
    assert not isinstance(raised.value, MissingContentError)
    assert half_a_bucket.responds()
