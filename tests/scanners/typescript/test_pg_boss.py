# ruff: noqa: E501 - code under test reads better on one line
"""The forms of pg-boss that are read, what they mean in which version, and what is no form of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from migrator.jobs import Backoff, Client, Enqueue, Expression, Inventory, Job, Literal, Schedule, Setting, Value, Worker

Scan = Callable[[Mapping[str, str]], Inventory]

HEAD = 'import { PgBoss } from "pg-boss";\nexport const boss = new PgBoss(process.env.DATABASE_URL);\n'


def read(scan_tree: Scan, code: str, version: str = "") -> Inventory:
    manifest = {"package.json": f'{{"dependencies": {{"pg-boss": "{version}"}}}}'} if version else {}
    return scan_tree({**manifest, "app.ts": HEAD + code})


CLIENTS = {
    "named import": 'import { PgBoss } from "pg-boss";\nconst boss = new PgBoss("");\n',
    "default import": 'import PgBoss from "pg-boss";\nconst boss = new PgBoss("");\n',
    "required": 'const PgBoss = require("pg-boss");\nconst boss = new PgBoss("");\n',
    "required, named": 'const { PgBoss } = require("pg-boss");\nconst boss = new PgBoss("");\n',
    "started at once": 'import PgBoss from "pg-boss";\nconst boss = await new PgBoss("").start();\n',
    "made when first asked for": 'import PgBoss from "pg-boss";\nlet kept;\nconst get = () => { if (!kept) { kept = new PgBoss(""); } return kept; };\nconst boss = get();\n',
    "given by its type": 'import type { PgBoss } from "pg-boss";\nexport function register(boss: PgBoss) {\n  boss.send("mail", { id: 1 });\n}\nconst boss = { send() {} };\n',
}


@pytest.mark.parametrize("code", CLIENTS.values(), ids=CLIENTS)
def test_a_client(scan_tree: Scan, code: str) -> None:
    inventory = scan_tree({"app.ts": f'{code}boss.send("mail", {{ id: 1 }});\n'})
    found = [e for e in inventory.production if isinstance(e, Enqueue)]
    assert [(e.name, e.form, e.queue) for e in found] == [("mail", "send", Literal("mail"))]
    assert len(inventory.of(Client)) == ("import type" not in code)


ENQUEUES: dict[str, tuple[str, dict[str, Value | None]]] = {
    "send": ('boss.send("mail", { id: 1 });', {}),
    "an object": ('boss.send({ name: "mail", data: { id: 1 }, options: { priority: 3 } });', {"priority": Literal(3)}),
    "seconds from now": ('boss.send("mail", { id: 1 }, { startAfter: 60 });', {"delay": Literal(60)}),
    "sendAfter": ('boss.sendAfter("mail", { id: 1 }, {}, 60);', {"delay": Literal(60)}),
    "at a time": ('boss.send("mail", { id: 1 }, { startAfter: when });', {"eta": Expression("when")}),
    "once at a time": ('boss.send("mail", { id: 1 }, { singletonKey: "a" });', {"dedupe": Literal("a")}),
    "retries": ('boss.send("mail", { id: 1 }, { retryLimit: 2 });', {"max_attempts": Literal(3)}),
    "throttled": ('boss.sendThrottled("mail", { id: 1 }, {}, 60, "key");', {"dedupe": Literal("key")}),
}


@pytest.mark.parametrize(("code", "told"), ENQUEUES.values(), ids=ENQUEUES)
def test_an_enqueue(scan_tree: Scan, code: str, told: dict[str, Value | None]) -> None:
    (found,) = read(scan_tree, f"const when = new Date(process.env.WHEN);\n{code}\n").of(Enqueue)
    fields = ("delay", "eta", "priority", "dedupe", "max_attempts")
    assert (found.name, [a.value for a in found.arguments]) == ("mail", [Literal({"id": 1})])
    assert {f: v for f in fields if (v := getattr(found, f)) is not None} == told


@pytest.mark.parametrize(
    ("version", "code", "names"),
    [
        ("^11.0.0", 'boss.insert("mail", [{ data: { id: 1 } }, { data: { id: 2 } }]);', ["mail"]),
        ("^10.1.0", 'boss.insert([{ name: "mail" }, { name: "digest" }]);', ["digest", "mail"]),
        ("^10.1.0", "boss.insert(rows);", [""]),
    ],
)
def test_several_at_once(scan_tree: Scan, version: str, code: str, names: list[str]) -> None:
    assert sorted(e.name for e in read(scan_tree, f"const rows = load();\n{code}\n", version).of(Enqueue)) == names


WORKERS = {
    "handler": 'boss.work("mail", async ([job]) => {});',
    "options first": 'boss.work("mail", { batchSize: 5 }, async (jobs) => {});',
    "function": 'async function mail([job]) {}\nboss.work("mail", mail);',
    "wrapped": 'const each = (f) => async (jobs) => { for (const job of jobs) await f(job); };\nboss.work("mail", each(async (job) => {}));',
}


@pytest.mark.parametrize("code", WORKERS.values(), ids=WORKERS)
def test_a_worker_is_a_definition(scan_tree: Scan, code: str) -> None:
    inventory = read(scan_tree, code)
    assert [(j.name, j.handler is not None, j.live) for j in inventory.of(Job)] == [("mail", True, True)]
    assert [w.queues for w in inventory.of(Worker)] == [("mail",)]


@pytest.mark.parametrize(
    ("version", "options", "handed"),
    [
        ("^12.0.0", "", "handed a list"),
        ("^10.0.0", "", "handed a list"),
        ("^9.0.3", "", "handed one job"),
        ("^9.0.3", "{ batchSize: 2 }, ", "handed a list"),
    ],
)
def test_what_a_handler_is_handed(scan_tree: Scan, version: str, options: str, handed: str) -> None:
    (job,) = read(scan_tree, f'boss.work("mail", {options}async (job) => {{}});', version).of(Job)
    assert [u.feature for u in job.uses] == [handed]


def test_fetching_by_hand_is_a_worker_without_a_handler(scan_tree: Scan) -> None:
    inventory = read(scan_tree, 'const jobs = await boss.fetch("mail", { batchSize: 20 });')
    assert [(j.name, j.form, j.handler) for j in inventory.of(Job)] == [("mail", "fetch", None)]
    assert [(w.name, w.options) for w in inventory.of(Worker)] == [("mail", {"batchSize": Literal(20)})]


@pytest.mark.parametrize(
    ("code", "confidence"),
    [
        ('for (const job of await boss.fetch("mail")) { await send(job.data); await boss.complete("mail", job.id); }', "certain"),
        (
            'for (const job of await boss.fetch("mail", { includeMetadata: true })) { seen.push({ id: job.id, state: job.state }); }',
            "likely",
        ),
    ],
    ids=["completes them", "only looks at them"],
)
def test_who_fetches_works_jobs_off_if_it_says_what_became_of_them(scan_tree: Scan, code: str, confidence: str) -> None:
    (job,) = read(scan_tree, f"export async function run() {{ {code} }}").of(Job)
    assert (job.confidence, bool(job.reason)) == (confidence, confidence != "certain")


@pytest.mark.parametrize(
    ("version", "code", "kinds"),
    [
        ("^4.0.0", 'boss.publish("mail", {});\nboss.subscribe("mail", async (job) => {});', ["definition", "enqueue", "worker"]),
        ("^9.0.0", 'boss.publish("mail", {});\nboss.subscribe("mail", "mails");', ["enqueue", "setting"]),
    ],
)
def test_publish_and_subscribe_changed_their_meaning(scan_tree: Scan, version: str, code: str, kinds: list[str]) -> None:
    items = [i for i in read(scan_tree, code, version).items if i.kind not in ("client", "dependency")]
    assert sorted(i.kind for i in items) == kinds


def test_a_queue_decides_for_its_jobs(scan_tree: Scan) -> None:
    code = """
        await boss.createQueue("mail", { retryLimit: 4, retryDelay: 30, expireInSeconds: 120 });
        await boss.work("mail", async ([job]) => {});
    """
    inventory = read(scan_tree, code, "^10.0.0")
    (job,) = inventory.of(Job)
    assert job.retry is not None
    assert (job.retry.max_attempts, job.retry.backoff, job.timeout) == (Literal(5), Backoff("fixed", Literal(30)), Literal(120))
    assert [s.name for s in inventory.of(Setting)] == ["mail"]


def test_a_schedule(scan_tree: Scan) -> None:
    (found,) = read(scan_tree, 'boss.schedule("digest", "0 8 * * *", { all: true }, { tz: "Europe/Oslo" });').of(Schedule)
    assert (found.job_name, found.cron, found.timezone, [a.value for a in found.arguments]) == (
        "digest",
        Literal("0 8 * * *"),
        "Europe/Oslo",
        [Literal({"all": True})],
    )


LOOK_ALIKES = {
    "a mail": 'const mail = transport();\nmail.send("mail", { id: 1 });',
    "an answer": 'export const handler = (request, reply) => reply.send({ name: "mail" });',
    "a client of the cloud": 'import { S3 } from "@aws-sdk/client-s3";\nnew S3().send(command);',
    "a class of the project": 'class Foreman { send(name) {} work(name) {} }\nnew Foreman().send("mail");\nnew Foreman().work("mail");',
    "what reads": 'boss.getQueueSize("mail");\nboss.getJobById("mail", "1");',
}


@pytest.mark.parametrize("code", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_a_look_alike_is_none(scan_tree: Scan, code: str) -> None:
    assert [(i.kind, i.name) for i in read(scan_tree, code).items] == [("client", "boss")]
