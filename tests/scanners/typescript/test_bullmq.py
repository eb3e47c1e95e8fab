"""The forms of BullMQ that are read, and what is no form of it."""

from __future__ import annotations

import pytest

from migrator.jobs import Backoff, Client, Enqueue, Expression, Job, Literal, Schedule, Setting, Value, Worker, literal_of

IMPORT = 'import { FlowProducer, Queue, QueueEvents, Worker } from "bullmq";\nconst mails = new Queue("mail", { connection });\n'


def scanned(scan_tree, code: str, **files: str):
    return scan_tree({**{name.replace("__", "/").replace("_ts", ".ts"): text for name, text in files.items()}, "app.ts": IMPORT + code})


def enqueues(inventory) -> list[Enqueue]:
    return [e for e in inventory.production if isinstance(e, Enqueue)]


ENQUEUES = {
    "add": ("mails.add('welcome', { id: 1 });", "add"),
    "add with type arguments": ("export const f = async () => { await mails.add<Data>('welcome', { id: 1 }); };", "add"),
    "add with type arguments that nobody waits for": (
        "export const f = () => { void mails.add<Data>('welcome', { id: 1 }).catch(log); };",
        "add",
    ),
    "optional": ("mails?.add('welcome', { id: 1 });", "add"),
    "name from a constant": ("const WELCOME = 'welcome';\nmails.add(WELCOME, { id: 1 });", "add"),
    "name from an enum": ("enum Names { Welcome = 'welcome' }\nmails.add(Names.Welcome, { id: 1 });", "add"),
    "name from an object": ("const NAMES = { welcome: 'welcome' } as const;\nmails.add(NAMES.welcome, { id: 1 });", "add"),
    "queue of a class": (
        "class Mailer { private queue = new Queue('mail');\n f() { return this.queue.add('welcome', { id: 1 }); } }",
        "add",
    ),
    "queue set in a constructor": (
        "class M { queue: Queue;\n constructor() { this.queue = new Queue('mail'); }\n f() { this.queue.add('welcome', { id: 1 }); } }",
        "add",
    ),
    "singleton": (
        """
        class Q {
          static instance: Queue | null = null;
          static get() { if (Q.instance) return Q.instance; Q.instance = new Queue('mail'); return Q.instance; }
        }
        Q.get().add('welcome', { id: 1 });
        """,
        "add",
    ),
    "set when first asked for": (
        """
        let late: Queue | null = null;
        const get = () => { if (!late) { late = new Queue('mail'); } return late; };
        get().add('welcome', { id: 1 });
        """,
        "add",
    ),
    "set later": ("let late: Queue | null = null;\nlate ??= new Queue('mail');\nlate.add('welcome', { id: 1 });", "add"),
    "queue that is listened to where it is made": (
        """
        class M {
          queue: Queue;
          init() { this.queue = new Queue('mail').on('error', (e) => log(e)).on('paused', log); }
          f() { return this.queue.add('welcome', { id: 1 }); }
        }
        """,
        "add",
    ),
    "class of its own": (
        "class MailQueue extends Queue { constructor(n: string) { super(n, {}); } }\nnew MailQueue('mail').add('welcome', { id: 1 });",
        "add",
    ),
    "super": (
        "class MailQueue extends Queue { constructor() { super('mail'); }\n welcome() { return super.add('welcome', { id: 1 }); } }",
        "add",
    ),
    "bulk": ("mails.addBulk([{ name: 'welcome', data: { id: 1 } }]);", "addBulk"),
    "bulk from a list": ("mails.addBulk([1, 2].map((id) => ({ name: 'welcome', data: { id: 1 } })));", "addBulk"),
    "bulk from a name": ("const jobs = [{ name: 'welcome', data: { id: 1 } }];\nmails.addBulk(jobs);", "addBulk"),
    "bulk from a list that is filled": (
        """
        export function f(xs) {
          const jobs = [];
          for (const x of xs) jobs.push({ name: 'welcome', data: { id: 1 } });
          mails.addBulk(jobs);
        }
        """,
        "addBulk",
    ),
    "bulk from a list that is filled with another": (
        """
        export function f(xs) {
          const jobs = [];
          const more = xs.map((x) => ({ name: 'welcome', data: { id: 1 } }));
          if (xs) jobs.push(...more);
          mails.addBulk(jobs);
        }
        """,
        "addBulk",
    ),
    "flow": ("const flow = new FlowProducer({});\nflow.add({ name: 'welcome', queueName: 'mail', data: { id: 1 } });", "flow"),
    "bulk of flows": ("new FlowProducer().addBulk([{ name: 'welcome', queueName: 'mail', data: { id: 1 } }]);", "flow"),
}


