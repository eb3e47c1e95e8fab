"""The numbers that a move can run into: what they are about (MIG01 to MIG16), and how one system's number is written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal as OneOf

import msgspec

Unit = OneOf["s", "bytes", "count"]


class LimitCheck(msgspec.Struct, frozen=True):
    """What a family of limits is about, and how an application is held against it."""

    id: str
    title: str
    explanation: str


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """One number of one system.

    `name` is unique in its system together with `plan`. `kind`: a maximum or minimum that the system enforces, the default that holds when
    nothing is said, or advice that its makers give. `value` is in `unit`. `per` says what it counts for, in words: `run`, `step`, `event`.
    `plan` is the vendor's plan or the host that it depends on; empty where it holds for all.
    """

    id: str  #: of the `LimitCheck` that it belongs to
    name: str
    title: str
    value: float
    unit: Unit
    per: str
    source: str  #: document, file or package, with its version; says so where it is a third party or from memory
    checked: str  #: the day on which the source was read, as YYYY-MM-DD
    plan: str = ""
    kind: OneOf["maximum", "minimum", "default", "advice"] = "maximum"
    note: str = ""


_CHECKS = (
    LimitCheck("MIG01", "Steps in a run", "How many steps one run may have: loops and fan-outs inside a handler multiply."),
    LimitCheck("MIG02", "Result of a step or job", "How large what a step or a job returns may be."),
    LimitCheck("MIG03", "State of a run", "How large all results of one run may be together."),
    LimitCheck("MIG04", "Size of a message", "How large what a job is given may be."),
    LimitCheck("MIG05", "Jobs in one call", "How many jobs one call may enqueue."),
    LimitCheck("MIG06", "Number of retries", "How often a job can be tried again, and how often it is when nothing is said."),
    LimitCheck("MIG07", "Waits between attempts", "How short and how long a wait between two attempts may be."),
    LimitCheck("MIG08", "Longest delay", "How far ahead a job may be scheduled, and how long a run may sleep."),
    LimitCheck("MIG09", "Range of priorities", "Which numbers a priority may have."),
    LimitCheck("MIG10", "Window of deduplication", "For how long a second job with the same id is kept out."),
    LimitCheck("MIG11", "Length of names", "How long names of queues and events may be."),
    LimitCheck("MIG12", "Precision of schedules", "How often schedules are looked at, and how finely they can be written."),
    LimitCheck("MIG13", "Longest run", "How long one attempt may take, and when a run counts as lost."),
    LimitCheck("MIG14", "Waiting for others", "How many children or parts one job may wait for."),
    LimitCheck("MIG15", "Jobs at once", "How many jobs run at the same time when nothing is said, or at most."),
    LimitCheck("MIG16", "Other numbers", "What else is counted: triggers, limits, batches, connections, retention."),
)

#: names of the limits that hold for every job of which nothing else is said
UNSAID = frozenset(("time-limit", "expiry", "default-function-time"))

#: id -> what it is about
LIMIT_CHECKS: Mapping[str, LimitCheck] = {check.id: check for check in _CHECKS}
