"""The forms of Bull 3 and 4 that are read, and what is no form of it."""

from __future__ import annotations

import pytest

from migrator.jobs import Backoff, Client, Enqueue, Expression, Job, Literal, Schedule, Value, Worker, literal_of

IMPORT = "import Queue from 'bull';\nconst mails = new Queue('mail', 'redis://127.0.0.1:6379');\n"


def scanned(scan_tree, code: str, **files: str):
    return scan_tree({**{name.replace("__", "/") + ".ts": text for name, text in files.items()}, "app.ts": IMPORT + code})


def enqueues(inventory) -> list[Enqueue]:
    return [e for e in inventory.production if isinstance(e, Enqueue) and e.system == "bull"]


IMPORTS = {
    "default": "import Queue from 'bull';\nconst q = new Queue('mail');",
    "without new": "import Bull from 'bull';\nconst q = Bull('mail');",
    "namespace": "import * as Bull from 'bull';\nconst q = new Bull('mail');",
    "named": "import { Queue } from 'bull';\nconst q = new Queue('mail');",
    "require": "const Bull = require('bull');\nconst q = new Bull('mail', { redis: { port: 6379 } });",
    "import equals": "import Bull = require('bull');\nconst q: Bull.Queue = new Bull('mail');",
    "loaded later": "let q;\n(async () => { const { default: Bull } = await import('bull'); q = new Bull('mail'); })();",
    "factory": "import Bull from 'bull';\nfunction make(name: string) { return new Bull(name, { prefix: 'x' }); }\nconst q = make('mail');",
}


@pytest.mark.parametrize("code", IMPORTS.values(), ids=IMPORTS)
def test_a_queue(scan_tree, code: str) -> None:
    found = enqueues(scan_tree({"app.ts": f"{code}\nexport const f = () => q.add('welcome', {{ id: 1 }});"}))
    assert [(e.name, e.queue) for e in found] == [("welcome", Literal("mail"))]


ENQUEUES = {
    "named": ("mails.add('welcome', { id: 1 });", "welcome"),
    "named, with options": ("mails.add('welcome', { id: 1 }, { attempts: 2 });", "welcome"),
    "unnamed": ("mails.add({ id: 1 });", "mail"),
    "unnamed, with options": ("mails.add({ id: 1 }, { delay: 5 });", "mail"),
    "unnamed, from a name": ("export const f = (data: Data) => mails.add(data);", "mail"),
    "unnamed, from a name, with options": (
        "export const f = (data: Data) => mails.add(data, { delay: 5, removeOnComplete: true });",
        "mail",
    ),
    "bulk": ("mails.addBulk([{ name: 'welcome', data: { id: 1 } }]);", "welcome"),
    "bulk, unnamed": ("mails.addBulk([{ data: { id: 1 } }]);", "mail"),
    "a name in the data": ("mails.add({ name: 'welcome', payload: { id: 1 } });", "welcome"),
    "data that has a name": ("mails.add({ name: 'Ada', street: 'x' });", "mail"),
    "name of a class": ("class Welcome {}\nmails.add(Welcome.name, { id: 1 });", "Welcome"),
    "name of the class around": (
        "class Task { run() { mails.add({ name: this.constructor.name, props: {} }); } }\nclass Hi extends Task {}\nnew Hi().run();",
        "Hi",
    ),
}


@pytest.mark.parametrize(("code", "name"), ENQUEUES.values(), ids=ENQUEUES)
def test_an_enqueue(scan_tree, code: str, name: str) -> None:
    found = [e for e in enqueues(scanned(scan_tree, code)) if not e.wrapper]
    assert [(e.name, e.queue) for e in found] == [(name, Literal("mail"))]


def test_callers_of_a_wrapper_name_the_job(scan_tree) -> None:
    found = scanned(
        scan_tree,
        "export const enqueue = (name: string, data: object) => mails.add(name, data);",
        signup="import { enqueue } from './app';\nenqueue('welcome', {});\nenqueue('goodbye', {});",
    )
    assert {(e.name, e.location.path, e.via) for e in enqueues(found)} == {
        ("welcome", "signup.ts", ("enqueue",)),
        ("goodbye", "signup.ts", ("enqueue",)),
    }


def test_options_in_the_models_units(scan_tree) -> None:
    found = enqueues(scanned(scan_tree, "mails.add({}, { delay: 60000, attempts: 3, priority: 2, jobId: 'x' });"))[0]
    assert (found.delay, found.max_attempts, found.priority, found.dedupe) == (Literal(60), Literal(3), Literal(-2), Literal("x"))


def test_the_defaults_of_a_queue_hold_for_its_jobs(scan_tree) -> None:
    code = """
        const slow = new Queue("slow", url, {
          limiter: { max: 10, duration: 1000 },
          defaultJobOptions: { attempts: 4, backoff: { type: "fixed", delay: 2000 } },
        });
        slow.add({ id: 1 });
        slow.process(async () => {});
        slow.on("failed", (job, error) => {});
    """
    inventory = scanned(scan_tree, code)
    assert [e.max_attempts for e in enqueues(inventory)] == [Literal(4)]
    job = inventory.of(Job)[0]
    assert job.retry is not None
    assert (job.retry.max_attempts, job.retry.backoff) == (Literal(4), Backoff("fixed", Literal(2)))
    assert job.rate_limit == Literal({"max": 10, "duration": 1000})
    assert job.failure_handler is not None


