"""Clients that are made for each of a list of names are found under the position or key at which they are kept."""

from __future__ import annotations

import pytest

from migrator.jobs import Client, Enqueue, literal_of

IMPORT = 'import { Queue } from "bullmq";\nconst names = ["mail", "push"] as const;\n'

NOTHING = {
    "other things by key": "const made = Object.fromEntries(names.map((n) => [n, new Set()]));\nmade.mail.add('x');",
    "other things gathered": "const made = names.reduce((all, n) => ({ ...all, [n]: new Set() }), {});\nmade.mail.add('x');",
    "other things by position": "const [mail] = names.map((n) => new Set());\nmail.add('x');",
    "a number": "const sum = names.reduce((all, n) => all + n.length, 0);\nsum.add('x');",
    "one of both kinds": "const made = Object.fromEntries([['seen', new Set()], ['mail', new Queue('mail')]]);\nmade.seen.add('x');",
    "a key that is not there": "const made = Object.fromEntries(names.map((n) => [n, new Queue(n)]));\nmade.size.toString().add('x');",
    "past the end": "const [a, b, c] = names.map((n) => new Queue(n));\nc.add('x');",
    "names of queues": "const made = names.map((n) => new Queue(n).name);\nmade[0].add('x');",
}

#: how it is made -> how its queue for `push` is said, and the queue that it is
MADE = {
    "from pairs": ("const made = Object.fromEntries(names.map((n) => [n, new Queue(n)]));", "made.push", "push"),
    "from pairs in a block": (
        "const made = Object.fromEntries(names.map((n) => { const q = new Queue(n); return [n, q] as const; }));",
        'made["push"]',
        "push",
    ),
    "from a list of pairs": ("const made = Object.fromEntries([['mail', new Queue('m')], ['push', new Queue('p')]]);", "made.push", "p"),
    "from a name for pairs": (
        "const pairs = names.map((n) => [n, new Queue(n)]);\nconst made = Object.fromEntries(pairs) as Record<string, Queue>;",
        "made.push",
        "push",
    ),
    "from the values of an object": (
        "const Q = { MAIL: 'mail', PUSH: 'push' };\nconst made = Object.fromEntries(Object.values(Q).map((n) => [n, new Queue(n)]));",
        "made[Q.PUSH]",
        "push",
    ),
    "from the entries of an object": (
        "const Q = { mail: 'm', push: 'p' };\nconst made = Object.fromEntries(Object.entries(Q).map(([k, v]) => [k, new Queue(v)]));",
        "made.push",
        "p",
    ),
    "from an enum": (
        "enum Q { Mail = 'mail', Push = 'push' }\nconst made = Object.fromEntries(Object.values(Q).map((n) => [n, new Queue(n)]));",
        "made[Q.Push]",
        "push",
    ),
    "from a list of objects": (
        "const made = Object.fromEntries([{ id: 'mail' }, { id: 'push' }].map(({ id }) => [id, new Queue(id)]));",
        "made.push",
        "push",
    ),
    "gathered by spreading": ("const made = names.reduce((all, n) => ({ ...all, [n]: new Queue(n) }), {});", "made.push", "push"),
    "gathered of objects": (
        "const made = [{ id: 'mail' }, { id: 'push' }].reduce((all, { id }) => ({ ...all, [id]: new Queue(id) }), {});",
        "made.push",
        "push",
    ),
    "gathered by assigning": (
        "const made = names.reduce((all, n) => { all[n] = new Queue(n); return all; }, {} as Record<string, Queue>);",
        "made.push",
        "push",
    ),
    "gathered by Object.assign": (
        "const made = names.reduce((all, n) => Object.assign(all, { [n]: new Queue(n) }), {});",
        "made.push",
        "push",
    ),
    "by position": ("const [mail, push] = names.map((n) => new Queue(n));", "push", "push"),
    "by a number": ("const made = names.map((n) => new Queue(n));", "made[1]", "push"),
    "by a function with a name": ("const make = (n: string) => new Queue(n);\nconst [, push] = names.map(make);", "push", "push"),
    "taken apart": ("const { push } = Object.fromEntries(names.map((n) => [n, new Queue(n)]));", "push", "push"),
    "by a key that only the run knows": (
        "const made = Object.fromEntries(names.map((n) => [n, new Queue(n)]));",
        "made[kind()]",
        "mail push",
    ),
    "of a single name": ("const made = Object.fromEntries(['mail'].map((n) => [n, new Queue(n)]));", "made[kind()]", "mail"),
    "of names that only the run knows": ("const made = Object.fromEntries(all().map((n) => [n, new Queue(n)]));", "made.push", None),
    "gathered of names that only the run knows": (
        "const made = all().reduce((some, n) => { some[n] = new Queue(n); return some; }, {});",
        "made.push",
        None,
    ),
    "one of a list that only the run knows": ("const made = all().map((n) => new Queue(n));", "made[0]", None),
}


