"""Queues that a function is handed, of which it says only the type: what it puts into them is told for each that its callers hand in."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Inventory, literal_of

QUEUES = "import { Queue } from 'bullmq';\nexport const mails = new Queue('mails');\nexport const late = new Queue('late');\n"
IMPORTS = "import { Queue } from 'bullmq';\nimport { mails, late } from './queues';\n"


def sent(inventory: Inventory) -> list[tuple[str, object, int]]:
    """(job, queue, line) of each enqueue of the application's own code."""
    found = [i for i in inventory.production if isinstance(i, Enqueue) and not i.wrapper]
    return sorted((e.name, literal_of(e.queue), e.location.line) for e in found)


HANDED = {
    "a parameter": "export function send(q: Queue) {\n  return q.add('x', {});\n}\nsend(mails);\nsend(late);",
    "a parameter with type arguments": (
        "export const send = async (q: Queue<Data, void, 'x'>) => {\n  await q.add('x', {});\n};\nsend(mails); send(late);"
    ),
    "of an interface": (
        "interface Deps { queue: Queue } export function send(deps: Deps) {\n  return deps.queue.add('x', {});\n}\n"
        "send({ queue: mails }); send({ queue: late });"
    ),
    "taken apart": (
        "export function send({ queue }: { queue: Queue }) {\n  return queue.add('x', {});\n}\n"
        "send({ queue: mails }); send({ queue: late });"
    ),
    "through another function": (
        "function put(q: Queue) {\n  return q.add('x', {});\n}\nfunction send(q: Queue) { return put(q); }\nsend(mails); put(late);"
    ),
}


@pytest.mark.parametrize("code", HANDED.values(), ids=HANDED)
def test_each_queue_that_is_handed_in(scan_tree, code: str) -> None:
    found = sent(scan_tree({"queues.ts": QUEUES, "send.ts": IMPORTS + code}))
    assert [(name, queue) for name, queue, _ in found] == [("x", "late"), ("x", "mails")]
    # The job is named where it is put in, whoever hands in the queue; through another function, the first call of that.
    assert {line for _, queue, line in found if queue == "late"} == {4}


def test_a_queue_from_another_file(scan_tree) -> None:
    send = "import { Queue } from 'bullmq';\nexport function send(q: Queue) { return q.add('x', {}); }\n"
    use = "import { mails } from './queues';\nimport { send } from './send';\nsend(mails);\n"
    inventory = scan_tree({"queues.ts": QUEUES, "send.ts": send, "use.ts": use})
    assert sent(inventory) == [("x", "mails", 2)]


def test_what_nobody_hands_in_is_not_known(scan_tree) -> None:
    send = IMPORTS + "export function send(q: Queue) { return q.add('x', {}); }\nexport const again = (q: Queue) => send(q);\n"
    assert sent(scan_tree({"queues.ts": QUEUES, "send.ts": send})) == [("x", None, 3)]


def test_what_only_a_test_hands_in_is_the_tests(scan_tree) -> None:
    send = "import { Queue } from 'bullmq';\nexport function send(q: Queue) { return q.add('x', {}); }\n"
    test = "import { mails } from '../queues';\nimport { send } from '../send';\nsend(mails);\n"
    inventory = scan_tree({"queues.ts": QUEUES, "send.ts": send, "tests/send.test.ts": test})
    assert sent(inventory) == [("x", None, 2)]
    assert [(e.name, literal_of(e.queue)) for e in inventory.of(Enqueue) if e.area] == [("x", "mails")]


def test_a_caller_of_whose_job_no_name_is_known_is_said(scan_tree) -> None:
    code = "export async function send(q, users) {\n  await q.add(users.pop(), {});\n}\nsend(mails, load());\n"
    assert sent(scan_tree({"queues.ts": QUEUES, "send.ts": IMPORTS + code})) == [("", "mails", 6)]


def test_the_same_in_python(scan_tree) -> None:
    code = "from rq import Queue\ndef job(): ...\ndef send(q: Queue):\n    q.enqueue(job)\nsend(Queue('mails'))\nsend(Queue('late'))\n"
    assert {(queue, line) for _, queue, line in sent(scan_tree({"app.py": code}))} == {("mails", 4), ("late", 4)}


