"""What a file may export, read off its text: never less than what its tree says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.syntax.bindings import Bindings
from migrator.syntax.export_text import exports_of
from migrator.syntax.source import parse

STATEMENTS = (
    "export const queue = 1",
    "export const first = 1, queue = 2",
    "export const first = 1, // what was there before\n  queue = 2",
    "export const first: Map<string, number> = new Map(), queue /* of mails */ = 2",
    "export const { queue } = clients",
    "export const { inner: { queue = 3 } } = clients",
    "export const [queue] = clients",
    "export let other, queue",
    "export var queue",
    "export function queue() {}",
    "export function* queue() {}",
    "export async function queue() {}",
    "export async function *queue() {}",
    "export default function queue() {}",
    "export class queue {}",
    "export abstract class queue {}",
    "@Injectable export class queue {}",
    "@Injectable() export class queue {}",
    "export @Injectable() class queue {}",
    "export enum queue { A }",
    "export const enum queue { A }",
    "export interface queue {}",
    "export type queue = string",
    "export declare const queue: string",
    "export declare function queue(): void",
    "export namespace queue { const a = 1 }",
    "export { queue }",
    "export { mails as queue }",
    "export { first,\n  type queue }",
    "export type { queue } from './queue'",
    "export { queue } from './queue'",
    "export * as queue from './queue'",
    "export /* as it is */ const queue = 1",
    "export import queue = mails.queue",
    "if (a) {}; export const queue = 1",
    "function f() {} export const queue = 1",
    "/* the queue */ export const queue = 1",
    "const a = 1\r\nexport const queue = 1",
    "exports.queue = 1",
    "module.exports = { queue }",
    "module.exports = { queue: 1 }",
    "module.exports.queue = 1",
)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_form_of_an_export_is_seen(statement: str) -> None:
    data = statement.encode()
    assert exports_of(data).may_export("queue", data)


@given(st.lists(st.sampled_from((*STATEMENTS, "const queue = make()", "// export what is new", 'import { queue } from "./q"')), max_size=5))
def test_what_the_tree_exports_the_text_exports(statements: list[str]) -> None:
    data = "\n".join(statements).encode()
    told = exports_of(data)
    assert [
        name for name in Bindings(parse("a.ts", data)).exports() if name not in ("default", "*") and not told.may_export(name, data)
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        'import { queue } from "./queue"\nexport function send() { return queue.add("mail") }',
        'import { queue } from "./queue"\nexport const send = () => enqueue(queue, { queue })',
        'import { queue } from "./queue"\n// for the export of mails\nexport class Sender { run() { return queue } }',
        "import { queue } from './queue'\nexport type Sender = { send: typeof queue }\nexport { send }",
        "const queue = 1\nexport default queue",
        "export const queues = 1",
    ],
)
def test_a_name_that_is_only_used_is_not_exported(text: str) -> None:
    data = text.encode()
    assert not exports_of(data).may_export("queue", data)