def enqueues(inventory) -> list[tuple[str, object]]:
    return [(e.name, literal_of(e.queue)) for e in inventory.production if isinstance(e, Enqueue)]


@pytest.mark.parametrize("case", NOTHING)
def test_look_alikes(scan_tree, case: str) -> None:
    assert enqueues(scan_tree({"app.ts": IMPORT + NOTHING[case]})) == []


@pytest.mark.parametrize("case", MADE)
def test_what_is_made_is_found(scan_tree, case: str) -> None:
    made, said, queue = MADE[case]
    found = enqueues(scan_tree({"app.ts": f"{IMPORT}{made}\nexport const f = () => {said}.add('welcome', {{}});"}))
    assert found == [("welcome", each) for each in (queue.split() if queue else [None])]


def test_across_files_and_functions(scan_tree) -> None:
    make = (
        'import { Queue } from "bullmq";\nexport const make = (names: string[]) => Object.fromEntries(names.map((n) => [n, new Queue(n)]));'
    )
    files = {
        "make.ts": make,
        "queues.ts": 'import { make } from "./make";\nexport const { mail, push } = make(["mail", "push"]);',
        "use.ts": 'import { push } from "./queues";\npush.add("welcome", {});',
    }
    assert enqueues(scan_tree(files)) == [("welcome", "push")]


def test_what_reduce_makes_is_listed_for_each_element(scan_tree) -> None:
    inventory = scan_tree({"app.ts": f"{IMPORT}export const made = names.reduce((all, n) => ({{ ...all, [n]: new Queue(n) }}), {{}});"})
    assert [c.name for c in inventory.production if isinstance(c, Client)] == ["mail", "push"]


def test_what_cannot_be_followed_is_said_where_it_is_used(scan_tree) -> None:
    code = "const made = names.reduce((all, n) => all.set(n, new Queue(n)), new Map());\nmade.get('mail').add('welcome', {});"
    inventory = scan_tree({"app.ts": IMPORT + code})
    assert enqueues(inventory) == []
    assert [(u.line, u.reason) for u in inventory.unresolved] == [
        (4, "which of the things made at app.ts:3 this is called on cannot be told")
    ]


def test_a_table_with_other_things_in_it(scan_tree) -> None:
    table = "const things = { mail: new Queue('mail'), push: new Queue('push'), size: 2, log: { add() {} } };\n"
    inventory = scan_tree({"app.ts": f"{IMPORT}{table}export const f = (kind: string) => things[kind].add('welcome', {{}});"})
    assert [(e.name, literal_of(e.queue), e.confidence) for e in inventory.of(Enqueue)] == [
        ("welcome", "mail", "likely"),
        ("welcome", "push", "likely"),
    ]


def test_a_table_without_anything_that_matters(scan_tree) -> None:
    table = "const sets = { mail: new Set(), push: new Set() };\nnew Queue('mail');\n"
    inventory = scan_tree({"app.ts": f"{IMPORT}{table}export const f = (kind: string) => sets[kind].add('welcome');"})
    assert enqueues(inventory) == []