PROCESSORS: dict[str, tuple[str, str, Value | None]] = {
    "function": ("mails.process(async (job) => {});", "mail", None),
    "callback": ("mails.process((job, done) => done());", "mail", None),
    "named": ("mails.process('welcome', async (job) => {});", "welcome", None),
    "concurrency": ("mails.process(5, async (job) => {});", "mail", Literal(5)),
    "named, concurrency": ("mails.process('welcome', 5, async (job) => {});", "welcome", Literal(5)),
    "concurrency of the environment": (
        "const concurrency = Number(process.env.N);\nmails.process(concurrency, async (job) => {});",
        "mail",
        Expression("concurrency"),
    ),
    "name from an enum": ("enum Jobs { Welcome = 'welcome' }\nmails.process(Jobs.Welcome, async (job) => {});", "welcome", None),
    "everything": ("mails.process('*', async (job) => {});", "*", None),
}


@pytest.mark.parametrize(("code", "name", "concurrency"), PROCESSORS.values(), ids=PROCESSORS)
def test_a_processor(scan_tree, code: str, name: str, concurrency: Value | None) -> None:
    inventory = scanned(scan_tree, code)
    jobs, workers = inventory.of(Job), inventory.of(Worker)
    assert [(j.name, j.queue, j.concurrency) for j in jobs] == [(name, Literal("mail"), concurrency)]
    assert jobs[0].handler is not None
    assert [(w.queues, w.concurrency) for w in workers] == [(("mail",), concurrency)]


def test_a_processor_in_a_file_of_its_own(scan_tree) -> None:
    code = "import path from 'path';\nmails.process(path.join(__dirname, 'welcome.js'));"
    job = scanned(scan_tree, code, welcome="export default async function welcome(job) {}").of(Job)[0]
    assert (job.form, job.handler is not None and job.handler.name) == ("process, sandboxed", "welcome")


SCHEDULES: dict[str, tuple[str, Value | None, Value | None, str]] = {
    "cron": ("mails.add('nightly', {}, { repeat: { cron: '0 3 * * *', tz: 'Europe/Oslo' } });", Literal("0 3 * * *"), None, "Europe/Oslo"),
    "six fields": ("mails.add('nightly', {}, { repeat: { cron: '*/10 0 3 * * *' } });", Literal("*/10 0 3 * * *"), None, ""),
    "interval": ("mails.add('nightly', {}, { repeat: { every: 60000 } });", None, Literal(60), ""),
}


@pytest.mark.parametrize(("code", "cron", "interval", "zone"), SCHEDULES.values(), ids=SCHEDULES)
def test_a_schedule(scan_tree, code: str, cron: Value | None, interval: Value | None, zone: str) -> None:
    inventory = scanned(scan_tree, code)
    found = inventory.of(Schedule)
    assert [(s.job_name, s.cron, s.interval, s.timezone) for s in found] == [("nightly", cron, interval, zone)]
    assert not enqueues(inventory)


NEST = """
    import { InjectQueue, Process, Processor, BullModule, OnQueueFailed } from "@nestjs/bull";
    import type { Job, Queue } from "bull";
    import { MAILS, WELCOME } from "./names";

    @Module({ imports: [BullModule.registerQueue({ name: MAILS }, { name: "other" }), BullModule.registerQueueAsync({ name: "late" })] })
    export class MailModule {}

    @Processor(MAILS)
    export class MailProcessor {
      @Process({ name: WELCOME, concurrency: 3 })
      async welcome(job: Job) {}

      @Process("goodbye")
      async goodbye(job: Job) {}

      @Process()
      async rest(job: Job) {}

      @OnQueueFailed()
      failed(job: Job, error: Error) {}
    }

    export class MailService {
      constructor(@InjectQueue(MAILS) private readonly mails: Queue, private readonly seen: Set<string>) {}

      async send() {
        this.seen.add("welcome");
        await this.mails.add(WELCOME, { id: 1 });
      }
    }
"""
NAMES = "export const MAILS = 'mails';\nexport const WELCOME = 'welcome';\n"


def test_nestjs(scan_tree) -> None:
    inventory = scan_tree({"mail.ts": NEST, "names.ts": NAMES})
    jobs = {j.name: j for j in inventory.of(Job)}
    assert {(j.name, literal_of(j.queue), j.location.line) for j in jobs.values()} == {
        ("welcome", "mails", 11),
        ("goodbye", "mails", 14),
        ("mails", "mails", 17),
    }
    assert jobs["welcome"].concurrency == Literal(3)
    assert all(j.handler is not None and j.failure_handler is not None for j in jobs.values())
    assert [(w.name, w.location.line) for w in inventory.of(Worker)] == [("mails", 9)]
    assert [(e.name, e.queue, e.awaited) for e in enqueues(inventory)] == [("welcome", Literal("mails"), True)]
    assert {c.name for c in inventory.of(Client)} == {"mails", "other", "late"}


