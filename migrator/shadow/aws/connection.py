"""From an arm's address to a client of SQS, and from AWS's errors to ours."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec
from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.exceptions import (
    ConnectionError as NotConnected,
)

from migrator.errors import MigratorError
from migrator.regex import regex
from migrator.shadow.drivers.interface import StoreDown

_REGION = regex(r"^(?:sqs(?:-fips)?\.)?([a-z]{2}(?:-[a-z]+)+-\d)(?:\.queue)?\.(?:amazonaws\.com|api\.aws)")
#: errors that say who we are, or what we may do, rather than anything about the request
_STRANGER = (
    *("AccessDenied", "AccessDeniedException", "AuthFailure", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature"),
    *("InvalidAccessKeyId", "InvalidClientTokenId", "InvalidSecurity", "MissingAuthenticationToken", "NotAuthorized"),
    *("RequestExpired", "SignatureDoesNotMatch", "UnrecognizedClientException"),
)
_BUSY = ("OverLimit", "RequestThrottled", "ThrottledException", "Throttling", "ThrottlingException", "TooManyRequestsException")
_NO_QUEUE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
_CREDENTIALS = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, as for the AWS command line."


class Address(msgspec.Struct, frozen=True):
    """What an arm's address says. `queue_url` is empty where it names no queue, `region` and `endpoint` where AWS's own settings say it."""

    region: str
    endpoint: str
    queue_url: str

    @property
    def queue(self) -> str:
        """The queue that the address names."""
        return self.queue_url.rsplit("/", 1)[-1]


def read_address(text: str) -> Address | None:
    """A queue's URL, an endpoint, or `sqs://REGION`; None for anything else.

    >>> read_address("https://sqs.eu-central-1.amazonaws.com/123456789012/tasks").queue
    'tasks'
    >>> read_address("sqs://eu-west-1")
    Address(region='eu-west-1', endpoint='', queue_url='')
    >>> read_address("redis://127.0.0.1:6379/0")
    """
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme == "sqs":
        return Address(parts.netloc, "", "") if parts.netloc and not parts.path.strip("/") else None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    region = _REGION.match(parts.hostname)
    names_queue = len(parts.path.strip("/").split("/")) == 2
    return Address(region[1] if region else "", f"{parts.scheme}://{parts.netloc}", text.rstrip("/") if names_queue else "")


def sqs_client(address: Address, name: str, timeout: float) -> Any:
    """A client that asks once: a second try after a lost answer could put a second message into a standard queue.

    Raises MigratorError when nothing says in which region.
    """
    config = Config(connect_timeout=timeout, read_timeout=timeout, retries={"total_max_attempts": 1}, max_pool_connections=4)
    try:
        # boto3 itself reads AWS_DEFAULT_REGION only; Lambdas and AWS's other SDKs go by AWS_REGION.
        session = Session(region_name=address.region or os.environ.get("AWS_REGION") or None)
        return session.client("sqs", endpoint_url=address.endpoint or None, config=config)
    except NoRegionError as error:
        raise MigratorError(
            "nothing says in which AWS region the queue is",
            place=name,
            remedy="Write the queue's URL (https://sqs.eu-central-1.amazonaws.com/123456789012/tasks), or set AWS_REGION.",
        ) from error
    except ProfileNotFound as error:
        raise MigratorError(str(error), place="AWS_PROFILE", remedy=_CREDENTIALS) from error


@contextmanager
def plain_errors(name: str, refusal: type[Exception] = StoreDown, *, teach: bool = False) -> Generator[None]:
    """Errors of the client as StoreDown, those that are an answer as `refusal`; with `teach`, what is to be set right as MigratorError."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise MigratorError("there are no AWS credentials", place=name, remedy=_CREDENTIALS) from error
    except (NotConnected, HTTPClientError) as error:
        raise StoreDown(str(error)) from error
    except ClientError as error:
        raise _answer(error, name, refusal, teach=teach) from error
    except BotoCoreError as error:  # its own checks of what it is given
        raise refusal(str(error)) from error


def _answer(error: ClientError, name: str, refusal: type[Exception], *, teach: bool) -> Exception:
    said: Any = error.response
    code, message = str(said.get("Error", {}).get("Code", "")), str(said.get("Error", {}).get("Message", ""))
    status = int(said.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    text = f"{code}: {message}"
    if code in _BUSY or status == 429 or status >= 500:
        return StoreDown(text)
    if teach and (code in _STRANGER or status in (401, 403)):
        return MigratorError(f"AWS does not let us in: {text}", place=name, remedy=_CREDENTIALS)
    if teach and code in _NO_QUEUE:
        remedy = "Queues belong to one region and one account: see that the address, the arm's `queue` and AWS_REGION name the right ones."
        return MigratorError(f"there is no such queue: {message}", place=name, remedy=remedy)
    return refusal(text)
