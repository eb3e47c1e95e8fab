"""What names lead to through imports, and where they are mentioned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.codemods.python.mentions import mentions
from migrator.codemods.python.names import External, Module, Names, Origin, Symbol
from migrator.codemods.python.tree import CodeTree

Make = Callable[..., Names]
JOB = Symbol("shop/jobs.py", "f")


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def write(**files: str) -> Names:
        for name, text in {"shop/__init__": "", "shop/jobs": "def f():\n    pass\n", **files}.items():
            path = tmp_path / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Names(CodeTree(tmp_path), ("celery",))

    return write


def found(names: Names, path: str, *wanted: Origin) -> list[tuple[str, bool]]:
    source = names.tree.source(path)
    return [(source.text(m.node), m.sure) for m in mentions(names, source, lambda o: o in wanted) if not m.imported]


IMPORTS = {
    "from shop.jobs import f\nf": "f",
    "from shop.jobs import f as g\ng": "g",
    "from shop import jobs\njobs.f": "jobs.f",
    "from . import jobs\njobs.f": "jobs.f",
    "from .jobs import f\nf": "f",
    "import shop.jobs\nshop.jobs.f": "shop.jobs.f",
    "import shop.jobs as j\nj.f": "j.f",
    "from shop.jobs import *\nf": "f",
    "from shop.hub import g\ng": "g",
    "from shop.hub import renamed\nrenamed": "renamed",
    "def v():\n    from shop.jobs import f\n    return f": "f",
    "from shop.jobs import f\ng = f\ng": "g",
}


@pytest.mark.parametrize("text", IMPORTS)
def test_a_name_is_followed(make: Make, text: str) -> None:
    names = make(**{"shop/views": text, "shop/hub": "from shop.jobs import f as g\n\nrenamed = g\n"})
    assert (IMPORTS[text], True) in found(names, "shop/views.py", JOB)


STRANGERS = [
    "f = 1\nf",
    "def v(f):\n    return f",
    "class A:\n    f = 1\nA.f",
    "from shop.jobs import f\n\ndef v(f):\n    return f.delay()",
    "from other.jobs import f\nf",
    "from shop.jobs import f\n\nx.f",
    "from shop.jobs import f\n\ng(f=1)",
    "for f in []:\n    f",
    "from shop.jobs import f\n\nlambda f: f",
    "import shop.jobs\n\nshop.other.f",
]


@pytest.mark.parametrize("text", STRANGERS)
def test_a_namesake_is_not(make: Make, text: str) -> None:
    assert found(make(**{"shop/views": text}), "shop/views.py", JOB) == []


def test_a_name_with_two_meanings_is_not_sure(make: Make) -> None:
    text = "try:\n    from shop.jobs import f\nexcept ImportError:\n    f = None\nf"
    assert ("f", False) in found(make(**{"shop/views": text}), "shop/views.py", JOB)


def test_a_module_counts_where_it_is_a_value(make: Make) -> None:
    names = make(**{"shop/views": "from shop import jobs\n\ngetattr(jobs, 'f')\njobs.f\n"})
    assert found(names, "shop/views.py", Module("shop/jobs.py")) == [("jobs", True)]


def test_outside_names_are_taken_whole(make: Make) -> None:
    names = make(**{"shop/views": "import celery\n\ncelery.app.task\n"})
    assert found(names, "shop/views.py", External("celery.app.task")) == [("celery.app.task", True)]


def test_a_module_of_the_tree_named_like_a_package_is_not_the_package(make: Make) -> None:
    """`proj/celery.py` exists in most Django projects."""
    names = make(**{"shop/celery": "from celery import Celery\n\napp = Celery()\n"})
    assert found(names, "shop/celery.py", External("celery.Celery")) == [("Celery", True)]


def test_packages_without_init(make: Make) -> None:
    names = make(**{"lib/deep/jobs": "def g():\n    pass\n", "lib/views": "from lib.deep import jobs\n\njobs.g\n"})
    assert found(names, "lib/views.py", Symbol("lib/deep/jobs.py", "g")) == [("jobs.g", True)]


def test_imports_that_go_round_end(make: Make) -> None:
    names = make(**{"shop/a": "from shop.b import x\n", "shop/b": "from shop.a import x\n\nx\n", "shop/c": "y = y\ny\n"})
    assert found(names, "shop/b.py", JOB) == []
    assert found(names, "shop/c.py", JOB) == []