@pytest.mark.parametrize(("code", "form"), ENQUEUES.values(), ids=ENQUEUES)
def test_an_enqueue(scan_tree, code: str, form: str) -> None:
    found = enqueues(scanned(scan_tree, code))
    assert [(e.name, e.form, e.queue) for e in found] == [("welcome", form, Literal("mail"))]
    assert [a.value for a in found[0].arguments] == [Literal({"id": 1})]
    assert "await mails" not in code or found[0].awaited


def test_every_job_of_a_flow_is_enqueued(scan_tree) -> None:
    code = """
        const flow = new FlowProducer({});
        flow.add({
          name: "book", queueName: "books", data: {},
          children: [
            { name: "chapter", queueName: "chapters", opts: { attempts: 2 } },
            { name: "cover", queueName: "covers", children: [{ name: "image", queueName: "images" }] },
          ],
        });
    """
    found = {e.name: (literal_of(e.queue), literal_of(e.max_attempts)) for e in enqueues(scanned(scan_tree, code))}
    assert found == {"book": ("books", None), "chapter": ("chapters", 2), "cover": ("covers", None), "image": ("images", None)}


CHILDREN = {
    "a list that is filled": ("const kids = [];\nfor (const x of xs) kids.push({ name: 'page', queueName: 'pages' });\n", "kids", ["page"]),
    "a list filled with another": (
        "const kids = [];\nconst pages = xs.map((x) => ({ name: 'page', queueName: 'pages' }));\nkids.push(...pages);\n",
        "kids",
        ["page"],
    ),
    "a list under its own name": (
        "const children = [];\nwhile (xs) children.push({ name: 'page', queueName: 'pages' });\n",
        None,
        ["page"],
    ),
    "none": ("", "[]", []),
}


@pytest.mark.parametrize("form", CHILDREN)
def test_the_children_of_a_flow(scan_tree, form: str) -> None:
    before, written, expected = CHILDREN[form]
    children = f"children: {written}" if written else "children"
    code = f"export function f(xs) {{ {before}new FlowProducer().add({{ name: 'book', queueName: 'books', {children} }}); }}"
    found = scanned(scan_tree, code)
    assert [e.name for e in enqueues(found)] == ["book", *expected]
    assert found.unresolved == ()


def test_children_that_only_the_run_knows_are_not_passed_over(scan_tree) -> None:
    found = scanned(scan_tree, "export const f = (kids) => new FlowProducer().add({ name: 'book', queueName: 'books', children: kids });")
    assert [e.name for e in enqueues(found)] == ["book"]
    assert [u.reason for u in found.unresolved] == ["which jobs are the children of this one cannot be told"]


OPTIONS: dict[str, tuple[str, dict[str, Value]]] = {
    "delay": ("{ delay: 5 * 60 * 1000 }", {"delay": Literal(300)}),
    "delay that only the run knows": ("{ delay: wait }", {"delay": Expression("wait", 0.001)}),
    "priority": ("{ priority: 3 }", {"priority": Literal(-3)}),
    "attempts": ("{ attempts: 4 }", {"max_attempts": Literal(4)}),
    "backoff alone does not retry": ("{ backoff: 100 }", {"max_attempts": Literal(1)}),
    "job id": ("{ jobId: 'x' }", {"dedupe": Literal("x")}),
    "deduplication": ("{ deduplication: { id: 'x', ttl: 5 } }", {"dedupe": Literal({"id": "x", "ttl": 5})}),
    "nothing": ("{ removeOnComplete: true }", {}),
}


