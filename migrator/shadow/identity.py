"""What live traffic is known by: every process of every host works out the same, and asks nobody."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Iterator

from migrator.regex import regex
from migrator.shadow.drivers.interface import MARKER
from migrator.shadow.routing import SEPARATOR

#: a name and a key, of what every system takes as part of a job's id (BullMQ forbids `:`, RQ all but these, SQS more than 128 characters),
#: where it is plain at which `-` the one ends and the other begins
_PLAIN = regex(r"(?=.{,100}\Z)[A-Za-z0-9_]+-[A-Za-z0-9_-]+")
_process = os.urandom(12).hex()
_number = itertools.count(1)


def experiment_id(name: str, salt: str) -> str:
    """The first part of the key of every job of an experiment on live traffic.

    >>> experiment_id("import", "import")
    'ce82d57d'
    """
    return hashlib.sha256(f"migrator{SEPARATOR}{name}{SEPARATOR}{salt}".encode()).hexdigest()[:8]


def new_keys(experiment: str) -> Iterator[str]:
    """Without end: an identity in every system for one job after another, of the process's random part and a number.

    For this process: what a child of a fork goes on with would be its parent's. Taking one runs no Python.
    """
    return map(f"{experiment}-{_process}".__add__, map(str, _number))


def job_key(experiment: str, job: str, key: str) -> str:
    """A job's identity in every system. `key`: the application's own, by which it would know a second sending for the same job; jobs of
    other names may have the same. What some system would not take as part of an id stands there as a hash of itself.

    >>> job_key("9ce71829", "mail", "order-7")
    '9ce71829-mail-order-7'
    >>> job_key("9ce71829", "mail", "order:7")
    '9ce71829-193787ad8c057f01684c9073c92a194e'
    """
    plain = f"{job}-{key}"
    if "-" in job or not _PLAIN.fullmatch(plain):
        plain = hashlib.sha256(f"{job}{SEPARATOR}{key}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{experiment}-{plain}"


def mark(experiment: str, key: str, arm: str) -> dict[str, dict[str, str]]:
    """What a payload carries, so that a job in a store can be tied to the experiment, and jobs that it starts stay in its arm.

    >>> mark("9ce71829", "9ce71829-order-7", "new")
    {'__shadow': {'ledger': '9ce71829', 'key': '9ce71829-order-7', 'arm': 'new'}}
    """
    return {MARKER: {"ledger": experiment, "key": key, "arm": arm}}


def _in_child() -> None:
    global _process
    _process = os.urandom(12).hex()


os.register_at_fork(after_in_child=_in_child)
