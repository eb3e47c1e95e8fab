# ruff: noqa: E501 - code under test reads better on one line
"""Chains, groups and chords: made, run, kept, nested."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Inventory, Literal
from tests.scanners.conftest import Scan

TASKS = "from celery import shared_task\n@shared_task\ndef a(x): ...\n@shared_task\ndef b(x): ...\n"
HEAD = "from tasks import a, b\nfrom celery import chain, group, chord\n"


def forms(inventory: Inventory) -> list[str]:
    return [e.form for e in inventory.of(Enqueue, "celery")]


def members(enqueue: Enqueue) -> list[tuple[str, object]]:
    return [(m.star or m.name, m.value.value if isinstance(m.value, Literal) else m.value.source) for m in enqueue.arguments]


@pytest.mark.parametrize(
    ("code", "form", "expected", "options"),
    [
        pytest.param("chain(a.s(1), b.si(2)).apply_async(countdown=3)", "chain.apply_async", [("", "a.s(1)"), ("", "b.si(2)")], {"countdown"}, id="chain"),
        pytest.param("chain(a.s(1), b.s())()", "chain()", [("", "a.s(1)"), ("", "b.s()")], set(), id="chain called"),
        pytest.param("chain([a.s(1), b.s()]).delay()", "chain.delay", [("", "a.s(1)"), ("", "b.s()")], set(), id="chain of a list"),
        pytest.param("chain(a.s(1), *rest).delay()", "chain.delay", [("", "a.s(1)"), ("*", "rest")], set(), id="chain with more"),
        pytest.param("(a.s(1) | b.s() | a.s()).delay()", "chain.delay", [("", "a.s(1)"), ("", "b.s()"), ("", "a.s()")], set(), id="pipe"),
        pytest.param("(a.s(1) | b.s())()", "chain()", [("", "a.s(1)"), ("", "b.s()")], set(), id="pipe called"),
        pytest.param("(load() | b.s()).delay()", "chain.delay", [("", "load()"), ("", "b.s()")], set(), id="pipe from something unknown"),
        pytest.param("(a.s(1) | load(3)).delay()", "chain.delay", [("", "a.s(1)"), ("", "load(3)")], set(), id="pipe into something unknown"),
        pytest.param("group(a.s(i) for i in y).delay()", "group.delay", [("", "(a.s(i) for i in y)")], set(), id="group of a generator"),
        pytest.param("group([a.s(1), b.s(2)]).apply_async()", "group.apply_async", [("", "a.s(1)"), ("", "b.s(2)")], set(), id="group"),
        pytest.param("chord([a.s(1)], b.s())()", "chord()", [("header", "[a.s(1)]"), ("body", "b.s()")], set(), id="chord"),
        pytest.param("chord([a.s(1)])(b.s())", "chord()", [("header", "[a.s(1)]"), ("body", "b.s()")], set(), id="chord in two calls"),
        pytest.param("chord(header=[a.s(1)], body=b.s()).on_error(a.s()).apply_async()", "chord.apply_async", [("header", "[a.s(1)]"), ("body", "b.s()")], set(), id="chord by keyword"),
        pytest.param("a.map([1, 2]).delay()", "map.delay", [("", [1, 2])], set(), id="map"),
        pytest.param("a.chunks(zip(x, y), 10)()", "chunks()", [("", "zip(x, y)"), ("", 10)], set(), id="chunks"),
        pytest.param("chain(a.s(1), group(b.s(), a.s())).delay()", "chain.delay", [("", "a.s(1)"), ("", "group(b.s(), a.s())")], set(), id="nested"),
        pytest.param("flow = chain(a.s(1), b.s())", "chain", [("", "a.s(1)"), ("", "b.s()")], set(), id="kept"),
    ],
)  # fmt: skip
def test_forms(scan_tree, code: str, form: str, expected: list, options: set) -> None:
    inventory = scan_tree({"tasks.py": TASKS, "use.py": HEAD + code})
    (canvas,) = [e for e in inventory.of(Enqueue, "celery") if e.form not in ("s", "si")]
    assert (canvas.form, canvas.name) == (form, form.split(".")[0].removesuffix("()"))
    assert members(canvas) == expected
    assert set(canvas.options) == options


def test_signatures_in_a_canvas_are_listed_too(scan_tree) -> None:
    inventory = scan_tree({"tasks.py": TASKS, "use.py": HEAD + "chain(a.s(1), b.si(2)).delay()\n"})
    assert sorted((e.form, e.job) for e in inventory.of(Enqueue)) == [("chain.delay", ""), ("s", "tasks:a"), ("si", "tasks:b")]


def test_a_canvas_that_is_kept_and_run_later(scan_tree) -> None:
    inventory = scan_tree(
        {"tasks.py": TASKS, "use.py": HEAD + "flow = chain(a.s(1), b.s())\nflow.apply_async(countdown=3)\none = a.s(2)\none.delay()\n"}
    )
    assert forms(inventory) == ["chain", "s", "s", "stored chain.apply_async", "s", "stored s.delay"]
    runs = [e for e in inventory.of(Enqueue) if e.form.startswith("stored")]
    assert [(e.location.line, e.arguments) for e in runs] == [(4, ()), (6, ())]


PIPELINE = """from celery import chain, group
from tasks import a
class Flow:
    def parts(self, listed):
        return listed.head() | group(listed.all()) | listed.tail()
    def build(self, first, more):
        flow = self.parts(first)
        if more:
            flow |= a.si(2)
        return flow
    def run(self):
        flow = self.build(self.first.all(), more=self.more.all())
        flow.apply_async(queue="q")