@pytest.mark.parametrize(("options", "expected"), OPTIONS.values(), ids=OPTIONS)
def test_options_in_the_models_units(scan_tree, options: str, expected: dict[str, Value]) -> None:
    found = enqueues(scanned(scan_tree, f"export const f = (wait) => mails.add('a', {{}}, {options});"))[0]
    told = {f: v for f in ("delay", "priority", "max_attempts", "dedupe") if (v := getattr(found, f)) is not None}
    assert told == expected


def test_the_defaults_of_a_queue_hold_for_its_jobs(scan_tree) -> None:
    code = """
        const slow = new Queue("slow", { defaultJobOptions: { attempts: 3, delay: 1000, backoff: { type: "exponential", delay: 500 } } });
        slow.add("a", {});
        slow.add("b", {}, { attempts: 7 });
        new Worker("slow", async () => {}, { concurrency: 5, limiter: { max: 10, duration: 1000 } });
    """
    inventory = scanned(scan_tree, code)
    assert {e.name: (e.max_attempts, e.delay) for e in enqueues(inventory)} == {
        "a": (Literal(3), Literal(1)),
        "b": (Literal(7), Literal(1)),
    }
    job = inventory.of(Job)[0]
    assert job.retry is not None
    assert (job.retry.max_attempts, job.retry.backoff) == (Literal(3), Backoff("exponential", Literal(0.5)))
    assert (job.concurrency, job.rate_limit) == (Literal(5), Literal({"max": 10, "duration": 1000}))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("5000", Backoff("fixed", Literal(5))),
        ("{ type: 'fixed', delay: 250 }", Backoff("fixed", Literal(0.25))),
        ("{ type: 'exponential', delay: 1000, jitter: 0.5 }", Backoff("exponential", Literal(1), jitter="half")),
        ("{ type: 'exponential', delay: wait }", Backoff("exponential", Expression("wait", 0.001))),
        ("{ type: 'own' }", Backoff("custom", Literal({"type": "own"}))),
    ],
)
def test_backoff(scan_tree, written: str, expected: Backoff) -> None:
    code = f"const wait = Number(process.env.WAIT);\nnew Queue('q', {{ defaultJobOptions: {{ attempts: 2, backoff: {written} }} }});\n"
    job = scanned(scan_tree, code + "new Worker('q', async () => {});").of(Job)[0]
    assert job.retry is not None
    assert job.retry.backoff == expected


SCHEDULES: dict[str, tuple[str, Value | None, Value | None, str]] = {
    "cron": (
        "mails.upsertJobScheduler('nightly', { pattern: '0 3 * * *', tz: 'Europe/Oslo' });",
        Literal("0 3 * * *"),
        None,
        "Europe/Oslo",
    ),
    "interval": ("mails.upsertJobScheduler('nightly', { every: 60_000 }, { name: 'nightly', data: {} });", None, Literal(60), ""),
    "repeat": ("mails.add('nightly', {}, { repeat: { pattern: '0 3 * * *' } });", Literal("0 3 * * *"), None, ""),
    "repeat, interval": ("mails.add('nightly', {}, { repeat: { every: 1000 } });", None, Literal(1), ""),
    "repeat, as it was called before": ("mails.add('nightly', {}, { repeat: { cron: '0 3 * * *' } });", Literal("0 3 * * *"), None, ""),
}


@pytest.mark.parametrize(("code", "cron", "interval", "zone"), SCHEDULES.values(), ids=SCHEDULES)
def test_a_schedule(scan_tree, code: str, cron: Value | None, interval: Value | None, zone: str) -> None:
    inventory = scanned(scan_tree, code)
    assert [(s.name, s.job_name, s.cron, s.interval, s.timezone) for s in inventory.of(Schedule)] == [
        ("nightly", "nightly", cron, interval, zone)
    ]
    assert enqueues(inventory) == []


