"""What is put into an object after it was made is found under its key, and gone over with it."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Job, literal_of
from tests.scanners.conftest import Scan

IMPORT = 'import { Queue, Worker } from "bullmq";\n'

NOTHING = {
    "under another key": "const queues: any = { seen: new Set() };\nqueues.mail = new Queue('mail');\nqueues.seen.add('x');",
    "into another object": "const queues = {};\nconst others = {};\nothers.mail = new Queue('mail');\nqueues.mail.add('x');",
    "into a parameter of that name": (
        "const queues = {};\nexport function f(queues) { queues.mail = new Queue('mail'); }\nqueues.mail.add('x');"
    ),
    "something else": "const queues = {};\nqueues.mail = new Set();\nqueues.mail.add('x');\nexport const q = new Queue('mail');",
}

PUT = {
    "by name": ("queues.mail = new Queue('mail');", "queues.mail", "mail"),
    "by a text": ("queues['mail'] = new Queue('mail');", "queues.mail", "mail"),
    "if it is not there": ("queues.mail ??= new Queue('mail');", "queues['mail']", "mail"),
    "in a loop": ("for (const name of ['mail', 'push']) queues[name] = new Queue(name);", "queues.push", "push"),
    "for each": ("['mail', 'push'].forEach((name) => { queues[name] = new Queue(name); });", "queues['push']", "push"),
    "under keys that only the run knows": ("for (const name of all()) queues[name] = new Queue(name);", "queues.push", None),
    "looked up by a key that only the run knows": ("queues.mail = new Queue('mail');", "queues[kind()]", None),
}


@pytest.mark.parametrize("case", NOTHING)
def test_look_alikes(scan_tree: Scan, case: str) -> None:
    assert scan_tree({"app.ts": IMPORT + NOTHING[case]}).of(Enqueue) == ()


@pytest.mark.parametrize("case", PUT)
def test_what_is_put_in_is_found_under_its_key(scan_tree: Scan, case: str) -> None:
    put, said, queue = PUT[case]
    code = f"{IMPORT}const queues: any = {{}};\n{put}\nexport const f = () => {said}.add('welcome', {{}});"
    assert [(e.name, literal_of(e.queue)) for e in scan_tree({"app.ts": code}).of(Enqueue)] == [("welcome", queue)]


@pytest.mark.parametrize("said", ["queues.push", "queues['push']"])
@pytest.mark.parametrize("put", ["queues.push = new Queue('push');", "for (const n of ['mail', 'push']) { queues[n] = new Queue(n); }"])
def test_what_is_put_in_is_found_in_other_files(scan_tree: Scan, put: str, said: str) -> None:
    files = {
        "queues.ts": f"{IMPORT}export const queues: any = {{}};\nexport function start() {{ {put} }}",
        "use.ts": f"import {{ queues }} from './queues';\n{said}.add('welcome', {{}});",
    }
    assert [(e.name, literal_of(e.queue)) for e in scan_tree(files).of(Enqueue)] == [("welcome", "push")]


def test_what_is_put_in_by_name_is_gone_over(scan_tree: Scan) -> None:
    code = """
    const handlers: any = {};
    handlers.mail = async () => 1;
    handlers.push = async () => 2;
    for (const [name, run] of Object.entries(handlers)) new Worker(name, run);
    """
    assert [j.name for j in scan_tree({"app.ts": IMPORT + code}).of(Job) if not j.wrapper] == ["mail", "push"]


def test_a_property_of_a_list_is_none_of_its_elements(scan_tree: Scan) -> None:
    code = "const names = [];\nnames.push('mail');\nnames.length = 0;\nfor (const name of names) new Worker(name, run);"
    assert [j.name for j in scan_tree({"app.ts": IMPORT + code}).of(Job) if not j.wrapper] == ["mail"]


SETTINGS = {
    "once": ("config.queue = { name: 'mail' };", "mail"),
    "with a name of its own": ("config.queue = { name: names.mail };\nconst names = { mail: 'mail' };", "mail"),
    "of another object": ("other.queue = { name: 'mail' };", ""),
    "of a parameter of that name": ("const set = (config) => { config.queue = { name: 'mail' }; };", ""),
}


@pytest.mark.parametrize(
    "taken", ["import config from './config';", "const config = require('./config');", "import * as config from './config';"]
)
@pytest.mark.parametrize(("code", "name"), SETTINGS.values(), ids=SETTINGS)
def test_what_an_object_that_a_file_exports_is_given_later_is_its_own(scan_tree: Scan, code: str, name: str, taken: str) -> None:
    files = {
        "config.js": f"const config = {{ port: 1 }};\nconst other = {{}};\n{code}\nmodule.exports = config;\n",
        "app.ts": f"{IMPORT}{taken}\nconst worker = new Worker(config.queue.name, run);",
    }
    assert [j.name for j in scan_tree(files).of(Job)] == [name]
