"""How a job is made of a function: every way of decorating and handing over, and what a definition needs to know of the function."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from migrator.scanners.files import walk
from migrator.scanners.found import Found
from migrator.scanners.linking import Evaluator, Place, Project
from migrator.scanners.manifests.versions import Versions
from migrator.scanners.python.decorators import decorated_functions
from migrator.scanners.python.functions import function_of, handler, location_of, made
from migrator.scanners.reading import View
from migrator.syntax.tree import walk as walk_nodes

HEAD = "import lib\n"


def view_of(folder: Path, files: dict[str, str], path: str = "app/jobs.py") -> View:
    for name, text in {"app/__init__.py": "", **files}.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text))
    project = Project(walk(folder), {"lib"})
    evaluator = Evaluator(project, lambda key: key.startswith("lib"))
    return View(project.source(path), project, evaluator, Versions(), Found())


DECORATED = {
    "bare": ("@lib.job\ndef f(): ...", "app.jobs:f", {}, 2, "decorator"),
    "called": ("@lib.job('q', retry=2)\ndef f(): ...", "app.jobs:f", {0: "'q'", "retry": "2"}, 2, "decorator"),
    "method of an object": ("app = lib.App()\n@app.job(name='x')\ndef f(): ...", "app.jobs:f", {"name": "'x'"}, 3, "decorator"),
    "below another": ("@cached\n@lib.job\n@traced()\ndef f(): ...", "app.jobs:f", {}, 3, "decorator"),
    "static method": ("class A:\n    @lib.job\n    def f(): ...", "app.jobs:A.f", {}, 3, "decorator"),
    "prepared": ("high = lib.job('high')\n@high\ndef f(): ...", "app.jobs:f", {0: "'high'"}, 3, "project-decorator"),
    "project decorator": (
        "def task(fn):\n    def wrapper(): fn()\n    return lib.job(wrapper, retry=1)\n@task\ndef f(): ...",
        *("app.jobs:f", {"retry": "1"}, 5, "project-decorator"),
    ),
    "project decorator with options": (
        "def task(q):\n    def inner(fn):\n        return lib.job(q)(fn)\n    return inner\n@task('q')\ndef f(): ...",
        *("app.jobs:f", {0: "q"}, 6, "project-decorator"),
    ),
    "async": ("@lib.job\nasync def f(): ...", "app.jobs:f", {}, 2, "decorator"),
}


@pytest.mark.parametrize(("code", "job", "arguments", "line", "form"), DECORATED.values(), ids=DECORATED)
def test_decorated(tmp_path: Path, code: str, job: str, arguments: dict, line: int, form: str) -> None:
    view = view_of(tmp_path, {"app/jobs.py": HEAD + code})
    (found,) = decorated_functions(view, lambda m: m.key.endswith(".job"))
    assert (found.made.function.job, found.form) == (job, form)
    assert {k: v.text for k, v in found.made.arguments.items()} == arguments
    assert location_of(found.made.function, found.decorator).line == line
    assert handler(found.made.function.place).is_async == ("async" in code)


NOT_DECORATED = {
    "another decorator": "@lib.other\ndef f(): ...",
    "a function of that name": "def job(f): return f\n@job\ndef f(): ...",
    "class": "@lib.job\nclass A: ...",
    "plain": "def f(): ...",
}


@pytest.mark.parametrize("code", NOT_DECORATED.values(), ids=NOT_DECORATED)
def test_not_decorated(tmp_path: Path, code: str) -> None:
    view = view_of(tmp_path, {"app/jobs.py": HEAD + code})
    assert [f.made.function.job for f in decorated_functions(view, lambda m: m.key.endswith(".job"))] == []


HANDED = {
    "function": ("lib.job(f, retry=1)", "lib.job", {"retry": "1"}),
    "positions after it": ("lib.job(f, 'q')", "lib.job", {0: "'q'"}),
    "options first": ("lib.job('q', retry=1)(f)", "lib.job", {0: "'q'", "retry": "1"}),
    "no options": ("lib.job()(f)", "lib.job", {}),
}


@pytest.mark.parametrize(("code", "definer", "arguments"), HANDED.values(), ids=HANDED)
def test_handed_over(tmp_path: Path, code: str, definer: str, arguments: dict) -> None:
    view = view_of(tmp_path, {"app/jobs.py": f"{HEAD}def f(): ...\ng = {code}\n"})
    call = next(n for n in walk_nodes(view.source.root, ("assignment",))).child_by_field_name("right")
    assert call is not None
    result = made(view.evaluator, view.evaluator.of(view.source, call))
    assert result is not None
    assert (result.definer.key, result.function.job, result.decorated) == (definer, "app.jobs:f", False)
    assert {k: v.text for k, v in result.arguments.items()} == arguments


FUNCTIONS = {
    "imported": ("from app.other import send as s\nuse(s)", "app.other:send"),
    "method": ("class A:\n    def m(self): ...\nuse(A.m)", "app.jobs:A.m"),
    "decorated by others": ("@cached\ndef f(): ...\nuse(f)", "app.jobs:f"),
    "decorated": ("@lib.job\ndef f(): ...\nuse(f)", "app.jobs:f"),
    "lambda": ("use(lambda: 1)", "app.jobs:<lambda>"),
    "inner": ("def outer():\n    def inner(): ...\n    use(inner)", "app.jobs:inner"),
    "outside": ("from os.path import join\nuse(join)", ""),
    "text": ("use('app.other.send')", ""),
    "class": ("class A: ...\nuse(A)", ""),
}


@pytest.mark.parametrize(("code", "job"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_function_of(tmp_path: Path, code: str, job: str) -> None:
    view = view_of(tmp_path, {"app/other.py": "def send(): ...\n", "app/jobs.py": HEAD + code})
    call = next(c for c in walk_nodes(view.source.root, ("call",)) if view.source.text(c).startswith("use("))
    given = view.evaluator.arguments(view.place(call))[0]
    assert isinstance(given, Place)
    function = function_of(view.evaluator, view.evaluator.meaning(given))
    assert (function.job if function is not None else "") == job