def test_a_scheduler_and_its_job_may_have_different_names(scan_tree) -> None:
    found = scanned(scan_tree, "mails.upsertJobScheduler('every-night', { every: 1000 }, { name: 'digest', data: { all: true } });").of(
        Schedule
    )
    assert [(s.name, s.job_name, [a.value for a in s.arguments]) for s in found] == [("every-night", "digest", [Literal({"all": True})])]


@pytest.mark.parametrize(("version", "schedules", "jobs"), [("^5.81.5", 1, 0), ("4.18.3", 1, 0), ("^6.7.0", 0, 1), ("workspace:*", 1, 0)])
def test_what_repeat_means_depends_on_the_version(scan_tree, version: str, schedules: int, jobs: int) -> None:
    manifest = f'{{"dependencies": {{"bullmq": "{version}"}}}}'
    code = IMPORT + "mails.add('nightly', {}, { repeat: { every: 1000 } });"
    inventory = scan_tree({"package.json": manifest, "app.ts": code})
    assert (len(inventory.of(Schedule)), len(enqueues(inventory))) == (schedules, jobs)
    assert [u.reason for u in inventory.unresolved] == ["BullMQ 6 takes no notice of `repeat`: this job runs once and never again"] * jobs


PROCESSORS = {
    "arrow": "new Worker('mail', async (job) => send(job.data));",
    "function": "async function send(job) {}\nnew Worker('mail', send);",
    "from another file": "import { send } from './send';\nnew Worker('mail', send);",
    "from a factory": "const make = (db) => async (job) => db.send(job);\nnew Worker('mail', make({}));",
    "method": "class P { async send(job) {} }\nconst p = new P();\nnew Worker('mail', p.send.bind(p));",
    "bound to this": "class P { start() { return new Worker('mail', this.send.bind(this)); }\n async send(job) {} }",
    "wrapped by something outside": "import * as Sentry from '@sentry/node';\nnew Worker('mail', Sentry.wrap(async (job) => {}));",
    "imported when it is needed": "new Worker('mail', async (job) => (await import('./send')).send(job));",
    "class of its own": "class W extends Worker { constructor() { super('mail', async (job) => {}); } }",
    "file": "new Worker('mail', path.join(__dirname, 'sandbox.js'));",
    "file beside": "new Worker('mail', `${__dirname}/sandbox.js`);",
    "file behind a name": "const file = __dirname + '/sandbox.js';\nnew Worker('mail', file);",
    "file as an address": "new Worker('mail', new URL('./sandbox.js', import.meta.url));",
    "file as the path of an address": "new Worker('mail', fileURLToPath(new URL('./sandbox.js', import.meta.url)));",
}


@pytest.mark.parametrize("code", PROCESSORS.values(), ids=PROCESSORS)
def test_a_worker_is_a_definition_with_its_handler(scan_tree, code: str) -> None:
    files = {"send.ts": "export async function send(job) {}", "sandbox.ts": "export default async (job) => {};"}
    inventory = scan_tree({**files, "app.ts": IMPORT + code})
    assert [(j.name, j.live, j.queue) for j in inventory.of(Job)] == [("mail", True, Literal("mail"))]
    assert [w.queues for w in inventory.of(Worker)] == [("mail",)]
    job = inventory.of(Job)[0]
    assert job.handler is not None
    if "sandbox" in code:
        assert (job.form, job.handler.location.path) == ("new Worker, sandboxed", "sandbox.ts")


def test_a_worker_of_a_queue_by_its_own_name(scan_tree) -> None:
    code = "new Worker(mails.name, async (job) => { await send(job); });\nexport const f = (user) => new Worker(user.name, run);"
    assert [(w.name, w.location.line) for w in scanned(scan_tree, code).of(Worker)] == [("mail", 3), ("", 4)]


def test_a_worker_that_fetches_by_hand(scan_tree) -> None:
    job = scanned(scan_tree, "const w = new Worker('mail', null, {});\nawait w.getNextJob('token');").of(Job)[0]
    assert (job.form, job.handler) == ("new Worker, fetched by hand", None)


