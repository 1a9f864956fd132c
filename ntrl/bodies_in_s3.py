"""Bodies as objects in an S3 bucket, through django-storages: of Amazon, or of a service that speaks S3.

An object is the body's gzip as it is: ContentEncoding says so to others, and nothing here packs or unpacks it again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any

from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
from django.core.files.base import ContentFile, File
from storages.backends.s3 import S3Storage  # type: ignore[import-untyped]

from ntrl.bodies import MAX_BODY_BYTES

# A stage's item has a minute or two, a reader's page has less: three tries of these stay within both.
CONNECT_SECONDS = 3
READ_SECONDS = 10
TRIES = 3
# More than the workers of any stage, so that none waits for a connection.
CONNECTIONS = 32
_NO_SUCH_OBJECT = {"NoSuchKey", "404", "NotFound"}


class S3Bodies(S3Storage):  # type: ignore[misc]  # the library has no types
    """django-storages' S3 storage with one request an object, where the library makes three.

    Args:
        bucket_name: the bucket; `setup_storage` makes it.
        endpoint_url: a service other than Amazon's, "" for Amazon. Its buckets are named in the path, not the host.
        region_name: "" for what boto3 finds in the environment.
    """

    def __init__(self, *, bucket_name: str, endpoint_url: str = "", region_name: str = "") -> None:
        super().__init__(
            bucket_name=bucket_name,
            endpoint_url=endpoint_url or None,
            region_name=region_name or None,
            file_overwrite=True,
            default_acl=None,
            gzip=False,
            object_parameters={"ContentType": "text/plain", "ContentEncoding": "gzip"},
            client_config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path" if endpoint_url else "auto"},
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": TRIES},
                max_pool_connections=CONNECTIONS,
                # Bodies have hashes of their own, and services that are not Amazon's often refuse the trailing ones.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    @cached_property
    def client(self) -> Any:
        """One client for all threads: boto3's clients may be shared, its resources may not."""
        return self._create_session().client(
            "s3", region_name=self.region_name, endpoint_url=self.endpoint_url, config=self.client_config
        )

    def delete(self, name: str) -> None:
        """Remove an object; S3 does not mind when there is none."""
        with self.errors_as_os_errors():
            self.client.delete_object(Bucket=self.bucket_name, Key=name)

    def exists(self, name: str) -> bool:
        """Whether there is such an object."""
        try:
            self.get_modified_time(name)
        except FileNotFoundError:
            return False
        return True

    def get_modified_time(self, name: str) -> datetime:
        """When the object was written."""
        with self.errors_as_os_errors():
            written: datetime = self.client.head_object(Bucket=self.bucket_name, Key=name)["LastModified"]
        return written

    def ping(self) -> None:
        """Ask whether the bucket is there and ours to use."""
        try:
            with self.errors_as_os_errors():
                self.client.head_bucket(Bucket=self.bucket_name)
        except FileNotFoundError as error:  # the answer to HEAD has no words: it is the bucket that is not there
            raise OSError(f"there is no bucket {self.bucket_name}") from error

    def walk(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        """Yield each object under a prefix and when it was written; a page is a thousand."""
        with self.errors_as_os_errors():
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket_name, Prefix=prefix)
            for page in pages:
                for found in page.get("Contents", ()):
                    yield found["Key"], found["LastModified"]

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        with self.errors_as_os_errors():
            reply = self.client.get_object(Bucket=self.bucket_name, Key=name)
            # What is larger than any body of ours is not taken into memory; the caller finds it cut short.
            is_ours = reply["ContentLength"] <= MAX_BODY_BYTES
            return ContentFile(reply["Body"].read() if is_ours else b"", name)

    def _save(self, name: str, content: "File[bytes]") -> str:
        with self.errors_as_os_errors():
            self.client.put_object(Bucket=self.bucket_name, Key=name, Body=content.read(), **self.object_parameters)
        return name

    @contextmanager
    def errors_as_os_errors(self) -> Iterator[None]:
        """Turn the library's errors into what a file system raises, with a sentence for the operator.

        A bucket that is not there is no missing object: it must not look as though the body had expired.
        """
        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _NO_SUCH_OBJECT:
                raise FileNotFoundError(f"no such object in the bucket {self.bucket_name}") from error
            if code == "NoSuchBucket":
                hint = f"there is no bucket {self.bucket_name}; make it: python manage.py setup_storage"
                raise OSError(hint) from error
            raise OSError(f"the bucket {self.bucket_name} refused: {error}") from error
        except BotoCoreError as error:
            raise OSError(f"the bucket {self.bucket_name} can't be reached: {error}") from error