"""


def test_a_canvas_that_a_method_builds_of_what_only_the_run_knows(scan_tree) -> None:
    inventory = scan_tree({"tasks.py": TASKS, "use.py": PIPELINE})
    assert [(e.form, e.location.line) for e in inventory.of(Enqueue)] == [("group", 5), ("si", 9), ("stored chain.apply_async", 13)]


def test_what_a_class_of_the_project_shows_is_no_part_of_a_canvas(scan_tree) -> None:
    code = "from celery import group\nclass Mask:\n    bits = 3\n(Mask().bits | group([])).delay()\n(Mask() | group([])).delay()\n"
    assert "__or__" not in str(forms(scan_tree({"use.py": code})))
    assert [f for f in forms(scan_tree({"use.py": code})) if "delay" in f] == []


def test_the_signature_of_a_schedule_is_no_enqueue(scan_tree) -> None:
    inventory = scan_tree(
        {
            "tasks.py": TASKS,
            "use.py": "from celery import Celery\nfrom tasks import a\napp = Celery('p')\napp.add_periodic_task(3, a.s(1))\n",
        }
    )
    assert forms(inventory) == []


def test_union_types_are_no_pipes(scan_tree) -> None:
    inventory = scan_tree({"use.py": "from celery import Celery, Task\ndef f(app: Celery | None, t: Task | Celery): ...\n"})
    assert forms(inventory) == []


@pytest.mark.parametrize(
    ("body", "forms_", "name"),
    [
        pytest.param("steps = a.s(1)\n    steps |= b.s()\n    steps.delay()", ["s", "s", "stored chain.delay"], "chain", id="grown"),
        pytest.param(
            "steps = a.s(1)\n    steps = steps | b.s()\n    steps.delay()", ["s", "s", "stored chain.delay"], "chain", id="made anew"
        ),
        pytest.param("steps = a.s(1)\n    flags = 1\n    flags |= 2\n    steps.delay()", ["s", "stored s.delay"], "tasks.a", id="another"),
        pytest.param("steps = a.s(1)\n    steps.delay()\n    steps |= b.s()", ["s", "stored s.delay", "s"], "tasks.a", id="grown later"),
    ],
)
def test_a_chain_that_grows_step_by_step(scan_tree, body: str, forms_: list[str], name: str) -> None:
    code = "from celery import Celery\napp = Celery('x')\n@app.task\ndef a(n): ...\n@app.task\ndef b(n): ...\ndef start():\n    "
    inventory = scan_tree({"tasks.py": code + body + "\n"})
    assert forms(inventory) == forms_
    assert [e.name for e in inventory.of(Enqueue) if e.form.startswith("stored")] == [name]


JOINED = """
import functools
import operator
from functools import reduce
from operator import or_

from celery import shared_task
from django.db.models import Q

@shared_task
def mail(to): ...

@shared_task
def sweep(): ...

def run(found, signatures):
    steps = [mail.s(1), sweep.si()]
    later = []
    for one in found:
        later.append(mail.s(one))
    {call}
"""


@pytest.mark.parametrize(
    "joined",
    [
        "reduce(or_, steps)",
        "reduce(or_, later)",
        "functools.reduce(operator.or_, [mail.s(1), sweep.si()])",
        "reduce(lambda a, b: a | b, (mail.s(1), sweep.si()))",
        "reduce(operator.or_, [mail.s(one) for one in found])",
        "reduce(operator.or_, (mail.s(one) for one in found))",
    ],
)
def test_a_chain_that_reduce_joins(scan_tree: Scan, joined: str) -> None:
    inventory = scan_tree({"shop.py": JOINED.format(call=f"{joined}.delay()")})
    assert [(e.name, e.form, e.confidence) for e in inventory.of(Enqueue) if e.location.line == 21 and e.name == "chain"] == [
        ("chain", "chain.delay", "certain")
    ]
    assert inventory.unresolved == ()


def test_what_reduce_joins_is_its_members(scan_tree: Scan) -> None:
    inventory = scan_tree({"shop.py": JOINED.format(call="reduce(or_, [mail.s(1), sweep.si()]).delay()")})
    (chain,) = [e for e in inventory.of(Enqueue) if e.name == "chain"]
    assert members(chain) == [("", "mail.s(1)"), ("", "sweep.si()")]


def test_what_reduce_joins_may_be_for_the_caller_to_say(scan_tree: Scan) -> None:
    code = JOINED.format(call="reduce(or_, signatures).delay()")
    inventory = scan_tree({"shop.py": code})
    assert [(u.line, u.reason) for u in inventory.unresolved] == [
        (21, "what delay is called on could not be told: the parameter signatures")
    ]
    assert [u.line for u in scan_tree({"shop.py": code + "\nrun([], [mail.s(1)])\n"}).unresolved] == []


@pytest.mark.parametrize("call", ["reduce(or_, [Q(a=1), Q(b=2)])", "reduce(lambda a, b: a + b, steps)", "reduce(or_, {1, 2}).delay()"])
def test_what_reduce_makes_otherwise(scan_tree: Scan, call: str) -> None:
    inventory = scan_tree({"shop.py": JOINED.format(call=call)})
    assert [e.name for e in inventory.of(Enqueue) if e.name == "chain"] == []