LOOK_ALIKES = {
    "a set": "export function send(q: Set<string>) { return q.add('x'); }\nsend(new Set());",
    "a class of one's own": (
        "class Queue2 { add(name: string) {} }\nexport function send(q: Queue2) { return q.add('x'); }\nsend(new Queue2());"
    ),
}


@pytest.mark.parametrize("code", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_what_is_no_queue(scan_tree, code: str) -> None:
    assert sent(scan_tree({"queues.ts": QUEUES, "send.ts": IMPORTS + code})) == []


#: a list that is handed to `addBulk` -> the names of the jobs in it; empty for more that nobody knows
BULK = {
    "[{ name: 'a' }, { name: 'b' }]": ["a", "b"],
    "users.map((user) => ({ name: 'a', data: { user } }))": ["a"],
    "users.map(toJob)": ["made"],
    "users.flatMap((user) => [{ name: 'a' }, { name: 'b' }])": ["a", "b"],
    "users.map((user) => { if (!user) return null; return { name: 'a' }; }).filter(Boolean)": ["a"],
    "await Promise.all(users.map(async (user) => ({ name: 'a', data: await load(user) })))": ["a"],
    "Array.from({ length: 3 }, (_, index) => ({ name: 'a', data: index }))": ["a"],
    "[{ name: 'a' }].concat(users.map((user) => ({ name: 'b', data: user })))": ["a", "b"],
    "[...users.map((user) => ({ name: 'a' })), { name: 'b' }]": ["a", "b"],
    "[{ name: 'a' }, ...(urgent ? [{ name: 'b' }] : [])]": ["a", "b"],
    "urgent ? [{ name: 'a' }] : [{ name: 'b' }]": ["a", "b"],
    "['a', 'b'].map((kind) => ({ name: `do-${kind}`, data: kind }))": ["do-a", "do-b"],
    "KINDS.map((kind) => ({ name: kind.job, data: kind }))": ["a", "b"],
    "users.map((user) => ({ name: user.job }))": [""],
    "[{ name: 'a' }, ...load(users)]": ["", "a"],
    "[{ name: 'a' }, { name: users[0] }]": ["", "a"],
    "load(users)": [""],
    "gathered": ["a", "b"],
    "gatheredFrom": ["", "a"],
}


@pytest.mark.parametrize("listed", BULK)
def test_names_of_many_jobs(scan_tree, listed: str) -> None:
    code = f"""
    const KINDS = [{{ job: 'a' }}, {{ job: 'b' }}];
    function toJob(user) {{ return {{ name: 'made', data: user }}; }}
    export async function all(users: string[], urgent: boolean) {{
      const gathered = [];
      for (const user of users) gathered.push({{ name: 'a', data: user }});
      gathered.push(...users.map((user) => ({{ name: 'b', data: user }})));
      const gatheredFrom = [{{ name: 'a' }}];
      gatheredFrom.push(...load(users));
      await mails.addBulk({listed});
    }}
    """
    assert [name for name, _, _ in sent(scan_tree({"queues.ts": QUEUES, "send.ts": IMPORTS + code}))] == BULK[listed]


def test_what_a_list_is_made_of_that_a_caller_hands_in(scan_tree) -> None:
    code = (
        "export async function all(q: Queue, kinds: string[]) {\n"
        "  await q.addBulk(kinds.map((kind) => ({ name: `do-${kind}` })));\n}\nall(mails, ['a', 'b']);\n"
    )
    assert sent(scan_tree({"queues.ts": QUEUES, "send.ts": IMPORTS + code})) == [("do-a", "mails", 6), ("do-b", "mails", 6)]


def test_bull_names_jobs_after_the_queue(scan_tree) -> None:
    code = "import Bull from 'bull';\nconst q = new Bull('mails');\nq.addBulk([{ data: 1 }, { name: 'a', data: 2 }, ...load()]);\n"
    assert [name for name, _, _ in sent(scan_tree({"app.ts": code}))] == ["", "a", "mails"]