TOLD_APART = {
    "switch": "async (job) => { switch (job.name) { case 'a': return 1; case 'b': return 2; } }",
    "comparison": "async (job) => { if (job.name === 'a') return 1; else if (job.name === 'b') return 2; }",
    "record": "async (job) => handlers[job.name](job)",
    "taken apart": "async ({ name, data }) => { switch (name) { case 'a': return 1; case 'b': return 2; } }",
}


@pytest.mark.parametrize("processor", TOLD_APART.values(), ids=TOLD_APART)
def test_the_names_that_a_processor_tells_apart(scan_tree, processor: str) -> None:
    code = f"const handlers = {{ a: () => {{}}, b: () => {{}} }};\nnew Worker('mail', {processor});"
    assert [u.detail for u in scanned(scan_tree, code).of(Job)[0].uses] == ["a", "b"]


@pytest.mark.parametrize(
    "loop",
    [
        "for (const name of NAMES) new Worker(name, async () => {});",
        "NAMES.forEach((name) => { new Worker(name, async () => {}); });",
        "const workers = NAMES.map((name) => new Worker(name, async () => {}));",
        "for (const [name, run] of Object.entries(RUNS)) new Worker(name, run);",
        "Object.entries(RUNS).map(([name, run]) => new Worker(name, run));",
        "for (const { name, run } of LIST) new Worker(name, run);",
        "LIST.forEach(({ name, run }) => new Worker(name, run));",
    ],
)
def test_workers_made_in_a_loop(scan_tree, loop: str) -> None:
    code = """
        const NAMES = ["a", "b"];
        const RUNS = { a: async () => {}, b: async () => {} };
        const LIST = [{ name: "a", run: async () => {} }, { name: "b", run: async () => {} }];
    """
    found = scanned(scan_tree, code + loop)
    assert [(j.name, j.handler is not None) for j in found.of(Job)] == [("a", True), ("b", True)]
    assert [w.name for w in found.of(Worker)] == ["a", "b"]


def test_what_listens_to_failures_belongs_to_the_job(scan_tree) -> None:
    code = "const w = new Worker('mail', async () => {});\nw.on('completed', () => {});\nw.on('failed', (job, error) => alarm(error));"
    job = scanned(scan_tree, code).of(Job)[0]
    assert job.failure_handler is not None
    assert (IMPORT + code).encode()[job.failure_handler.start : job.failure_handler.end] == b"(job, error) => alarm(error)"


def test_settings_of_a_queue(scan_tree) -> None:
    found = scanned(scan_tree, "mails.setGlobalConcurrency(4);\nmails.setGlobalRateLimit(10, 1000);").of(Setting)
    assert [(s.name, s.options) for s in found] == [
        ("mail", {"globalConcurrency": Literal(4)}),
        ("mail", {"globalRateLimit": Literal([10, 1000])}),
    ]


def test_clients(scan_tree) -> None:
    found = scanned(scan_tree, "export const events = new QueueEvents('mail');\nconst flow = new FlowProducer({});").of(Client)
    assert [(c.name, c.role, c.symbol) for c in found] == [
        ("mail", "queue", "mails"),
        ("mail", "events", "events"),
        ("flow", "flow", "flow"),
    ]


def test_a_queue_of_several_may_be_each_of_them(scan_tree) -> None:
    code = """
        const images = new Queue("image");
        const pick = (kind) => { if (kind === "mail") return mails; return images; };
        pick(process.env.KIND).add("go", {});
    """
    told = [(e.name, literal_of(e.queue), e.confidence) for e in enqueues(scanned(scan_tree, code))]
    assert told == [("go", "image", "likely"), ("go", "mail", "likely")]


NEST = """
    import { Processor, WorkerHost, OnWorkerEvent, InjectQueue, BullModule, QueueEventsListener } from "@nestjs/bullmq";
    import { Queue } from "bullmq";
"""


