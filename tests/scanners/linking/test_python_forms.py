"""Python expressions whose meaning is more than their last name; and code that would take for ever if each question were asked anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.jobs import Enqueue
from migrator.scanners.files import walk
from migrator.scanners.linking import Evaluator, Instance, Known, Meaning, Place, Project, Unknown
from migrator.syntax.tree import field
from migrator.syntax.tree import walk as walk_nodes


def wanted(folder: Path, code: str) -> tuple[Evaluator, Place]:
    """The value assigned to `wanted`, in a project to which only `celery` matters."""
    (folder / "shop").mkdir()
    (folder / "shop/__init__.py").write_text("")
    (folder / "shop/main.py").write_text(f"import celery\nfrom celery import Celery, shared_task\n{code}\n")
    project = Project(walk(folder), {"celery"})
    source = project.source("shop/main.py")
    evaluator = Evaluator(project, lambda key: key.startswith("celery"))
    values = [n for n in walk_nodes(source.root, ("assignment",)) if source.text(field(n, "left") or n) == "wanted"]
    value = field(values[-1], "right")
    assert value is not None
    return evaluator, Place(source, value)


def meaning(folder: Path, code: str) -> Meaning:
    evaluator, place = wanted(folder, code)
    return evaluator.meaning(place)


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("a, b = Celery(), Celery()\nwanted = Celery() | Celery()", "celery.Celery().__or__()"),
        ("wanted = Celery() | Celery() | Celery()", "celery.Celery().__or__().__or__()"),
        ("wanted = getattr(Celery(), 'task')", "celery.Celery().task"),
        ("def f() -> Celery: return load().x\nwanted = f()", "celery.Celery()"),
        ("def f() -> 'int': return Celery()\nwanted = f()", "celery.Celery()"),
        ("make = shared_task(queue='q')\n@make\ndef f(): ...\nwanted = f", "celery.shared_task()"),
    ],
)
def test_keys(tmp_path: Path, code: str, key: str) -> None:
    assert meaning(tmp_path, code).key == key


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("wanted = __name__", "shop.main"),
        ("wanted = f'{__name__}.x'", "shop.main.x"),
        ("N = 3\nwanted = f'a{N}'", "a3"),
        ("def f(): ...\nwanted = f.__name__", "f"),
        ("def f(**o): return o['a']\nwanted = f(a=1)", 1),
        ("def f(a, **o): return o.get\ndef g(**o): return o['b']\nwanted = g(**{'b': 2})", 2),
        ("OPTIONS = {'a': 1}\ndef f(a): return a\nwanted = f(**OPTIONS)", 1),
        ("def f(a): return a\ndef g(**o): return f(**o)\nwanted = g(a=4)", 4),
        ("class C:\n    def __init__(self, **o):\n        self.o = o\nwanted = C(a=5).o['a']", 5),
    ],
)
def test_values(tmp_path: Path, code: str, value: object) -> None:
    assert meaning(tmp_path, code) == Known(value)


@pytest.mark.parametrize(
    "code",
    [
        "wanted = f'{load()}.x'",
        "wanted = f'{3:>5}'",
        "wanted = f'a\\n{3}'",
        "wanted = getattr(Celery(), load())",
        "import importlib\nwanted = importlib.import_module('celery')",
        "wanted = __import__('celery')",
        "for wanted_from in load(): wanted = wanted_from",
    ],
)
def test_what_only_the_run_knows(tmp_path: Path, code: str) -> None:
    assert isinstance(meaning(tmp_path, code), Unknown)


def test_the_call_behind_a_decorator_is_the_one_with_the_options(tmp_path: Path) -> None:
    job = "def job(queue):\n    def make(f):\n        return shared_task(queue=queue)(f)\n    return make\n"
    code = f"{job}@job('mail')\ndef f(): ...\nwanted = f"
    evaluator, place = wanted(tmp_path, code)
    made = evaluator.meaning(place)
    assert isinstance(made, Instance)
    assert made.call is not None
    queue = evaluator.arguments(made.call)["queue"]
    assert isinstance(queue, Place)
    assert evaluator.text(queue) == "mail"


def test_a_generator_is_the_only_argument(tmp_path: Path) -> None:
    evaluator, place = wanted(tmp_path, "wanted = celery.group(x for x in y)")
    assert list(evaluator.arguments(place)) == [0]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("def f(n): return f(n - 1) + f(n - 2) + f(n - 3) + f(n - 4)\nwanted = f(40)", id="a function in terms of itself"),
        pytest.param(
            "def f(m):\n    for x in range(9):\n        m = m | x\n        m = m + x\n        m = m or x\n    return m\nwanted = f(load())",
            id="a name in terms of itself",
        ),
        pytest.param(
            "class A:\n    def __init__(self):\n        self.a = self.b.x(self.c.y).z\n        self.a = self.c.x(self.b.y).z\n"
            "        self.b = self.c.x(self.a.y).z\n        self.b = self.a.x(self.c.y).z\n"
            "        self.c = self.a.x(self.b.y).z\n        self.c = self.b.x(self.a.y).z\nwanted = A().a",
            id="attributes in terms of each other",
        ),
    ],
)
def test_no_question_is_asked_over_and_over(tmp_path: Path, code: str) -> None:
    evaluator, place = wanted(tmp_path, code)
    asked = 0
    ask = evaluator._answer

    def counted(place: Place) -> Meaning:
        nonlocal asked
        asked += 1
        assert asked < 5_000
        return ask(place)

    evaluator._answer = counted  # pyright: ignore[reportAttributeAccessIssue]
    evaluator.meaning(place)
    assert asked > 3


PACKAGES = {
    "core/pyproject.toml": "[project]\nname = 'core'\n",
    "core/src/shop/__init__.py": "",
    "core/src/shop/work.py": "from celery import shared_task\n\n@shared_task\ndef mail(): ...\n",
    "premium/pyproject.toml": "[project]\nname = 'premium'\n",
    "premium/src/extra/__init__.py": "",
    "premium/src/extra/use.py": "from shop.work import mail\n\ndef go():\n    mail.delay()\n",
}


def test_packages_of_one_tree_that_use_each_other(scan_tree) -> None:
    assert [(e.name, e.location.path) for e in scan_tree(PACKAGES).of(Enqueue)] == [("shop.work.mail", "premium/src/extra/use.py")]


@pytest.mark.parametrize("other", ["other/src/shop/__init__.py", "core/src/extra/__init__.py"])
def test_which_of_two_packages_is_meant_is_not_guessed(scan_tree, other: str) -> None:
    files = {**PACKAGES, "other/pyproject.toml": "", other: ""}
    expected = [] if other.startswith("other") else ["shop.work.mail"]
    assert [e.name for e in scan_tree(files).of(Enqueue)] == expected


def test_a_folder_that_is_no_package_of_a_distribution_is_not_imported(scan_tree) -> None:
    files = {path: text for path, text in PACKAGES.items() if not path.endswith("core/pyproject.toml")}
    assert [e.name for e in scan_tree(files).of(Enqueue)] == []
