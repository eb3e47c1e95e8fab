# ruff: noqa: E501 - code under test reads better on one line
"""Wrappers that are handed on to other functions, and functions handed on that are none."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Inventory
from tests.scanners.conftest import Scan

QUEUE = 'import { Queue } from "bullmq";\nconst queue = new Queue("mail");\nexport async function enqueue(name: string, data: object) { await queue.add(name, data); }\n'
PACKAGE = '{"dependencies": {"bullmq": "5.0.0"}}'


def told(inventory: Inventory) -> list[tuple[str, str, int]]:
    return [(e.name, e.location.path, e.location.line) for e in inventory.of(Enqueue) if not e.wrapper]


FORMS = {
    "destructured": ('export function notify({ enqueue }) { enqueue("welcome", { to: 1 }); }', "notify({ enqueue })"),
    "under another name": ('export function notify({ send: put }) { put("welcome", {}); }', "notify({ send: enqueue })"),
    "positional": ('export const notify = (send: Send) => send("welcome", {});', "notify(enqueue)"),
    "a member": ('export const notify = async (deps: Deps) => { await deps.enqueue("welcome", {}); };', "notify({ enqueue })"),
    "curried": ('export const notify = ({ enqueue }) => async (req) => { await enqueue("welcome", {}); };', 'app.post("/x", notify({ enqueue }))'),
    "handed on": ('export const notify = ({ enqueue }) => inner({ enqueue }); function inner({ enqueue: e }) { e("welcome", {}); }', "notify({ enqueue })"),
    "named by the caller": ("export function notify({ enqueue }, name) { enqueue(name, {}); }", 'notify({ enqueue }, "welcome")'),
    "kept by a class": ('export class Notifier { constructor(private deps: Deps) {} run() { return this.deps.enqueue("welcome", {}); } }', "new Notifier({ enqueue }).run()"),
    "kept in a field": ('export class Notifier { constructor({ enqueue }) { this.send = enqueue; } run() { return this.send("welcome", {}); } }', "new Notifier({ enqueue })"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "use"), FORMS.values(), ids=FORMS)
def test_a_wrapper_that_is_handed_on(scan_tree, code: str, use: str) -> None:
    main = f'import {{ enqueue }} from "./queue";\nimport {{ notify, Notifier }} from "./notify";\n{use};\n'
    inventory = scan_tree({"package.json": PACKAGE, "queue.ts": QUEUE, "notify.ts": code, "main.ts": main})
    assert told(inventory) == [("welcome", "notify.ts", 1)]
    (enqueue,) = [e for e in inventory.of(Enqueue) if not e.wrapper]
    assert (enqueue.via, enqueue.confidence) == (("enqueue",), "certain")
    assert len(inventory.of(Enqueue)) == 2


def test_a_wrapper_that_is_written_where_it_is_handed_on(scan_tree) -> None:
    main = 'import { Queue } from "bullmq";\nimport { notify } from "./notify";\nconst queue = new Queue("mail");\nnotify({ put: (name, data) => queue.add(name, data) });\n'
    inventory = scan_tree(
        {"package.json": PACKAGE, "notify.ts": 'export function notify({ put }) { put("welcome", {}); }', "main.ts": main}
    )
    assert told(inventory) == [("welcome", "notify.ts", 1)]


def test_each_caller_hands_in_its_own(scan_tree) -> None:
    main = 'import { enqueue } from "./queue";\nimport { notify } from "./notify";\nnotify({ enqueue }, "a");\nnotify({ enqueue }, "b");\nnotify({ enqueue: () => 1 }, "c");\n'
    code = "export function notify({ enqueue }, name) { enqueue(name, {}); }"
    inventory = scan_tree({"package.json": PACKAGE, "queue.ts": QUEUE, "notify.ts": code, "main.ts": main})
    assert told(inventory) == [("a", "notify.ts", 1), ("b", "notify.ts", 1)]


def test_python(scan_tree) -> None:
    main = "from celery import Celery\nfrom mail import Mailer, notify\napp = Celery('x')\ndef enqueue(name, *args):\n    app.send_task(name, args=args)\nnotify(send=enqueue)\nMailer(enqueue)\n"
    mail = "def notify(send):\n    send('one', 1)\nclass Mailer:\n    def __init__(self, send):\n        self.send = send\n    def run(self):\n        self.send('two')\n        self.keep('three')\n"
    assert told(scan_tree({"main.py": main, "mail.py": mail})) == [("one", "mail.py", 2), ("two", "mail.py", 7)]


LOOK_ALIKES = {
    "another function": ('export function notify({ log }) { log("welcome", {}); }', "notify({ log: (x) => console.log(x) })"),
    "another parameter": ('export function notify({ enqueue, log }) { log("welcome", {}); }', "notify({ enqueue, log: console.log })"),
    "its own function of that name": ('function enqueue(name) {} export function notify({ send }) { enqueue("welcome"); }', "notify({ send: enqueue })"),
    "not handed in": ('export function notify({ enqueue }) { enqueue("welcome", {}); }', "notify({ enqueue: 1 })"),
    "handed to another": ('export function notify({ enqueue }) { enqueue("welcome", {}); }', "other({ enqueue }); notify({})"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "use"), LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_look_alikes(scan_tree, code: str, use: str) -> None:
    main = f'import {{ enqueue }} from "./queue";\nimport {{ notify }} from "./notify";\nimport {{ other }} from "elsewhere";\n{use};\n'
    inventory = scan_tree({"package.json": PACKAGE, "queue.ts": QUEUE, "notify.ts": code, "main.ts": main})
    assert not told(inventory) or all(name == "" for name, *_ in told(inventory))


def test_a_file_that_is_known_only_for_what_it_is_handed(scan_tree: Scan) -> None:
    files = {
        "queue.ts": "import { Queue } from 'bullmq';\nconst mails = new Queue('mail');\nexport const send = (name) => mails.add(name, {});",
        "each.ts": "export async function each(items, run) { for (const item of items) await run(item); }",
        "main.ts": "import { each } from './each';\nimport { send } from './queue';\neach(names(), send);",
    }
    assert [(e.name, e.location.path) for e in scan_tree(files).of(Enqueue)] == [("", "queue.ts")]


MAILER = "class Mailer:\n    def __init__(self, push):\n        self.push = push\n    def welcome(self, job):\n        self.push(job)\n"
PUSH = (
    "from mailer import Mailer\nfrom redis import Redis\nfrom rq import Queue\nqueue = Queue(connection=Redis())\n"
    "def push(job):\n    queue.enqueue(job)\ndef log(job):\n    print(job)\nmailer = Mailer(push)\nlogger = Mailer(log)\n"
)


@pytest.mark.parametrize(
    ("use", "lines"),
    [
        pytest.param("mailer.welcome(work)", [4], id="what it was made with sends"),
        pytest.param("Mailer(push).welcome(work)", [4], id="made on the spot"),
        pytest.param("logger.welcome(work)", [], id="another one, which does not"),
        pytest.param("given.welcome(work)", [], id="one that is not known"),
    ],
)
def test_a_method_of_what_was_made_with_a_function_elsewhere(scan_tree: Scan, use: str, lines: list[int]) -> None:
    code = f"from setup import Mailer, given, logger, mailer, push\ndef work(): ...\ndef start():\n    {use}\n"
    inventory = scan_tree({"mailer.py": MAILER, "setup.py": PUSH, "use.py": code})
    assert [(e.name, e.location.path, e.location.line) for e in inventory.of(Enqueue) if e.name] == [
        ("use.work", "use.py", n) for n in lines
    ]
