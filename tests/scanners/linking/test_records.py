"""What a dataclass and its kin are made with, under the names of their fields; and classes that only look like one."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Schedule, literal_of
from tests.scanners.conftest import Scan

HEAD = """
import dataclasses
from collections import namedtuple
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Callable, ClassVar, NamedTuple

import attrs
from pydantic import BaseModel
from redis import Redis
from rq import Queue

queue = Queue(connection=Redis())

def mail(to): ...
def tidy(): ...

{info}

def start(info: Info, timeout=None):
    queue.enqueue(info.func, *info.args, job_timeout=timeout)

def view(user):
    {call}
"""
FIELDS = "    func: Callable\n    args: tuple = ()\n"


def names(scan_tree: Scan, info: str, call: str) -> list[tuple[str, int]]:
    code = HEAD.replace("{info}", info).replace("{call}", call)
    inventory = scan_tree({"jobs.py": code})
    line = code[: code.index(call)].count("\n") + 1
    return [(e.name, e.location.line - line) for e in inventory.of(Enqueue) if e.name]


@pytest.mark.parametrize(
    "info",
    [
        f"@dataclass\nclass Info:\n{FIELDS}",
        f"@dataclasses.dataclass(frozen=True)\nclass Info:\n{FIELDS}",
        f"@attrs.define\nclass Info:\n{FIELDS}",
        f"class Info(NamedTuple):\n{FIELDS}",
        "@dataclass\nclass Base:\n    func: Callable\n\n@dataclass\nclass Info(Base):\n    args: tuple = ()\n",
        f"@dataclass\nclass Info:\n    seen: ClassVar[int] = 0\n{FIELDS}",
    ],
    ids=["dataclass", "with options", "attrs", "named tuple", "inherited", "a class variable first"],
)
@pytest.mark.parametrize(
    "call", ["start(Info(mail, (user,)))", "start(Info(args=(user,), func=mail))", "info = Info(mail)\n    start(info)"]
)
def test_a_function_in_a_record(scan_tree: Scan, info: str, call: str) -> None:
    assert names(scan_tree, info, call) == [("jobs.mail", call.count("\n"))]


@pytest.mark.parametrize(
    ("info", "call"),
    [
        (f"class Info(BaseModel):\n{FIELDS}", "start(Info(func=mail))"),
        (f"@dataclass(kw_only=True)\nclass Info:\n{FIELDS}", "start(Info(args=(), func=mail))"),
        ("@dataclass\nclass Info:\n    args: tuple\n    _: KW_ONLY\n    func: Callable = tidy\n", "start(Info((1,), func=mail))"),
    ],
    ids=["pydantic", "by name alone", "by name after a mark"],
)
def test_fields_that_are_given_by_name(scan_tree: Scan, info: str, call: str) -> None:
    assert names(scan_tree, info, call) == [("jobs.mail", 0)]


def test_a_field_that_is_left_out_has_its_default(scan_tree: Scan) -> None:
    assert names(scan_tree, "@dataclass\nclass Info:\n    args: tuple = ()\n    func: Callable = tidy\n", "start(Info((user,)))") == [
        ("jobs.tidy", 0)
    ]


@pytest.mark.parametrize(
    ("info", "call"),
    [
        (f"class Info:\n{FIELDS}", "start(Info(mail))"),
        (f"@dataclass\nclass Info:\n{FIELDS}\n    def __init__(self, *parts):\n        self.parts = parts\n", "start(Info(mail))"),
        (f"class Info(BaseModel):\n{FIELDS}", "start(Info(mail))"),
        (f"@dataclass\nclass Info:\n{FIELDS}", "start(Info(*user))"),
        (f"@dataclass\nclass Info:\n    label: str\n{FIELDS}", "start(Info(mail))"),
    ],
    ids=["no record", "its own constructor", "never by position", "unpacked", "another field"],
)
def test_what_is_no_field_of_it(scan_tree: Scan, info: str, call: str) -> None:
    assert names(scan_tree, info, call) == []


ROWS = """
from dataclasses import dataclass
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

@dataclass
class Row:
    name: str
    every: int = 0
    period: str | None = None
    hour: str = "*"

    def create(self):
        if self.period:
            interval, _ = IntervalSchedule.objects.get_or_create(every=self.every, period=self.period)
            defaults = {"name": self.name, "interval": interval}
        else:
            crontab, _ = CrontabSchedule.objects.get_or_create(minute="0", hour=self.hour)
            defaults = {"name": self.name, "crontab": crontab}
        PeriodicTask.objects.get_or_create(task=self.name, defaults=defaults)

ROWS = [Row("shop.nightly", hour="3"), Row("shop.often", 5, "minutes"), Row("shop.seldom", 5, IntervalSchedule.HOURS)]

def setup():
    for row in ROWS:
        row.create()
"""


def test_a_method_of_each_of_a_list_of_records(scan_tree: Scan) -> None:
    found = [s for s in scan_tree({"setup.py": "", "shop/rows.py": ROWS}).of(Schedule) if not s.wrapper]
    assert [(s.name, s.location.line, literal_of(s.cron), literal_of(s.interval), s.confidence) for s in found] == [
        ("shop.nightly", 25, "0 3 * * *", None, "certain"),
        ("shop.often", 25, None, 300, "certain"),
        # Which branch is run is told by a constant of a package, which nobody reads.
        ("shop.seldom", 25, None, None, "likely"),
    ]
    assert found[2].reason == "which of several schedules this is, is only known at run time"


def test_a_method_of_things_that_only_the_run_knows(scan_tree: Scan) -> None:
    inventory = scan_tree({"shop/rows.py": ROWS.replace("for row in ROWS:", "for row in load():")})
    assert [(s.name, s.location.line) for s in inventory.of(Schedule)] == [("", 19)]
