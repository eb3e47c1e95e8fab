"""What is kept on JavaScript's global object is found wherever it is used."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, literal_of

IMPORT = 'import { Queue } from "bullmq";\n'
NEXT = """
const g = globalThis as unknown as { q?: Queue };
export const q = g.q ?? new Queue("mail");
if (process.env.NODE_ENV !== "production") g.q = q;
"""

NOTHING = {
    "a name that something else binds": (
        'globalThis.mails = new Queue("mail");',
        """
        export function f(mails: Set<string>, globalThis: any) { mails.add("x"); globalThis.mails.add("x"); }
        const global = { mails: new Set() };
        global.mails.add("x");
        """,
    ),
    "a member of something else": ('globalThis.mails = new Queue("mail");', 'export const f = (app) => app.mailsOfToday.add("x");'),
    "a variable that is not put there": ('export const mails = new Queue("mail");', 'globalThis.mails.add("x");'),
    "something else under another name": (
        'globalThis.mails = new Queue("mail");',
        'globalThis.seen ??= new Set();\nglobalThis.seen.add("x");',
    ),
    "what is only compared": ('export const q = new Queue("mail");\nif (globalThis.mails === q) stop();', 'globalThis.mails.add("x");'),
    "a sum": ('const q = new Queue("mail");\nglobalThis.mails += q;', 'globalThis.mails.add("x");'),
    "what the platform has": ('globalThis.fetch = new Queue("mail");', 'fetch.add("x");'),
}

KEPT = {
    "set where nothing is": 'globalThis.mails ??= new Queue("mail");',
    "or what was there": 'global.mails = global.mails || new Queue("mail");',
    "chosen": 'global.mails = global.mails ? global.mails : new Queue("mail");',
    "under a condition": 'if (!(globalThis as any).mails) (globalThis as any).mails = new Queue("mail");',
    "by its type in front": 'import x = require("x");\n(global as any)["mails"] = new Queue("mail");',
    "through another name": 'const g = globalThis as any;\ng.mails ??= new Queue("mail");',
    "under a name in a constant": 'const KEY = "mails";\n(globalThis as any)[KEY] ??= new Queue("mail");',
    "made by a function": 'const make = (name: string) => new Queue(name);\nglobalThis.mails ??= make("mail");',
    "a variable": 'const mails = new Queue("mail");\nglobalThis.mails = mails;',
    "when it starts": 'export function start() { globalThis.mails = new Queue("mail"); }',
    "as a declared type says": (
        "declare const globalThis: { mails: Queue } & typeof global;\n"
        'const mails = globalThis.mails ?? new Queue("mail");\nif (dev) globalThis.mails = mails;'
    ),
}

USED = {
    "by its whole name": 'globalThis.mails.add("welcome", {});',
    "as any": '(global as any).mails.add("welcome", {});',
    "by its name alone": 'mails.add("welcome", {});',
    "taken out": 'const { mails } = globalThis as any;\nmails.add("welcome", {});',
    "through another name": 'const g = global;\nexport const f = () => g["mails"].add("welcome", {});',
    "by a class": 'class Mailer { queue = globalThis.mails; send() { return this.queue.add("welcome", {}); } }',
}


def enqueues(inventory) -> list[tuple[str, object, str]]:
    return [(e.name, literal_of(e.queue), e.confidence) for e in inventory.production if isinstance(e, Enqueue)]


@pytest.mark.parametrize("case", NOTHING)
def test_look_alikes(scan_tree, case: str) -> None:
    put, used = NOTHING[case]
    assert enqueues(scan_tree({"src/queues.ts": IMPORT + put, "src/use.ts": used})) == []


@pytest.mark.parametrize("use", ["a.ts", "z.ts"])
@pytest.mark.parametrize("case", KEPT)
def test_kept_in_one_file_and_used_in_another(scan_tree, case: str, use: str) -> None:
    found = enqueues(scan_tree({"queues.ts": IMPORT + KEPT[case], use: 'globalThis.mails.add("welcome", {});'}))
    assert found == [("welcome", "mail", "certain")]


@pytest.mark.parametrize("case", USED)
def test_ways_to_use_it(scan_tree, case: str) -> None:
    found = enqueues(scan_tree({"queues.ts": IMPORT + 'globalThis.mails ??= new Queue("mail");', "use.ts": USED[case]}))
    assert found == [("welcome", "mail", "certain")]


def test_kept_through_hot_reloads_and_exported(scan_tree) -> None:
    files = {"q.ts": IMPORT + NEXT, "a.ts": 'import { q } from "./q";\nq.add("one", {});', "b.js": 'globalThis.q.add("two", {});'}
    assert enqueues(scan_tree(files)) == [("one", "mail", "certain"), ("two", "mail", "certain")]


def test_given_back_by_the_function_that_keeps_it(scan_tree) -> None:
    keep = 'const g = global as any;\nexport function mails(): Queue { if (!g.q) { g.q = new Queue("mail"); } return g.q; }'
    found = enqueues(scan_tree({"q.ts": IMPORT + keep, "a.ts": 'import { mails } from "./q";\nmails().add("welcome", {});'}))
    assert found == [("welcome", "mail", "certain")]


def test_what_a_test_puts_there_says_nothing_of_production(scan_tree) -> None:
    files = {"q.ts": IMPORT + 'globalThis.mails = new Queue("mail");\nmails.add("x", {});', "q.test.ts": "globalThis.mails = { add() {} };"}
    assert enqueues(scan_tree(files)) == [("x", "mail", "certain")]


def test_of_two_queues_under_one_name_each_may_be_meant(scan_tree) -> None:
    files = {
        "a/q.ts": IMPORT + 'globalThis.q ??= new Queue("mail");',
        "b/q.ts": IMPORT + 'globalThis.q ??= new Queue("push");\nq.add("x", {});',
    }
    assert enqueues(scan_tree(files)) == [("x", "mail", "likely"), ("x", "push", "likely")]


def test_different_things_under_one_name_are_said_where_one_is_used(scan_tree) -> None:
    files = {"a.ts": IMPORT + 'globalThis.mails = new Queue("mail");', "b.ts": 'globalThis.mails = new Set();\nmails.add("x");'}
    inventory = scan_tree(files)
    assert enqueues(inventory) == []
    assert [(u.path, u.line, u.reason, u.system) for u in inventory.unresolved] == [
        ("b.ts", 2, "the project puts different things on the global object under this name", "bullmq")
    ]


def test_a_key_that_only_the_run_knows_is_said(scan_tree) -> None:
    code = 'const KEY = Symbol.for("mails");\nconst g = globalThis as any;\ng[KEY] ??= new Queue("mail");\ng[OTHER] ??= new Set();'
    inventory = scan_tree({"a.ts": IMPORT + code})
    assert [(u.line, u.reason) for u in inventory.unresolved] == [(4, "kept on the global object under a key that only the run knows")]


#: what puts several things on the global object at once
AT_ONCE = {
    "assigned": "Object.assign(globalThis, { q });",
    "assigned under another name": "Object.assign(global, { q: new Queue('mail'), other: 1 });",
    "assigned from a variable": "const all = { q };\nObject.assign(globalThis, all);",
    "defined": "Object.defineProperty(globalThis, 'q', { value: q, writable: true });",
    "defined with others": "Object.defineProperties(globalThis, { q: { value: q } });",
}


@pytest.mark.parametrize("form", AT_ONCE)
def test_what_is_put_there_at_once(scan_tree, form: str) -> None:
    files = {"a.ts": f"{IMPORT}const q = new Queue('mail');\n{AT_ONCE[form]}", "b.ts": "export const f = () => q.add('x', {});"}
    assert enqueues(scan_tree(files)) == [("x", "mail", "certain")]


def test_what_is_put_at_once_into_something_else(scan_tree) -> None:
    files = {
        "a.ts": f"{IMPORT}const q = new Queue('mail');\nObject.assign(globals, {{ q }});",
        "b.ts": "export const f = () => q.add('x', {});",
    }
    assert enqueues(scan_tree(files)) == []