LOOK_ALIKES = {
    "a set": "const seen = new Set();\nseen.add('welcome');",
    "another library's process": "import { unified } from 'unified';\nunified().process('text');",
    "a class of its own": "class Bull { add(name: string) {} }\nnew Bull().add('welcome');",
    "a file of its own": "import Local from './bull';\nnew Local('x').add('welcome');",
    "the animal": "const animals = ['bull', \"bull\"];\nanimals.push('cow');",
}


@pytest.mark.parametrize("code", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_what_only_looks_like_bull(scan_tree, code: str) -> None:
    inventory = scan_tree({"app.ts": code, "bull.ts": "export default class Local { add(name: string) {} }"})
    assert [i for i in inventory.items if i.system == "bull"] == []


def test_a_processor_that_inherits_its_method(scan_tree) -> None:
    files = {
        "base.ts": 'import { Process } from "@nestjs/bull";\n'
        "export abstract class Base<T> {\n  @Process()\n  async work(job) { return this.process(job); }\n}\n"
        "export abstract class Scheduler extends Base<void> {}",
        "mail.ts": 'import { Processor } from "@nestjs/bull";\nimport { Scheduler } from "./base";\n'
        '@Processor("mails")\nexport class Mails extends Scheduler {\n  protected async process(job) {}\n}',
    }
    inventory = scan_tree(files)
    assert [(j.name, j.symbol, j.location.path, j.location.line) for j in inventory.of(Job)] == [("mails", "Mails", "mail.ts", 3)]
    assert [w.queues for w in inventory.of(Worker)] == [("mails",)]


def test_processors_that_stand_with_the_queue(scan_tree) -> None:
    code = """
        import { BullModule } from "@nestjs/bull";
        import { join } from "path";
        BullModule.registerQueue({
          name: "mails",
          processors: [join(__dirname, "welcome.js"), { name: "bye", path: join(__dirname, "welcome.js"), concurrency: 2 }],
        });
    """
    jobs = scan_tree({"app.ts": code, "welcome.ts": "export default async function welcome(job) {}"}).of(Job)
    assert {(j.name, j.concurrency, j.handler is not None) for j in jobs} == {("mails", None, True), ("bye", Literal(2), True)}


def test_names_behind_a_subpath_import_of_what_is_built(scan_tree) -> None:
    files = {
        "package.json": '{ "imports": { "#names/*": { "dev": "./src/names/*", "default": "./build/names/*" } } }',
        "src/names/queues.ts": "export const MAIL = 'mail';",
        "src/app.ts": "import Queue from 'bull';\nimport { MAIL } from '#names/queues.js';\nnew Queue(MAIL).add({ id: 1 });",
    }
    assert [e.queue for e in enqueues(scan_tree(files))] == [Literal("mail")]


def test_a_queue_that_was_waited_for_is_the_queue(scan_tree) -> None:
    files = {
        "open.ts": """
            import Bull from "bull";
            export const open = async (name: string) => { const queue = new Bull(name); return await queue.isReady(); };
        """,
        "app.ts": """
            import { open } from "./open";
            const mails = await open("mail");
            await mails.process(async (job) => { const answers = await open(job.data.to); await answers.add({ a: 1 }); });
            await mails.add({ id: 1 });
        """,
    }
    inventory = scan_tree(files)
    assert [(e.location.path, e.location.line) for e in enqueues(inventory)] == [("app.ts", 4), ("app.ts", 5)]
    assert [(j.location.path, j.location.line) for j in inventory.of(Job)] == [("app.ts", 4)]


CHOSEN = {
    "by index": "add(name, data) { return this.queues[name].bull.add(data); }",
    "by a search": "add(name, data) { const found = this.queues.find((q) => q.name === name);\n return found.bull.add(data); }",
    "from a map": "add(name, data) { return this.queues.get(name).bull.add(data); }",
}


@pytest.mark.parametrize("add", CHOSEN.values(), ids=CHOSEN)
def test_one_of_several_queues(scan_tree, add: str) -> None:
    files = {
        "queue.js": f"""
            import Bull from "bull";
            import * as jobs from "./jobs";
            class Queues {{
              constructor() {{
                this.queues = Object.values(jobs).map((job) => ({{ bull: new Bull(job.key, url), name: job.key, handle: job.handle }}));
              }}
              {add}
              process() {{
                return this.queues.forEach((queue) => {{ queue.bull.on("failed", () => {{}}).process(queue.handle); }});
              }}
            }}
            export default new Queues();
        """,
        "app.js": "import queues from './queue';\nqueues.add('welcome', { id: 1 });",
    }
    inventory = scan_tree(files)
    assert [(e.name, e.location.path) for e in enqueues(inventory) if not e.wrapper] == [("welcome", "app.js")]
