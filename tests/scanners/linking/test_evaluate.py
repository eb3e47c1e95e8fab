"""What names stand for, followed through whole small projects. Each test is one form, named after it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from migrator.scanners.files import walk
from migrator.scanners.leading import package_of_key
from migrator.scanners.linking import Evaluator, External, Instance, Meaning, Member, Place, Project, Unknown
from migrator.syntax.tree import walk as walk_nodes

PACKAGES = {"celery", "bullmq", "inngest", "pg-boss"}


def keys(folder: Path, files: dict[str, str], path: str) -> list[str]:
    """The keys of everything that the file calls, in document order, without calls of nothing known."""
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text))
    project = Project(walk(folder), PACKAGES)
    evaluator = Evaluator(project, lambda key: package_of_key(key) in PACKAGES)
    source = project.source(path)
    found = []
    for node in walk_nodes(source.root, ("call", "call_expression", "new_expression")):
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        assert function is not None
        key = evaluator.of(source, function).key
        if package_of_key(key) in PACKAGES:
            found.append(key)
    return found


PYTHON = {
    "decorated function": (
        {"tasks.py": "from celery import shared_task\n@shared_task\ndef f(): ...\n", "use.py": "from tasks import f\nf.delay()\n"},
        ["celery.shared_task().delay"],
    ),
    "decorated with options means the same": (
        {"tasks.py": "from celery import shared_task as t\n@t(bind=True)\ndef f(self): ...\n", "use.py": "import tasks\ntasks.f.delay()\n"},
        ["celery.shared_task().delay"],
    ),
    "app from a factory, in a package with celery.py": (
        {
            "proj/__init__.py": "from .celery import app as celery_app\n",
            "proj/celery.py": "from celery import Celery\ndef make(n):\n    c = Celery(n)\n    return c\napp = make('x')\n",
            "proj/tasks.py": "from proj import celery_app\n@celery_app.task\ndef f(): ...\n",
            "use.py": "def g():\n    from proj.tasks import f as h\n    h.apply_async((1,))\n",
        },
        ["celery.Celery().task().apply_async"],
    ),
    "in-house decorator": (
        {
            "lib.py": """
                from celery import Celery
                app = Celery("x")
                def asynctask(fn):
                    def wrapper(*a):
                        return fn(*a)
                    return app.task(wrapper)
                """,
            "use.py": "from lib import asynctask\n@asynctask\ndef f(): ...\nf.delay()\n",
        },
        ["celery.Celery().task().delay"],
    ),
    "in-house decorator with arguments": (
        {
            "lib.py": """
                from celery import shared_task
                def instrumented(name, **kw):
                    def wrapped(func):
                        return shared_task(name=name, **kw)(func)
                    return wrapped
                """,
            "use.py": "from lib import instrumented\n@instrumented(name='q')\ndef f(): ...\nf.delay()\n",
        },
        ["celery.shared_task().delay"],
    ),
    "prepared decorator": (
        {"use.py": "from celery import shared_task\nretrying = shared_task(max_retries=1)\n@retrying\ndef f(): ...\nf.delay()\n"},
        ["celery.shared_task", "celery.shared_task().delay"],
    ),
    "decorator from a partial": (
        {
            "lib.py": "from functools import partial\nfrom celery import shared_task as st\ntask = partial(st, bind=True)\n",
            "use.py": "from lib import task\n@task('x')\ndef f(): ...\n@task\ndef g(): ...\nf.delay()\ng.delay()\n",
        },
        ["celery.shared_task().delay", "celery.shared_task().delay"],
    ),
    "method of the class from which a class derives": (
        {
            "use.py": """
                from celery import Celery
                class Own(Celery):
                    def send(self, name):
                        return super().send_task(name)
                class Further(Own):
                    def send(self, name):
                        return super().send(name)
                Further("x").send("y")
                """,
        },
        ["celery.Celery().send_task"],
    ),
    "the class itself": (
        {
            "use.py": """
                from celery import Celery
                class Jobs:
                    app = Celery("x")
                    @classmethod
                    def send(cls, name):
                        cls.app.send_task(name)
                    @classmethod
                    def again(cls):
                        cls.send("y")
                """,
        },
        ["celery.Celery", "celery.Celery().send_task"],
    ),
    "static method": (
        {
            "use.py": """
                from celery import Celery
                class Jobs:
                    @staticmethod
                    def of(app):
                        return app
                Jobs.of(Celery("x")).send_task("y")
                Jobs().of(Celery("x")).send_task("y")
                """,
        },
        ["celery.Celery().send_task", "celery.Celery", "celery.Celery().send_task", "celery.Celery"],
    ),
    "one of several": (
        {
            "use.py": """
                from celery import shared_task
                @shared_task
                def a(): ...
                @shared_task(bind=True)
                def b(self): ...
                def c(): ...
                ALL = {"a": a, "b": b}
                MIXED = {"a": a, "c": c}
                def go(key):
                    ALL[key].delay()
                    MIXED[key].delay()
                    [a, b][key].delay()
                """,
        },
        ["celery.shared_task", "celery.shared_task().delay", "celery.shared_task().delay"],
    ),
    "value of an enum": (
        {
            "use.py": """
                from enum import Enum
                from celery import Celery, shared_task
                class Names(Enum):
                    MAIL = "send_task"
                app = Celery("x")
                getattr(app, Names.MAIL.value)("y")
                """,
        },
        ["celery.Celery", "celery.Celery().send_task"],
    ),
    "declared, where what is returned says nothing": (
        {
            "use.py": """
                import random
                from celery import Celery
                def pick(apps) -> Celery:
                    return random.choice(apps)
                pick(all_of_them).send_task("y")
                """,
        },
        ["celery.Celery().send_task"],
    ),
    "path in a text": (
        {
            "proj/__init__.py": "",
            "proj/tasks.py": "from celery import Celery\napp = Celery('x')\nclass A:\n    app = app\n",
            "use.py": """
                from importlib import import_module
                from django.utils.module_loading import import_string
                import_string("proj.tasks.app").send_task("a")
                import_string("proj.tasks.A").app.send_task("b")
                import_module("proj.tasks").app.send_task("c")
                import_string("elsewhere.app").send_task("d")
                import_string(name).send_task("e")
                """,
        },
        ["celery.Celery().send_task", "celery.Celery().send_task", "celery.Celery().send_task"],
    ),
    "partial of itself": (
        {
            "use.py": """
                from functools import partial
                from celery import shared_task
                f = shared_task
                f = partial(f, bind=True)
                f = partial(f, name="x")
                h = partial(h, 1)
                h().delay()
                @f
                def g(): ...
                class Same:
                    def __call__(self):
                        return self()
                Same()()
                g.delay()
                """,
        },
        ["celery.shared_task().delay"],
    ),
    "partial of a function of the project": (
        {
            "use.py": """
                import functools
                from celery import Celery
                def make(kind, app):
                    return app.task
                app = Celery("x")
                task = functools.partial(make, "kind")
                @task(app)
                def f(): ...
                f.delay()
                """,
        },
        ["celery.Celery", "celery.Celery().task().delay"],
    ),
    "transparent decorator outside": (
        {"use.py": "import functools\nfrom celery import shared_task\n@functools.cache\n@shared_task\ndef f(): ...\nf.delay()\n"},
        ["celery.shared_task().delay"],
    ),
    "task handed to a constructor": (
        {
            "tasks.py": "from celery import shared_task\n@shared_task\ndef f(): ...\n",
            "use.py": "from tasks import f\nclass K:\n    def __init__(self, task): self.task = task\nK(f).task.delay()\n",
        },
        ["celery.shared_task().delay"],
    ),
    "import that may fail": (
        {
            "use.py": """
                try:
                    from celery import shared_task
                except ImportError:
                    shared_task = None
                @shared_task
                def f(): ...
                f.delay()
                """
        },
        ["celery.shared_task().delay"],
    ),
    "star import": (
        {"tasks.py": "from celery import shared_task\n@shared_task\ndef f(): ...\n", "use.py": "from tasks import *\nf.delay()\n"},
        ["celery.shared_task().delay"],
    ),
    "look-alikes mean nothing": (
        {
            "models.py": "class Order:\n    def delay(self): ...\n",
            "use.py": "from models import Order\nOrder().delay()\nqueryset.delay(1)\nprint.delay\n",
        },
        [],
    ),
    "a local name hides an import": (
        {"use.py": "from celery import shared_task\ndef g(shared_task):\n    shared_task.delay()\n"},
        [],
    ),
}

TYPESCRIPT = {
    "queue from a generic factory, through barrels and tsconfig paths": (
        {
            "tsconfig.json": '{ // comment\n "compilerOptions": {"paths": {"@/*": ["./src/*"],},} }',
            "src/q/make.ts": """
                import { Queue as Q } from "bullmq";
                export function make<T>(n: string) { const q = new Q<T>(n); return q; }
                """,
            "src/q/index.ts": 'export * from "./make";\nexport { make as build } from "./make";\n',
            "use.ts": """
                import { build } from "@/q";
                const mails = build("mail");
                export const go = async () => { await mails.add("a", {}); };
                """,
        },
        ["bullmq.Queue().add"],
    ),
    "singleton class with a static field": (
        {
            "use.ts": """
                import { Queue } from "bullmq";
                class Mails {
                  private static instance: Queue | null = null;
                  static get(): Queue | null {
                    if (!process.env.X) return null;
                    if (Mails.instance) return Mails.instance;
                    Mails.instance = new Queue("mail");
                    return Mails.instance;
                  }
                }
                Mails.get()?.add("a", {});
                """
        },
        ["bullmq.Queue", "bullmq.Queue().add"],
    ),
    "injected through a constructor property": (
        {
            "use.ts": """
                import type { Queue } from "bullmq";
                export class S { constructor(private readonly mails: Queue) {} go() { return this.mails.add("a", {}); } }
                """
        },
        ["bullmq.Queue().add"],
    ),
    "default export of a call, imported under another name": (
        {
            "client.ts": 'import { Inngest } from "inngest";\nexport default new Inngest({ id: "x" });\n',
            "use.ts": 'import other from "./client.js";\nother.send({ name: "e" });\n',
        },
        ["inngest.Inngest().send"],
    ),
    "commonjs": (
        {
            "client.js": 'const { Inngest } = require("inngest");\nmodule.exports = { client: new Inngest({ id: "x" }) };\n',
            "use.js": 'const { client } = require("./client");\nclient.send({});\n',
        },
        ["inngest.Inngest().send"],
    ),
    "workspace package built from src": (
        {
            "packages/jobs/package.json": '{"name": "@acme/jobs", "exports": {".": {"import": "./dist/index.js"}}}',
            "packages/jobs/src/index.ts": 'import { Queue } from "bullmq";\nexport const mails = new Queue("mail");\n',
            "use.ts": 'import { mails } from "@acme/jobs";\nmails.add("a");\n',
        },
        ["bullmq.Queue().add"],
    ),
    "lazily made, told by its annotation": (
        {"use.ts": 'import type { Queue } from "bullmq";\nlet q: Queue | undefined;\nexport function go() { q?.add("a"); }\n'},
        ["bullmq.Queue().add"],
    ),
    "dependency with a default from a getter, which callers may replace": (
        {
            "use.ts": """
                import { Queue } from "bullmq";
                const get = () => new Queue("x");
                export function go(deps: { q?: unknown }) { const q = deps.q ?? get(); return q.add("a"); }
                """
        },
        ["bullmq.Queue"],
    ),
    "object of clients": (
        {"use.ts": 'import { Queue } from "bullmq";\nconst q = { mails: new Queue("m"), n: 1 };\nq.mails.add("a"); q["mails"].add("b");\n'},
        ["bullmq.Queue", "bullmq.Queue().add", "bullmq.Queue().add"],
    ),
    "files that re-export each other": (
        {"a.ts": 'export * from "./b";\n', "b.ts": 'export * from "./a";\n', "use.ts": 'import { x } from "./a";\nx.add(1);\n'},
        [],
    ),
    "an ES default export offers no other names": (
        {
            "a.ts": 'import { Queue } from "bullmq";\nexport default new Queue("x");\n',
            "use.ts": 'import { add } from "./a";\nadd("x");\n',
        },
        [],
    ),
    "look-alikes mean nothing": (
        {"use.ts": 'import { EventEmitter } from "node:events";\nnew EventEmitter().emit("x"); new Set().add(1); mailer.send({});\n'},
        [],
    ),
}


@pytest.mark.parametrize(("files", "expected"), PYTHON.values(), ids=PYTHON.keys())
def test_python(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    assert keys(tmp_path, files, "use.py") == expected


@pytest.mark.parametrize(("files", "expected"), TYPESCRIPT.values(), ids=TYPESCRIPT.keys())
def test_typescript(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    assert keys(tmp_path, files, "use.js" if "use.js" in files else "use.ts") == expected


def test_a_decorated_function_keeps_its_symbol_and_options(tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text("from celery import shared_task\n@shared_task(bind=True)\ndef f(self): ...\n")
    project = Project(walk(tmp_path), PACKAGES)
    evaluator = Evaluator(project, lambda key: package_of_key(key) in PACKAGES)
    meaning = evaluator.export("tasks.py", "f")
    assert isinstance(meaning, Instance)
    assert meaning.symbol == "tasks.py:f"
    assert meaning.call is not None
    assert meaning.call.text == "shared_task(bind=True)"
    assert meaning.decorated is not None
    assert meaning.decorated.text.endswith("def f(self): ...")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("export default inngest.createFunction({});\n", "default"),
        ("exports.job = inngest.createFunction({});\n", "job"),
        ("const job = inngest.createFunction({});\nexport default job;\n", "job"),
    ],
)
def test_what_is_exported_without_a_name_of_its_own_is_not_what_it_is_made_with(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / "client.ts").write_text('import { Inngest } from "inngest";\nexport const inngest = new Inngest({});\n')
    (tmp_path / "job.ts").write_text('import { inngest } from "./client";\n' + text)
    evaluator = Evaluator(Project(walk(tmp_path), PACKAGES), lambda key: package_of_key(key) in PACKAGES)
    meaning = evaluator.export("job.ts", "default" if "default" in text else name)
    assert isinstance(meaning, Instance)
    assert meaning.symbol == f"job.ts:{name}"


def test_a_chain_longer_than_the_stack_has_a_key() -> None:
    meaning: Meaning = External(("celery", "group"))
    for _ in range(20_000):
        meaning = Member(Instance(meaning), "x")
    assert meaning.key == "celery.group" + "().x" * 20_000


def test_a_call_of_something_unknown_has_no_key() -> None:
    assert Instance(Unknown()).key == ""
    assert Member(Instance(Unknown()), "delay").key == "?.delay"


def test_an_object_spread_into_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import celery\nrows = {}\nfor name in names:\n    rows = {**rows, **rows, name: 1}\n")
    project = Project(walk(tmp_path), PACKAGES)
    evaluator = Evaluator(project, lambda key: package_of_key(key) in PACKAGES)
    source = project.source("a.py")
    (first, second) = (n for n in walk_nodes(source.root, ("dictionary",)))
    assert evaluator.entries(Place(source, first)) == {}
    assert "..." in evaluator.entries(Place(source, second))


def test_a_question_that_takes_too_many_steps_is_given_up_and_the_next_one_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tasks.py").write_text("from celery import shared_task\na = shared_task\nb = a\nc = b\nd = c\nd()\na()\n")
    project = Project(walk(tmp_path), PACKAGES)
    evaluator = Evaluator(project, lambda key: package_of_key(key) in PACKAGES)
    monkeypatch.setattr("migrator.scanners.linking.evaluate.STEPS", 2)
    source = project.source("tasks.py")
    long, short = (node.named_children[0] for node in walk_nodes(source.root, ("call",)))
    assert evaluator.of(source, long) == Unknown("too many steps")
    assert evaluator.of(source, short).key == "celery.shared_task"
