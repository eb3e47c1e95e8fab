"""What an instance is made with where its class has a default: whoever makes it says, and where nobody does the default is but likely."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.jobs import Enqueue, Inventory, literal_of
from migrator.scanners.files import walk
from migrator.scanners.linking import Evaluator, Project
from tests.scanners.conftest import Scan

TYPESCRIPT = """import { Queue } from "bullmq";
export const mails = new Queue("mail");
export const push = new Queue("push");
"""
PYTHON = """from dataclasses import dataclass
from redis import Redis
from rq import Queue
mails = Queue("mail", connection=Redis())
push = Queue("push", connection=Redis())
def job(): ...
"""
#: a constructor with a default
IN_TYPESCRIPT = {
    "of a parameter": "constructor(private queue = mails) {}",
    "of a parameter with a type": "constructor(private readonly queue: Queue = mails) {}",
    "of a parameter that is kept": "queue; constructor(queue = mails) { this.queue = queue; }",
    "of a pattern": "queue; constructor({ queue = mails } = {}) { this.queue = queue; }",
    "of a pattern with types": "private queue: Queue; constructor({ queue = mails }: { queue?: Queue } = {}) { this.queue = queue; }",
    "in place of what is missing": "queue; constructor(options) { this.queue = options.queue ?? mails; }",
    "in place of what is missing, with types": (
        "private queue: Queue; constructor(options: { queue?: Queue } = {}) { this.queue = options.queue ?? mails; }"
    ),
    "in place of what is empty": "queue; constructor(options = {}) { const { queue } = options; this.queue = queue || mails; }",
    "given under a condition": "queue; constructor(queue) { if (!queue) queue = mails; this.queue = queue; }",
    "given if missing": "queue; constructor(queue) { queue ??= mails; this.queue = queue; }",
    "within a callback": "queue; constructor(queue = mails) { ready(() => { this.queue = queue; }); }",
    "of a name": "queue; constructor(name = 'mail') { this.queue = new Queue(name); }",
}
IN_PYTHON = {
    "of a parameter": "    def __init__(self, queue=mails): self.queue = queue",
    "of a parameter with a type": "    def __init__(self, queue: Queue = mails): self.queue = queue",
    "of one that is given by name": "    def __init__(self, *, queue=mails): self.queue = queue",
    "in place of what is missing": "    def __init__(self, queue=None): self.queue = queue or mails",
    "given under a condition": (
        "    def __init__(self, queue=None):\n        if queue is None:\n            queue = mails\n        self.queue = queue"
    ),
    "of a name": "    def __init__(self, queue='mail'): self.queue = Queue(queue)",
    "of a record": "    queue: Queue = mails",
}
#: how instances are made -> the queues that are told, each with how sure that is
MADE = {
    "with another queue": ("other", [("push", "certain")]),
    "with the default": ("none", [("mail", "certain")]),
    "with both": ("none other", [("mail", "likely"), ("push", "likely")]),
    "nowhere": ("", [("mail", "likely")]),
}


def told(inventory: Inventory) -> list[tuple[object, str]]:
    return sorted((str(literal_of(e.queue)), e.confidence) for e in inventory.of(Enqueue) if not e.wrapper)


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("form", IN_TYPESCRIPT)
def test_in_typescript(scan_tree: Scan, form: str, made: str) -> None:
    by_pattern = "options" in IN_TYPESCRIPT[form] or "constructor({" in IN_TYPESCRIPT[form]
    other = "'push'" if form == "of a name" else "push"
    none = "{}" if form == "in place of what is missing" else ""
    given = {"other": f"{{ queue: {other} }}" if by_pattern else other, "none": none}
    code = f"{TYPESCRIPT}export class Mailer {{ {IN_TYPESCRIPT[form]} async send() {{ await this.queue.add('welcome', {{}}); }} }}\n"
    makes, expected = MADE[made]
    use = "import { Mailer, push } from './a';\n" + "".join(f"new Mailer({given[each]}).send();\n" for each in makes.split())
    assert told(scan_tree({"a.ts": code, "main.ts": use})) == expected


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("form", IN_PYTHON)
def test_in_python(scan_tree: Scan, form: str, made: str) -> None:
    given = {"other": "queue='push'" if form == "of a name" else "queue=push", "none": ""}
    record = "@dataclass\n" if form == "of a record" else ""
    code = f"{PYTHON}{record}class Mailer:\n{IN_PYTHON[form]}\n    def send(self): self.queue.enqueue(job)\n"
    makes, expected = MADE[made]
    use = "from a import Mailer, push\n" + "".join(f"Mailer({given[each]}).send()\n" for each in makes.split())
    assert told(scan_tree({"a.py": code, "main.py": use})) == expected


#: how a file that makes an instance names the class -> how it makes it
NAMED = {
    "by its name": ("from a import Mailer, push", "Mailer(push)"),
    "by another name": ("from a import push, Mailer as M", "M(push)"),
    "by another name, over several lines": ("from a import (\n    push,\n    Mailer as M,\n)", "M(push)"),
    "by its module": ("import a", "a.Mailer(a.push)"),
    "after an import on the same line": ("from a import push; import a", "a.Mailer(push)"),
    "in brackets": ("from a import Mailer, push", "(Mailer)(push)"),
    "by a class below it": ("from a import Mailer as M, push\nclass Own(M): ...", "Own(push)"),
}


@pytest.mark.parametrize("form", NAMED)
def test_however_the_class_is_named_where_it_is_made(scan_tree: Scan, form: str) -> None:
    imports, made = NAMED[form]
    code = f"{PYTHON}class Mailer:\n    def __init__(self, queue=mails): self.queue = queue\n    def send(self): self.queue.enqueue(job)\n"
    assert told(scan_tree({"a.py": code, "main.py": f"{imports}\n{made}\n"})) == [("push", "certain")]


NAMED_IN_TYPESCRIPT = {
    "by another name": ("import { Mailer as M, push } from './a';", "new M(push);"),
    "by its module": ("import * as a from './a';", "new a.Mailer(a.push);"),
    "after an import on the same line": ("import { Mailer, push } from './a'; new Mailer(push);", ""),
    "as what is required": ("const { Mailer: M, push } = require('./a');", "new M(push);"),
}


@pytest.mark.parametrize("form", NAMED_IN_TYPESCRIPT)
def test_however_the_class_is_named_in_typescript(scan_tree: Scan, form: str) -> None:
    imports, made = NAMED_IN_TYPESCRIPT[form]
    code = f"{TYPESCRIPT}export class Mailer {{ constructor(private queue = mails) {{}} f() {{ this.queue.add('x', {{}}); }} }}"
    assert told(scan_tree({"a.ts": code, "main.ts": f"{imports}\n{made}\n"})) == [("push", "certain")]


@pytest.mark.parametrize("path", ["./Mailer", "./Mailer.js"])
def test_a_class_that_only_the_path_of_its_file_names(scan_tree: Scan, path: str) -> None:
    own = "constructor(private queue = mails) {} f() { this.queue.add('x', {}); }"
    code = f"import {{ mails }} from './a';\nexport default class Mailer {{ {own} }}"
    use = f"import M from '{path}';\nimport {{ push }} from './a';\nnew M(push);"
    assert told(scan_tree({"a.ts": TYPESCRIPT, "Mailer.ts": code, "main.ts": use})) == [("push", "certain")]


def test_what_a_container_makes_may_hold_another_queue(scan_tree: Scan) -> None:
    code = TYPESCRIPT + "@Injectable()\nexport class Mailer { constructor(private queue = mails) {} f() { this.queue.add('x', {}); } }"
    assert told(scan_tree({"a.ts": code})) == [("mail", "likely")]
    assert told(scan_tree({"b.ts": "import { Mailer, push } from './a';\nnew Mailer(push).f();"})) == [
        ("mail", "likely"),
        ("push", "likely"),
    ]
    handed = {"a.ts": code.replace("@Injectable()\n", ""), "b.ts": "import { Mailer } from './a';\nnew Mailer(); container.bind(Mailer);"}
    assert told(scan_tree(handed)) == [("mail", "likely")]


def test_what_tests_make_says_nothing_of_what_runs(scan_tree: Scan) -> None:
    code = TYPESCRIPT + "export class Mailer { constructor(private queue = mails) {} f() { this.queue.add('x', {}); } }"
    files = {"a.ts": code, "main.ts": "import { Mailer } from './a';\nnew Mailer().f();"}
    test = "import { Mailer } from './a';\nimport { Queue } from 'bullmq';\nnew Mailer(new Queue('test')).f();"
    assert told(scan_tree({**files, "a.test.ts": test})) == [("mail", "certain")]


def test_what_is_handed_to_a_base_class(scan_tree: Scan) -> None:
    base = "class Base { constructor(private queue = mails) {} f() { this.queue.add('x', {}); } }\n"
    own = TYPESCRIPT + base + "class Own extends Base { constructor() { super(push); } }\nnew Own().f();"
    assert told(scan_tree({"a.ts": own})) == [("push", "certain")]
    python = f"{PYTHON}class Base:\n    def __init__(self, queue=mails): self.queue = queue\n    def f(self): self.queue.enqueue(job)\n"
    own = f"{python}class Own(Base):\n    def __init__(self): super().__init__(push)\nOwn().f()\n"
    assert told(scan_tree({"a.py": own})) == [("push", "certain"), ("push", "certain")]


def test_a_class_that_makes_itself(scan_tree: Scan) -> None:
    python = (
        f"{PYTHON}class Mailer:\n    def __init__(self, queue=mails): self.queue = queue\n    def f(self): self.queue.enqueue(job)\n"
        "    @classmethod\n    def pushing(cls): return cls(push)\n"
    )
    assert told(scan_tree({"a.py": python})) == [("push", "certain")]


#: a function that takes a queue -> what is told where its callers hand it another one, nothing, or do not exist
FUNCTIONS = {
    "of a parameter": "export function send(queue = mails) { queue.add('x', {}); }",
    "in place of what is missing": "export function send(queue) { (queue ?? mails).add('x', {}); }",
    "given to its own name": "export function send(queue) { queue = queue ?? mails; queue.add('x', {}); }",
    "given if missing": "export function send(queue) { queue ??= mails; queue.add('x', {}); }",
    "given under a condition": "export function send(queue) { if (!queue) { queue = mails; } queue.add('x', {}); }",
    "of an option": "export function send(options) { const queue = options?.queue ?? mails; queue.add('x', {}); }",
}


@pytest.mark.parametrize("form", FUNCTIONS)
def test_functions(scan_tree: Scan, form: str) -> None:
    push = "{ queue: push }" if "options" in FUNCTIONS[form] else "push"
    use = "import { push, send } from './a';\n"
    code = {"a.ts": TYPESCRIPT + FUNCTIONS[form]}
    assert told(scan_tree(code)) == [("mail", "likely")]
    assert told(scan_tree({**code, "b.ts": f"{use}send({push});"})) == [("push", "certain")]
    assert told(scan_tree({**code, "b.ts": f"{use}send(); send({push});"})) == [("mail", "certain"), ("push", "certain")]


SENDS = "async send() { await this.queue.add('x', {}); } }"
#: a class of JavaScript, which says nothing of what it is handed
HANDED = {
    "as a property": "class Mailer { constructor(private queue) {} " + SENDS,
    "kept": "class Mailer { queue; constructor(queue) { this.queue = queue; } " + SENDS,
    "kept from a pattern": "class Mailer { constructor({ queue }) { this.queue = queue; } " + SENDS,
    "kept from options": "class Mailer { constructor(o) { this.options = o; } " + SENDS.replace("queue", "options.queue"),
    "with a type": "class Mailer { constructor(private queue: Queue) {} " + SENDS,
}


@pytest.mark.parametrize("form", HANDED)
def test_what_a_class_is_handed_is_that_of_whoever_makes_it(scan_tree: Scan, form: str) -> None:
    given = "{ queue: push }" if "{ queue }" in HANDED[form] or "options" in HANDED[form] else "push"
    code = f"{TYPESCRIPT}export {HANDED[form]}"
    use = f"import {{ Mailer, push }} from './a';\nconst mailer = new Mailer({given});\nmailer.send();"
    assert told(scan_tree({"a.ts": code, "b.ts": use})) == [("push", "certain")]


def test_what_a_class_is_handed_that_is_no_queue(scan_tree: Scan) -> None:
    code = f"{TYPESCRIPT}export class Seen {{ constructor(all) {{ this.all = all; }} mark(id) {{ this.all.add(id); }} }}"
    assert told(scan_tree({"a.ts": code, "b.ts": "import { Seen } from './a';\nnew Seen(new Set()).mark(1);"})) == []


def test_a_service_by_default(scan_tree: Scan) -> None:
    code = """
        import { Queue } from "bullmq";
        const mails = new Queue("mail");
        class Sender { async send(name) { await mails.add(name, {}); } }
        const usual = new Sender();
        interface Sends { send(name: string): Promise<void>; }
        export class Mailer { constructor(private sender: Sends = usual) {} async welcome() { await this.sender.send("welcome"); } }
        """
    assert [(e.name, e.confidence) for e in scan_tree({"a.ts": code}).of(Enqueue) if not e.wrapper] == [("welcome", "likely")]
    use = {"b.ts": "import { Mailer } from './a';\nnew Mailer().welcome();"}
    assert [(e.name, e.confidence) for e in scan_tree(use).of(Enqueue) if not e.wrapper] == [("welcome", "certain")]


def test_what_a_derived_class_hands_to_the_method_that_makes_the_queue(scan_tree: Scan) -> None:
    code = """
        import { Queue } from "bullmq";
        export class Base {
          public queue: Queue;
          constructor(public readonly topic: string, private other: unknown) {}
          make() { this.queue = new Queue(this.topic); }
          async add(name: string) { await this.queue.add(name, {}); }
        }
        export class Mails extends Base {
          constructor(public settings: unknown) { super("mail", settings); this.make(); }
          async add(name: string) { return await super.add(name); }
        }
        """
    use = (
        "import { Mails } from './a';\nexport class Use { constructor(private mails: Mails) {} f() { return this.mails.add('welcome'); } }"
    )
    inventory = scan_tree({"a.ts": code, "b.ts": use})
    assert [(e.name, literal_of(e.queue)) for e in inventory.of(Enqueue) if not e.wrapper] == [("welcome", "mail")]


def test_nobody_is_asked_for_what_a_method_of_a_dictionary_gives(tmp_path: Path) -> None:
    made = 'class Store:\n    def __init__(self, **more):\n        self.size = more.pop("size", 3)\nown: Store = get()\nown.size\n'
    (tmp_path / "store.py").write_text(made)
    (tmp_path / "use.py").write_text("from store import Store\nStore(size=4)\n")
    project = Project(walk(tmp_path), {"celery"})
    evaluator = Evaluator(project, lambda key: key.startswith("celery"))
    source = project.source("store.py")
    asked = source.nodes("attribute")[-1]
    assert source.text(asked) == "own.size"
    assert evaluator.of(source, asked).key.endswith(".pop()")
    assert project.parsed == 1