def test_nest_processor(scan_tree) -> None:
    code = """
        export const MAIL = "mail";
        @Processor({ name: MAIL }, { concurrency: 3 })
        export class MailProcessor extends WorkerHost {
          async process(job) { switch (job.name) { case "welcome": return 1; case "digest": return 2; } }
          @OnWorkerEvent("failed") onFailed(job) {}
        }
    """
    inventory = scan_tree({"mail.ts": NEST + code})
    job = inventory.of(Job)[0]
    assert (job.name, job.symbol, job.form, job.concurrency) == ("mail", "MailProcessor", "@Processor", Literal(3))
    assert [u.detail for u in job.uses] == ["welcome", "digest"]
    assert job.handler is not None
    assert job.failure_handler is not None


def test_nest_injection_and_registration(scan_tree) -> None:
    code = """
        const queues = BullModule.registerQueue({ name: "mail" }, { name: "image" });
        const module = { imports: [queues, BullModule.registerFlowProducer({ name: "book" })] };
        export class Signup {
          constructor(@InjectQueue("mail") private readonly mails: Queue) {}
          run() { return this.mails.add("welcome", {}); }
        }
        @QueueEventsListener("mail") export class Events {}
    """
    inventory = scan_tree({"app.ts": NEST + code})
    assert [(e.name, e.queue) for e in enqueues(inventory)] == [("welcome", Literal("mail"))]
    assert sorted((c.name, c.role) for c in inventory.of(Client)) == [
        ("book", "flow"),
        ("image", "queue"),
        ("mail", "events"),
        ("mail", "queue"),
    ]


LOOK_ALIKES = {
    "a set": "const seen = new Set();\nseen.add('welcome');",
    "a class list": "document.body.classList.add('welcome');",
    "a big number": "import Decimal from 'decimal.js';\nnew Decimal(1).add(2);",
    "a queue of another library": "import { Queue as Other } from 'queue-lib';\nconst q = new Other('mail');\nq.add('welcome');",
    "a queue of the project": "class Own { add(name) {} }\nnew Own().add('welcome');",
    "a worker of the browser": "const w = new globalThis.Worker('worker.js');\nw.on('failed', () => {});",
    "a worker thread": "import { Worker as Thread } from 'node:worker_threads';\nnew Thread('./worker.js');",
    "an emitter": "import { EventEmitter } from 'node:events';\nnew EventEmitter().on('failed', () => {});",
    "an emitter that is listened to": "import { EventEmitter } from 'node:events';\nnew EventEmitter().on('failed', log).add('welcome');",
    "a filled list that nobody sends": "export const jobs = [];\njobs.push({ name: 'welcome' });",
    "reading a job": "mails.getJob('1');\nmails.getJobCounts();",
    "a mail": "mailer.send('welcome');",
}


