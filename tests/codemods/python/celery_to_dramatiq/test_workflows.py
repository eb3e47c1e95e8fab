"""Chains and groups: those that can be read off the code move with all their members, the others stay with all their members."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codemods.python.celery_to_dramatiq.shop import check_left, move

JOBS = """from celery import chain, chord, group, shared_task


@shared_task
def a(x):
    return x


@shared_task(bind=True)
def b(self, result, y=1, z=2):
    return result


@shared_task
def c():
    print("c")


"""

FORMS = {
    "chain": ("chain(a.s(1), b.s()).delay()", "dramatiq.pipeline([a.message(1), b.message_with_options()]).run()"),
    "chain called": ("chain(a.s(1), b.s())()", "dramatiq.pipeline([a.message(1), b.message_with_options()]).run()"),
    "chain sent": ("chain(a.s(1), b.s()).apply_async()", "dramatiq.pipeline([a.message(1), b.message_with_options()]).run()"),
    "the result goes first": (
        "chain(a.s(1), b.s(5, 6))()",
        'dramatiq.pipeline([a.message(1), b.message_with_options(kwargs={"y": 5, "z": 6})]).run()',
    ),
    "mixed": ("chain(a.s(1), b.s(5, z=6))()", 'dramatiq.pipeline([a.message(1), b.message_with_options(kwargs={"y": 5, "z": 6})]).run()'),
    "immutable": ("chain(a.s(1), c.si())()", "dramatiq.pipeline([a.message(1), c.message_with_options(pipe_ignore=True)]).run()"),
    "immutable with arguments": (
        "chain(a.si(1), b.si(5, y=6, z=7))()",
        'dramatiq.pipeline([a.message(1), b.message_with_options(args=(5,), kwargs={"y": 6, "z": 7}, pipe_ignore=True)]).run()',
    ),
    "pipes": (
        "(a.s(1) | b.s() | c.si()).delay()",
        "(a.message(1) | b.message_with_options() | c.message_with_options(pipe_ignore=True)).run()",
    ),
    "pipes over lines": ("(\n    a.s(1)\n    | b.s()\n)()", "(\n    a.message(1)\n    | b.message_with_options()\n).run()"),
    "delayed": (
        "chain(a.s(1), b.s()).apply_async(countdown=9)",
        "dramatiq.pipeline([a.message(1), b.message_with_options()]).run(delay=9000)",
    ),
    "group of a generator": ("group(a.s(n) for n in [1])()", "dramatiq.group(a.message(n) for n in [1]).run()"),
    "group of a list": ("group([a.s(1), c.s()]).delay()", "dramatiq.group([a.message(1), c.message()]).run()"),
    "group of a comprehension": ("group([a.s(n) for n in [1]])()", "dramatiq.group([a.message(n) for n in [1]]).run()"),
    "group one by one": ("group(a.s(1), c.si()).apply_async()", "dramatiq.group([a.message(1), c.message()]).run()"),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(tmp_path: Path, form: str) -> None:
    before, after = FORMS[form]
    moved = move(tmp_path, {"shop/jobs.py": f"{JOBS}def start():\n    {before.replace(chr(10), chr(10) + '    ')}\n"})
    assert set(moved.outcomes().values()) == {"safe rewritten"}
    written = moved.files["shop/jobs.py"].split("def start():\n    ", 1)[1]
    assert written.replace("\n    ", "\n") == after + "\n"
    assert "celery" not in moved.files["shop/jobs.py"]


LEFT = {
    "unpacked": "chain(a.s(1), *[b.s()])()",
    "from a list": "chain([a.s(1), b.s()])()",
    "kept": "flow = chain(a.s(1), b.s())",
    "returned": "return chain(a.s(1), b.s())",
    "with errors": "chain(a.s(1), b.s()).on_error(c.s()).delay()",
    "linked": "chain(a.s(1), b.s()).apply_async(link=c.s())",
    "with a queue": "chain(a.s(1), b.s()).apply_async(queue='slow')",
    "with arguments": "chain(a.s(1), b.s()).delay(3)",
    "nested": "chain(a.s(1), group(b.s(), c.si()))()",
    "chord": "chord([a.s(1)], b.s())()",
    "chord of pipes": "(group(a.s(1), a.s(2)) | b.s()).delay()",
    "step with options": "chain(a.s(1), b.s().set(queue='slow'), c.si())()",
    "step unpacked": "chain(a.s(*[1]), b.s(**{}), c.si())()",
    "too many arguments": "chain(a.s(1), b.s(1, 2, 3), c.si())()",
    "one step": "chain(a.s(1))() or b.s(c.s())",
    "a signature in a step": "chain(a.s(c.s()), b.s())()",
    "added later": "steps = [a.s(1)]\nsteps.append(b.s())\nchain(*steps, c.si())()",
    "by name": "chain(a.s(1), b.s(), c.si(), signature('other'))()",
}


@pytest.mark.parametrize("form", LEFT)
def test_left_to_a_person(tmp_path: Path, form: str) -> None:
    body = LEFT[form].replace("\n", "\n    ")
    before = f"{JOBS}def start():\n    {body}\n"
    if "c." not in body:
        before = before.replace('@shared_task\ndef c():\n    print("c")\n\n\n', "")
    trap = "MIG125" if form == "returned" else "MIG124"
    trap = "MIG123" if form == "too many arguments" else trap
    if form == "returned":
        trap = "MIG124"
    moved = check_left(tmp_path, before, trap, unsafe=True)
    assert set(moved.outcomes().values()) == {"manual left"}


def test_one_that_stays_keeps_the_others(tmp_path: Path) -> None:
    before = JOBS.replace("@shared_task\ndef c", '@shared_task(rate_limit="1/s")\ndef c')
    moved = move(tmp_path, {"shop/jobs.py": f"{before}def start():\n    a.delay(1)\n    chain(b.s(1), c.si())()\n"})
    assert moved.outcomes() == {"shop.jobs.a": "safe rewritten", "shop.jobs.b": "manual left", "shop.jobs.c": "manual left"}
    assert "chain(b.s(1), c.si())()" in moved.files["shop/jobs.py"]
    assert "MIG159" in moved.traps()


def test_what_another_decorator_made_of_the_parameters_is_not_guessed(tmp_path: Path) -> None:
    before = """
    from celery import chain, shared_task

    from shop.things import wrapped


    @shared_task
    def a(x):
        return x


    @shared_task
    @wrapped
    def b(x, y):
        return x


    def start():
        chain(a.s(1), b.s(2))()
    """
    check_left(tmp_path, before, "MIG123")
