"""The queue of Deno KV is said where it is used."""

from __future__ import annotations

import pytest

from tests.scanners.conftest import Scan

OPEN = "export const kv = await Deno.openKv();\n"

NOTHING = {
    "a stream": {"kv.ts": OPEN, "a.ts": "new ReadableStream({ start(controller) { controller.enqueue(1); } });"},
    "a queue of its own": {"kv.ts": OPEN, "a.ts": "class Line { enqueue(x) {} }\nnew Line().enqueue(1);"},
    "a database that is only read": {"kv.ts": OPEN + "await kv.get(['a']);"},
    "without Deno": {"a.ts": "export const f = (kv) => { kv.enqueue(1); kv.listenQueue(run); };"},
    "in a test": {"kv.ts": OPEN, "kv.test.ts": "import { kv } from './kv.ts';\nawait kv.enqueue(1);"},
}

USED = {
    "in the same file": {"a.ts": OPEN + "await kv.enqueue({ id: 1 }, { delay: 1000 });"},
    "in another file": {"kv.ts": OPEN, "a.ts": "import { kv } from './kv.ts';\nawait kv.enqueue({ id: 1 });"},
    "by its type": {"kv.ts": OPEN, "a.ts": "export const f =\n  (db: Deno.Kv) => db.enqueue({ id: 1 });"},
    "by its name": {"kv.ts": OPEN, "a.ts": "export const f =\n  (kv) => kv.enqueue({ id: 1 });"},
    "of a class": {"a.ts": "class Mails { kv = await Deno.openKv();\n  send() { return this.kv.enqueue({ id: 1 }); } }"},
    "with Node": {"a.ts": 'import { openKv } from "@deno/kv"; const db = await openKv("x");\ndb.enqueue({ id: 1 });'},
}


@pytest.mark.parametrize("case", NOTHING)
def test_look_alikes(scan_tree: Scan, case: str) -> None:
    assert scan_tree(NOTHING[case]).unresolved == ()


@pytest.mark.parametrize("case", USED)
def test_what_is_put_in_is_said(scan_tree: Scan, case: str) -> None:
    said = [(u.path, u.line, u.reason) for u in scan_tree(USED[case]).unresolved]
    assert said == [("a.ts", 2, "`enqueue` of Deno KV, whose queue is not read: look for its jobs here")]


def test_what_takes_it_out_is_said(scan_tree: Scan) -> None:
    said = [
        (u.line, u.reason) for u in scan_tree({"a.ts": OPEN + "kv.listenQueue(async (message) => { await send(message); });"}).unresolved
    ]
    assert said == [(2, "`listenQueue` of Deno KV, whose queue is not read: look for its jobs here")]
