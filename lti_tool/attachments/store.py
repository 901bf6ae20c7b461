"""Where the content of attachments is stored: a folder, or a bucket that speaks S3.

Keys are random and made by the tool. A file is written before the row that refers to it, and
deleted after it.
"""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from lti_tool.settings import Settings

PIECE = 1 << 16
"""Bytes of content that are in memory at a time, where it is read in pieces."""
_KEY = re.compile(r"[0-9a-f]{32}")


class StoreError(Exception):
    """The store does not respond, or the content is missing. The message is for the operator."""


class MissingContentError(StoreError):
    """The store responds, and has no content for the key."""


class Store(Protocol):
    """Content by key."""

    def write(self, key: str, content: bytes, media_type: str) -> None:
        """Store content. Raises :class:`StoreError`."""

    def read(self, key: str) -> bytes:
        """Return content. Raises :class:`StoreError`, also if there is none."""

    def pieces(self, key: str) -> Iterator[bytes]:
        """Yield content, at most ``PIECE`` bytes at a time.

        Raises :class:`MissingContentError` if there is none, and :class:`StoreError`, also after
        some pieces.
        """

    def responds(self) -> bool:
        """Whether anything can be read from the store at this moment."""

    def delete(self, key: str) -> None:
        """Delete content, if there is any. Raises :class:`StoreError`."""

    def keys_before(self, moment: datetime) -> Iterator[str]:
        """Yield the keys whose content was written before a moment."""


def new_key() -> str:
    """Return a new random key."""
    return secrets.token_hex(16)


class FolderStore:
    """A folder, with one subfolder for each two digits of the keys."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise StoreError("not a key of an attachment")
        return self._folder / key[:2] / key

    def write(self, key: str, content: bytes, media_type: str) -> None:
        """Write a file with mode 0600, complete or not at all."""
        path = self._path(key)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise StoreError(f"the attachments folder: {error.strerror}") from None

    def read(self, key: str) -> bytes:
        """Read a file."""
        try:
            return self._path(key).read_bytes()
        except OSError as error:
            raise StoreError(f"the attachments folder: {error.strerror}") from None

    def pieces(self, key: str) -> Iterator[bytes]:
        """Read a file in pieces."""
        try:
            with self._path(key).open("rb") as stream:
                while piece := stream.read(PIECE):
                    yield piece
        except FileNotFoundError as error:
            kind = MissingContentError if self.responds() else StoreError
            raise kind(f"the attachments folder: {error.strerror}") from None
        except OSError as error:
            raise StoreError(f"the attachments folder: {error.strerror}") from None

    def responds(self) -> bool:
        """Whether the folder is there. An empty one is a disk that is not mounted."""
        try:
            return next(self._folder.iterdir(), None) is not None
        except OSError:
            return False

    def delete(self, key: str) -> None:
        """Delete a file."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"the attachments folder: {error.strerror}") from None

    def keys_before(self, moment: datetime) -> Iterator[str]:
        """Yield the names of older files; delete files whose writing was interrupted."""
        for path in self._folder.glob("??/*"):
            with suppress(FileNotFoundError):
                if datetime.fromtimestamp(path.stat().st_mtime, UTC) >= moment:
                    continue
                if _KEY.fullmatch(path.name):
                    yield path.name
                elif path.suffix == ".part":
                    path.unlink()


class S3Store:
    """A bucket of S3 or of a compatible service, through boto3.

    boto3 finds the credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or the role
    of the machine).
    """

    def __init__(self, bucket: str, prefix: str, endpoint: str | None, region: str | None) -> None:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        self._bucket, self._prefix = bucket, prefix
        self._errors = (BotoCoreError, ClientError)
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=region,
            config=Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 3}),
        )

    def _call(self, method: str, **arguments: Any) -> Any:
        try:
            return getattr(self._client, method)(Bucket=self._bucket, **arguments)
        except self._errors as error:
            response = getattr(error, "response", None) or {}
            code = response.get("Error", {}).get("Code") or type(error).__name__
            kind = MissingContentError if code == "NoSuchKey" else StoreError
            raise kind(f"the bucket of attachments: {code}") from None

    def write(self, key: str, content: bytes, media_type: str) -> None:
        """Put an object. Its own headers allow no browser to run it."""
        self._call(
            "put_object",
            Key=self._prefix + key,
            Body=content,
            ContentType="application/octet-stream",
            ContentDisposition="attachment",
        )

    def read(self, key: str) -> bytes:
        """Get an object."""
        response = self._call("get_object", Key=self._prefix + key)
        try:
            return bytes(response["Body"].read())
        except self._errors as error:
            raise StoreError(f"the bucket of attachments: {type(error).__name__}") from None

    def pieces(self, key: str) -> Iterator[bytes]:
        """Get an object in pieces."""
        body = self._call("get_object", Key=self._prefix + key)["Body"]
        try:
            # At the end, the length is compared with the header.
            yield from body.iter_chunks(PIECE)
        except (*self._errors, OSError) as error:
            raise StoreError(f"the bucket of attachments: {type(error).__name__}") from None
        finally:
            body.close()

    def responds(self) -> bool:
        """Whether the bucket can be listed, as the purge does it."""
        try:
            self._call("list_objects_v2", Prefix=self._prefix, MaxKeys=1)
        except StoreError:
            return False
        return True

    def delete(self, key: str) -> None:
        """Delete an object."""
        self._call("delete_object", Key=self._prefix + key)

    def keys_before(self, moment: datetime) -> Iterator[str]:
        """Yield the keys of older objects, page by page."""
        token: dict[str, str] = {}
        while True:
            page = self._call("list_objects_v2", Prefix=self._prefix, **token)
            for each in page.get("Contents", ()):
                key = each["Key"].removeprefix(self._prefix)
                if each["LastModified"] < moment and _KEY.fullmatch(key):
                    yield key
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}


def open_store(settings: Settings) -> Store:
    """Return the store that the settings name; without a setting, a folder in the data folder."""
    if settings.attachments_url is None:
        return FolderStore(settings.data_dir / "attachments")
    parts = urlsplit(settings.attachments_url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    prefix = parts.path.strip("/")
    return S3Store(
        parts.netloc,
        f"{prefix}/" if prefix else "",
        options.get("endpoint"),
        options.get("region"),
    )