@pytest.mark.parametrize("code", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_a_look_alike_is_none(scan_tree, code: str) -> None:
    assert [(i.kind, i.name) for i in scanned(scan_tree, code).items] == [("client", "mail")]


BACKOFFS = {
    "the queue's": ('new Queue("m", { defaultJobOptions: { attempts: 3, backoff: 2000 } }).add("a", {});', Backoff("fixed", Literal(2))),
    "the call's": ('new Queue("m", { defaultJobOptions: { backoff: 2000 } }).add("a", {}, { backoff: 0 });', Backoff("fixed", Literal(0))),
    "none": ('new Queue("m").add("a", {}, { attempts: 3 });', Backoff("none")),
    "nothing is said": ('new Queue("m").add("a", {});', None),
    "unknown": ('export const f = (o: JobsOptions) => new Queue("m").add("a", {}, o);', Backoff("custom")),
    "partly unknown": ('export const f = (o: JobsOptions) => new Queue("m").add("a", {}, { attempts: 3, ...o });', Backoff("custom")),
    "of a queue that was made elsewhere": ("export const f = (q: Queue) => q.add('a', {}, { attempts: 3 });", None),
}


@pytest.mark.parametrize("form", BACKOFFS)
def test_how_long_a_job_waits_before_it_is_tried_again(scan_tree, form: str) -> None:
    code, backoff = BACKOFFS[form]
    assert [e.backoff for e in enqueues(scanned(scan_tree, code))] == [backoff]


FILLED_LATER = {
    "a record": "const queues: Record<string, Queue> = {};\n",
    "a record without a prototype": "const queues: Record<string, Queue> = Object.create(null);\n",
    "a record of what a function gives": "const queues: Partial<Record<Names, ReturnType<typeof make>>> = {};\n",
    "a type with an index": "const queues: { [name: string]: Queue } = {};\n",
    "no type": "const queues = {};\nfor (const name of names()) queues[name] = make(name);\n",
    "no type, no prototype": "const queues = Object.create(null);\nqueues[first()] = make(first());\n",
}


@pytest.mark.parametrize("declared", FILLED_LATER.values(), ids=FILLED_LATER)
def test_an_object_of_queues_that_is_filled_later(scan_tree, declared: str) -> None:
    code = f"""
const make = (name: string) => new Queue(name, {{ connection }});
{declared}export const send = (name: string) => queues[name].add("welcome", {{ id: 1 }});
"""
    assert [e.name for e in enqueues(scanned(scan_tree, code))] == ["welcome"]


def test_an_object_of_queues_in_a_class(scan_tree) -> None:
    code = """
export class Hub {
  private queues: Record<string, Queue> = {};
  open(name: string) { this.queues[name] = new Queue(name, { connection }); }
  send(name: string) { return this.queues[name].add("welcome", { id: 1 }); }
}
"""
    assert [e.name for e in enqueues(scanned(scan_tree, code))] == ["welcome"]


NO_QUEUES = {
    "sets": "const held = {};\nheld[key()] = new Set();\nexport const f = (k, v) => held[k].add('welcome', v);",
    "sets by their type": "const held: Record<string, Set<string>> = {};\nexport const f = (k, v) => held[k].add('welcome', v);",
    "queues and sets": "const held = {};\nheld[a()] = new Set();\nheld[b()] = mails;\nexport const f = (k) => held[k].add('welcome', 1);",
    "nothing known": "const held = {};\nexport const f = (k, v) => held[k].add('welcome', v);",
}


@pytest.mark.parametrize("code", NO_QUEUES.values(), ids=NO_QUEUES)
def test_an_object_of_something_else_that_is_filled_later(scan_tree, code: str) -> None:
    assert enqueues(scanned(scan_tree, code)) == []


#: a queue that NestJS hands in -> how code comes to it
INJECTED = {
    "through a getter": ("@InjectQueue('mail') private queue: Queue", "this.queues.get().add('x', {})"),
    "through an attribute": ("@InjectQueue('mail') public queue: Queue", "this.queues.queue.add('x', {})"),
    "that may be missing": ("@Optional() @InjectQueue('mail') public queue?: Queue", "this.queues.queue.add('x', {})"),
    "by a decorator of the project": ("@InjectMails() public queue: Queue", "this.queues.get().add('x', {})"),
}


@pytest.mark.parametrize("form", INJECTED)
def test_a_queue_that_is_handed_in_elsewhere(scan_tree, form: str) -> None:
    held, said = INJECTED[form]
    code = f"""
        import {{ InjectQueue }} from "@nestjs/bullmq";
        import {{ Queue }} from "bullmq";
        const MAIL = "mail";
        const InjectMails = () => InjectQueue(MAIL);
        export class Queues {{ constructor({held}) {{}} get() {{ return this.queue; }} }}
        export class Mailer {{ constructor(private queues: Queues) {{}} async f() {{ await {said}; }} }}
        """
    assert [(e.name, literal_of(e.queue)) for e in scan_tree({"a.ts": code}).of(Enqueue)] == [("x", "mail")]


@pytest.mark.parametrize("name", ['a ? "x" : b ? "y" : "z"', 'a ? (b ? "y" : "z") : "x"'])
def test_one_of_several_names_is_none(scan_tree, name: str) -> None:
    code = f"{IMPORT}export const go = (a, b) => mails.add({name}, {{}});"
    assert [i.name for i in enqueues(scan_tree({"queue.ts": code}))] == [""]
