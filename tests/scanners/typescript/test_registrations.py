# ruff: noqa: E501 - code under test reads better on one line
"""Ways in which applications register their jobs with a client that they wrap: lists, records, registries, folders, interfaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from migrator.jobs import Enqueue, Inventory, Job, Schedule, literal_of

Scan = Callable[[Mapping[str, str]], Inventory]

WORKER = 'import { Queue, Worker } from "bullmq";\n'
BOSS = 'import PgBoss from "pg-boss";\nexport const boss = new PgBoss(process.env.DATABASE_URL!);\n'
INNGEST = 'import { Inngest } from "inngest";\nexport const inngest = new Inngest({ id: "app" });\n'

#: name -> (files, definitions as (name, file, line))
DEFINITIONS: dict[str, tuple[dict[str, str], list[tuple[str, str, int]]]] = {
    "object literals in an array that a class registers": (
        {
            "client.ts": INNGEST
            + """
export class JobClient {
  constructor(definitions: Definition[]) {
    definitions.forEach((definition) => { this.define(definition); });
  }
  define(job: Definition) {
    const trigger = job.trigger.cron ? { cron: job.trigger.cron } : { event: job.trigger.name };
    return inngest.createFunction({ id: job.id }, trigger, async ({ event }) => job.handler(event));
  }
}
""",
            "mail.ts": 'export const MAIL = {\n  id: "mail",\n  trigger: { name: "mail.wanted" },\n  handler: async (e) => {},\n} as const;\n',
            "clean.ts": 'export const CLEAN = {\n  id: "clean",\n  trigger: { name: "clean", cron: "0 * * * *" },\n  handler: async (e) => {},\n};\n',
            "jobs.ts": 'import { JobClient } from "./client";\nimport { MAIL } from "./mail";\nimport { CLEAN } from "./clean";\n'
            "export const jobs = new JobClient([MAIL, CLEAN] as const);\n",
        },
        [("clean", "clean.ts", 1), ("mail", "mail.ts", 1)],
    ),
    "object literals, client behind an abstract provider": (
        {
            "base.ts": "export abstract class Provider { defineJob(job: Definition): void { throw new Error(); } }\n",
            "inngest.ts": INNGEST
            + """
import { Provider } from "./base";
export class InngestProvider extends Provider {
  static get() { return new InngestProvider(); }
  defineJob(job: Definition) { inngest.createFunction({ id: job.id }, { event: job.trigger }, async (c) => job.handler(c)); }
}
""",
            "client.ts": """
import { Provider } from "./base";
import { InngestProvider } from "./inngest";
import { choose } from "some-matcher";
export class Client {
  private provider: Provider;
  constructor(definitions: Definition[]) {
    this.provider = choose(process.env.PROVIDER).with("inngest", () => InngestProvider.get()).otherwise(() => null);
    for (const definition of definitions) this.provider.defineJob(definition);
  }
}
""",
            "jobs.ts": 'import { Client } from "./client";\nconst A = {\n  id: "a",\n  trigger: "a/go",\n  handler: async () => {} };\nexport default new Client([A]);\n',
        },
        [("a", "jobs.ts", 2)],
    ),
    "object literals, client behind an interface": (
        {
            "types.ts": "export interface JobProvider { defineJob(job: Definition): void; }\n",
            "bull.ts": WORKER
            + """
import type { JobProvider } from "./types";
export class BullProvider implements JobProvider {
  defineJob(job: Definition) { new Worker(job.name, job.handler); }
}
""",
            "client.ts": 'import type { JobProvider } from "./types";\nexport function register(provider: JobProvider) {\n'
            '  provider.defineJob({ name: "a", handler: async () => {} });\n}\n',
        },
        [("a", "client.ts", 3)],
    ),
    "defineJob that registers": (
        {
            "define.ts": BOSS + "export const defineJob = (name: string, run: Run) => boss.work(name, async ([job]) => run(job.data));\n",
            "mail.ts": 'import { defineJob } from "./define";\nexport default defineJob("mail", async (data) => {});\n',
        },
        [("mail", "mail.ts", 2)],
    ),
    "defineJob that only gives back, list of what it gives": (
        {
            "define.ts": "export const defineJob = <T>(job: Definition<T>) => job;\n",
            "mail.ts": 'import { defineJob } from "./define";\n\nexport const mail = defineJob({\n  name: "mail",\n  handler: async () => {},\n});\n',
            "worker.ts": BOSS
            + 'import { mail } from "./mail";\nconst jobs = [mail];\nfor (const job of jobs) await boss.work(job.name, job.handler);\n',
        },
        [("mail", "mail.ts", 3)],
    ),
    "registry.add, workers made from the registry": (
        {
            "registry.ts": BOSS
            + """
class Registry {
  private handlers = new Map<string, Handler>();
  add(name: string, handler: Handler) { this.handlers.set(name, handler); return this; }
  async start() {
    for (const [name, handler] of this.handlers) { await boss.work(name, handler); }
  }
}
export const registry = new Registry();
""",
            "mail.ts": 'import { registry } from "./registry";\nregistry.add("mail", async (job) => {});\nregistry.add("digest", async (job) => {});\n',
        },
        [("digest", "mail.ts", 3), ("mail", "mail.ts", 2)],
    ),
    "registry of objects, pushed": (
        {
            "registry.ts": WORKER
            + """
const jobs: Definition[] = [];
export function register(job: Definition) { jobs.push(job); }
export function start() { jobs.forEach((job) => { new Worker(job.queue, job.run); }); }
""",
            "mail.ts": 'import { register } from "./registry";\nregister({ queue: "mail", run: async () => {} });\n',
        },
        [("mail", "mail.ts", 2)],
    ),
    "classes in a static list, polled by a loop": (
        {
            "queue.ts": BOSS
            + """
export abstract class Queue {
  protected static events: EventClass[] = [];
  static register(event: EventClass) { Queue.events.push(event); }
  static start() { for (const event of Queue.events) { this.poll(event, 5); } }
  protected static poll(event: EventClass, size: number) {
    setInterval(async () => { await boss.fetch(event.getQueueName(), { batchSize: size }); }, 1000);
  }
}
export class Event { protected static queueName = ""; static getQueueName() { return this.queueName; } }
""",
            "mail.ts": 'import { Event } from "./queue";\nexport class Mail extends Event { static queueName = "mail"; }\n'
            'export class Image extends Event { static queueName = "image"; }\n',
            "workers.ts": 'import { Queue } from "./queue";\nimport { Image, Mail } from "./mail";\nQueue.register(Mail);\nQueue.register(Image);\n',
        },
        [("image", "workers.ts", 4), ("mail", "workers.ts", 3)],
    ),
    "record of arrows by queue": (
        {
            "app.ts": WORKER
            + "const PROCESSORS = {\n  mail: async (job) => {},\n  image: async (job) => {},\n};\n"
            + "export const workers = Object.entries(PROCESSORS).map(([name, run]) => new Worker(name, run));\n"
        },
        [("image", "app.ts", 4), ("mail", "app.ts", 3)],
    ),
    "record whose keys are looped over": (
        {
            "app.ts": BOSS + "const HANDLERS: Record<string, Handler> = { mail: async () => {}, image: async () => {} };\n"
            "for (const name of Object.keys(HANDLERS)) { await boss.work(name, HANDLERS[name]); }\n"
        },
        [("image", "app.ts", 3), ("mail", "app.ts", 3)],
    ),
    "for in over a record": (
        {
            "app.js": BOSS.replace("!", "") + "const handlers = { mail: async () => {}, image: async () => {} };\n"
            "for (const name in handlers) { boss.work(name, handlers[name]); }\n"
        },
        [("image", "app.js", 3), ("mail", "app.js", 3)],
    ),
    "factory of queue and worker": (
        {
            "queue.ts": WORKER
            + """
export function createQueue(name: string, processor: Processor) {
  const queue = new Queue(name, { connection });
  const worker = new Worker(name, processor, { connection });
  return { queue, worker };
}
""",
            "mail.ts": 'import { createQueue } from "./queue";\nexport const { queue: mailQueue } = createQueue("mail", async (job) => {});\n',
        },
        [("mail", "mail.ts", 2)],
    ),
    "workers in a loop over an enum": (
        {
            "app.ts": WORKER
            + 'enum Queues { Mail = "mail", Image = "image" }\nfor (const name of Object.values(Queues)) new Worker(name, async () => {});\n'
        },
        [("image", "app.ts", 3), ("mail", "app.ts", 3)],
    ),
    "discovery by folder, required": (
        {
            "worker.js": """const fs = require("fs");
const path = require("path");
const { Worker } = require("bullmq");
const dir = path.join(__dirname, "jobs");
fs.readdirSync(dir).filter((file) => file.endsWith(".js")).forEach((file) => {
  const job = require(path.join(dir, file));
  new Worker(job.name, job.handler);
});
""",
            "jobs/mail.js": 'module.exports = { name: "mail", handler: async () => {} };\n',
            "jobs/image.js": 'exports.name = "image";\nexports.handler = async () => {};\n',
        },
        [("image", "jobs/image.js", 1), ("mail", "jobs/mail.js", 1)],
    ),
    "discovery by folder, imported": (
        {
            "worker.ts": BOSS
            + """import { readdir } from "node:fs/promises";
const files = await readdir(new URL("./jobs", import.meta.url));
for (const file of files) {
  const { job } = await import(`./jobs/${file}`);
  await boss.work(job.name, job.handler);
}
""",
            "jobs/mail.ts": 'export const job = { name: "mail", handler: async () => {} };\n',
            "jobs/image.ts": '\nexport const job = { name: "image", handler: async () => {} };\n',
        },
        [("image", "jobs/image.ts", 2), ("mail", "jobs/mail.ts", 1)],
    ),
    "discovery by folder, classes with a queue of their own": (
        {
            "queue.js": 'const Bull = require("bull");\nmodule.exports = new Bull("tasks");\n',
            "jobs/base.js": 'const queue = require("../queue");\nmodule.exports = class Base { static get queue() { return queue; } };\n',
            "jobs/mail.js": 'const Base = require("./base");\nmodule.exports = class Mail extends Base { static async run(job) {} };\n',
            "worker.js": 'const fs = require("fs");\nfs.readdirSync(`${__dirname}/jobs`).filter((f) => f != "base.js").forEach((file) => {\n'
            "  const job = require(`./jobs/${file}`);\n  job.queue.process(job.name, job.run);\n});\n",
        },
        [("Base", "worker.js", 4), ("Mail", "worker.js", 4)],
    ),
    "discovery by glob": (
        {
            "worker.ts": BOSS
            + """
const modules = import.meta.glob("./jobs/*.ts", { eager: true });
for (const module of Object.values(modules)) { await boss.work(module.job.name, module.job.handler); }
""",
            "jobs/mail.ts": 'export const job = { name: "mail", handler: async () => {} };\n',
        },
        [("mail", "jobs/mail.ts", 1)],
    ),
    "job classes with a name and a handle": (
        {
            "base.ts": BOSS + "export abstract class Job { abstract name: string; abstract handle(data): Promise<void>;\n"
            "  register() { return boss.work(this.name, ([job]) => this.handle(job.data)); } }\n",
            "mail.ts": 'import { Job } from "./base";\nexport class Mail extends Job {\n  name = "mail";\n  async handle(data) {}\n}\n',
            "main.ts": 'import { Mail } from "./mail";\nnew Mail().register();\n',
        },
        [("mail", "main.ts", 2)],
    ),
    "name handed to the constructor of the base class": (
        {
            "base.ts": WORKER + "export class Runner { make(topic: string, run: Processor) { return new Worker(topic, run); } }\n"
            "export class Base {\n  private runner: Runner;\n  constructor(readonly topic: string, runner: Runner) { this.runner = runner; }\n"
            "  init(run: Processor) { this.runner.make(this.topic, run); }\n}\n",
            "mail.ts": 'import { Base, Runner } from "./base";\nexport class Mails extends Base {\n'
            '  constructor() { super("mail", new Runner()); this.init(async () => {}); }\n}\n',
        },
        [("mail", "mail.ts", 3)],
    ),
    "subscribed to by a function that the client's promise is handed to": (
        {
            "boss.js": 'const PgBoss = require("pg-boss");\nexports.boss = (async () => { const b = new PgBoss(""); return b.start(); })();\n',
            "worker.js": 'const { boss } = require("./boss");\nboss.then(ready);\n\nfunction ready(b) {\n'
            "  const jobs = {\n    mail: async () => {},\n  };\n  Object.keys(jobs).forEach((key) => { b.work(key, jobs[key]); });\n}\n",
        },
        [("mail", "worker.js", 6)],
    ),
    "object that is handed to a function with type arguments": (
        {
            "jobs.ts": "import { defineJob } from './define';\nexport const mail = defineJob<\n  { to: string }\n>({\n  id: 'mail',\n  handler: async () => {},\n});\n"
            "export const image = defineJob(\n  {\n    id: 'image',\n    handler: async () => {},\n  },\n  { slow: true },\n);\n",
            "main.ts": INNGEST + "import { image, mail } from './jobs';\nfor (const job of [mail, image])\n"
            "  inngest.createFunction({ id: job.id }, { event: job.id }, job.handler);\n",
            "define.ts": "export const defineJob = <T,>(definition: Definition<T>) => definition;\n",
        },
        [("image", "jobs.ts", 9), ("mail", "jobs.ts", 2)],
    ),
    "registry that a function fills with what it is handed, tests apart": (
        {
            "registry.js": """const Queue = require("bull");
const queue = new Queue("upkeep");
const processors = {};
const addProcessor = (category, run, locked = true) => {
  if (!processors[category]) processors[category] = { run, locked };
};
const start = () => Object.entries(processors).map(([category, { run, locked }]) => queue.process(category, wrap(run)));
module.exports = { addProcessor, start };
""",
            "db.js": 'const { addProcessor } = require("./registry");\nconst KINDS = { DB: "db" };\naddProcessor(KINDS.DB, clean, false);\n',
            "registry.test.js": 'const { addProcessor } = require("./registry");\naddProcessor("sample", jest.fn());\n',
        },
        [("db", "db.js", 3)],
    ),
    "names of an object among others": (
        {
            "names.js": "const NAMES = { DAILY: 'daily', WEEKLY: 'weekly', SUM: 'sum' };\nexport { NAMES };\n",
            "main.js": """import Queue from "bull";
import { NAMES } from "./names";
const queue = new Queue("mail");
const DIGESTS = { [NAMES.DAILY]: { days: 1, fetch: load }, [NAMES.WEEKLY]: { days: 7, fetch: load } };
const ALL = [...Object.keys(DIGESTS), NAMES.SUM];
ALL.forEach((name) => queue.process(name, send));
""",
        },
        [("daily", "main.js", 6), ("sum", "main.js", 6), ("weekly", "main.js", 6)],
    ),
    "queue with a name that is handed in, or a default": (
        {
            "config.js": 'const config = {};\nconfig.queue = { blocks: { name: "blocks" } };\nmodule.exports = config;\n',
            "queue.js": """const Bull = require("bull");
const pool = {};
module.exports = (url, _name = "default", run, concurrency = 1) => {
  const name = _name || "default";
  if (!pool[name]) pool[name] = new Bull(name, url);
  const queue = pool[name];
  queue.process(name, concurrency, run);
  return { add: (data) => queue.add(name, data, {}), queue };
};
""",
            "index.js": 'module.exports = { Queue: require("./queue"), log: 1 };\n',
            "use.js": 'const { Queue } = require("./index");\nconst config = require("./config");\n'
            "const blocks = Queue(config.url, config.queue.blocks.name, index, 3);\n"
            'const mails = Queue(config.url, "mail", send);\nexports.f = () => blocks.add({ height: 1 });\n',
        },
        [("blocks", "use.js", 3), ("mail", "use.js", 4)],
    ),
    "list of job classes": (
        {
            "main.ts": BOSS
            + """
class Mail { name = "mail"; async handle(data) {} }
class Image { name = "image"; async handle(data) {} }
const jobs = [new Mail(), new Image()];
for (const job of jobs) boss.work(job.name, (data) => job.handle(data));
"""
        },
        [("image", "main.ts", 7), ("mail", "main.ts", 7)],
    ),
}


@pytest.mark.parametrize(("files", "expected"), DEFINITIONS.values(), ids=DEFINITIONS)
def test_a_definition(scan_tree: Scan, files: dict[str, str], expected: list[tuple[str, str, int]]) -> None:
    found = [j for j in scan_tree(files).production if isinstance(j, Job)]
    assert sorted((j.name, j.location.path, j.location.line) for j in found) == expected


#: name -> (files, enqueues as (name, file, line), whether a doubt is said)
ENQUEUES: dict[str, tuple[dict[str, str], list[tuple[str, str, int]], bool]] = {
    "instance of a job class that is called by a symbol": (
        {
            "queue.ts": BOSS + "export const NAME = Symbol('name');\nexport class Jobs {\n"
            "  async put(job: Job) { return boss.send({ name: job.name, data: { ...job.data } }); }\n}\n",
            "mail.ts": 'import { NAME, Jobs } from "./queue";\nexport class Mail implements Job {\n  static readonly [NAME] = "mail";\n'
            "  readonly name = Mail[NAME];\n  constructor(public readonly data: object) {}\n}\n"
            "export class Other {\n  static readonly [Symbol.iterator] = 'other';\n  readonly name = Other[NAME];\n}\n"
            "export class S {\n  constructor(private readonly jobs: Jobs) {}\n  f() { return this.jobs.put(new Mail({})); }\n"
            "  g() { return this.jobs.put(new Other()); }\n}\n",
        },
        [("", "mail.ts", 14), ("mail", "mail.ts", 13)],
        False,
    ),
    "static method of the base, for the class that calls it": (
        {
            "base.ts": BOSS + "export abstract class Base {\n  protected static task: string;\n"
            "  static async now() { return boss.send(this.task, {}); }\n}\n",
            "mail.ts": 'import { Base } from "./base";\nexport class Mail extends Base {\n  protected static task = "mail";\n'
            "  static async force() { await super.now(); }\n}\n",
        },
        [("mail", "mail.ts", 4)],
        False,
    ),
    "method of a class that wraps the client": (
        {
            "jobs.ts": WORKER + 'export class Jobs { private queue = new Queue("jobs");\n'
            "  enqueue(name: string, data: unknown) { return this.queue.add(name, data); } }\n",
            "app.ts": 'import { Jobs } from "./jobs";\nconst jobs = new Jobs();\njobs.enqueue("mail", {});\n',
        },
        [("mail", "app.ts", 3)],
        False,
    ),
    "class injected by its type": (
        {
            "jobs.ts": WORKER + 'export class Jobs { private queue = new Queue("jobs");\n'
            "  enqueue(name: string, data: unknown) { return this.queue.add(name, data); } }\n",
            "app.ts": 'import { Jobs } from "./jobs";\nexport class Signup {\n  constructor(private readonly jobs: Jobs) {}\n'
            '  run() { return this.jobs.enqueue("mail", {}); }\n}\n',
        },
        [("mail", "app.ts", 4)],
        False,
    ),
    "reached through an interface": (
        {
            "types.ts": "export interface Dispatcher { dispatch(name: string, data: unknown): Promise<void>; }\n",
            "boss.ts": BOSS + 'import { Dispatcher } from "./types";\n'
            "export class BossDispatcher implements Dispatcher { async dispatch(name: string, data: unknown) { await boss.send(name, data); } }\n",
            "app.ts": 'import type { Dispatcher } from "./types";\nexport class Signup {\n  constructor(private readonly jobs: Dispatcher) {}\n'
            '  run() { return this.jobs.dispatch("mail", {}); }\n}\n',
        },
        [("mail", "app.ts", 4)],
        False,
    ),
    "method of the abstract class": (
        {
            "base.ts": "export abstract class Provider { abstract triggerJob(options: Options): Promise<void>; }\n",
            "inngest.ts": INNGEST + 'import { Provider } from "./base";\nexport class InngestProvider extends Provider {\n'
            "  async triggerJob(options: Options) { await inngest.send({ name: options.name, data: options.payload }); } }\n",
            "client.ts": 'import { Provider } from "./base";\nexport class Client {\n  constructor(private provider: Provider) {}\n'
            "  triggerJob(options: Options) { return this.provider.triggerJob(options); } }\n"
            "export const jobs = new Client(load());\n",
            "app.ts": 'import { jobs } from "./client";\nexport const f = () => jobs.triggerJob({\n  name: "mail.wanted", payload: {} });\n',
        },
        [("mail.wanted", "app.ts", 2)],
        False,
    ),
    "facade taken from a container": (
        {
            "service.ts": BOSS
            + "export class JobService {\n  async enqueueJob(name: string, data: unknown) { return boss.send(name, data); }\n}\n",
            "app.ts": 'export const f = async (container) => {\n  const jobService = container.resolve("jobService");\n'
            '  await jobService.enqueueJob("mail", {});\n};\n',
        },
        [("mail", "app.ts", 3)],
        True,
    ),
    "facade hung on a context": (
        {
            "service.ts": BOSS
            + "export class JobService {\n  async enqueueJob(name: string, data: unknown) { return boss.send(name, data); }\n}\n",
            "app.ts": 'export const handler = async (ctx) => {\n  await ctx.services.jobs.enqueueJob("mail", {});\n};\n',
        },
        [("mail", "app.ts", 2)],
        True,
    ),
    "static method that makes an instance of the class it is called on": (
        {
            "event.ts": BOSS
            + """
export class Event {
  static queueName = "";
  constructor(readonly payload: object) {}
  static getQueueName() { return this.queueName; }
  static send(this: Constructor, payload: object) { const that = new this(payload); return that.send(); }
  async send() { const of = this.constructor as typeof Event; return boss.send({ name: of.getQueueName(), data: this.payload }); }
}
""",
            "app.ts": 'import { Event } from "./event";\nclass Mail extends Event { static queueName = "mail"; }\n'
            'class Image extends Event { static queueName = "image"; }\nawait Mail.send({});\nawait Image.send({});\n',
        },
        [("image", "app.ts", 5), ("mail", "app.ts", 4)],
        False,
    ),
    "static method that uses the name of the class it is called on": (
        {
            "job.js": WORKER + 'const queue = new Queue("jobs");\nexport class Job { static get queue() { return queue; }\n'
            "  static add(data) { return this.queue.add(this.name, data); } }\n",
            "app.js": 'import { Job } from "./job";\nclass Mail extends Job {}\nMail.add({ id: 1 });\n',
        },
        [("Mail", "app.js", 3)],
        False,
    ),
    "one method for each job": (
        {
            "mails.ts": WORKER
            + 'const queue = new Queue("mail");\nexport class Mails { welcome(id: string) { return queue.add("welcome", { id }); } }\n',
            "app.ts": 'import { Mails } from "./mails";\nnew Mails().welcome("1");\n',
        },
        [("welcome", "mails.ts", 3)],
        False,
    ),
    "record of queues": (
        {
            "queues.ts": WORKER + 'export const queues = { mail: new Queue("mail"), image: new Queue("image") };\n',
            "app.ts": 'import { queues } from "./queues";\nqueues.mail.add("welcome", {});\nqueues["image"].add("resize", {});\n',
        },
        [("resize", "app.ts", 3), ("welcome", "app.ts", 2)],
        False,
    ),
    "enum member as a name": (
        {
            "names.ts": 'export enum JobName { Welcome = "welcome" }\nexport const QUEUES = { MAIL: "mail" } as const;\n',
            "app.ts": WORKER
            + 'import { JobName, QUEUES } from "./names";\nconst queue = new Queue(QUEUES.MAIL);\nqueue.add(JobName.Welcome, {});\n',
        },
        [("welcome", "app.ts", 4)],
        False,
    ),
    "bound method passed on": (
        {"app.ts": BOSS + 'const send = boss.send.bind(boss);\nsend("mail", {});\n'},
        [("mail", "app.ts", 4)],
        False,
    ),
    "destructured method": (
        {"app.ts": INNGEST + 'const { send } = inngest;\nsend({ name: "mail.wanted", data: {} });\n'},
        [("mail.wanted", "app.ts", 4)],
        False,
    ),
    "imported when it is needed": (
        {
            "queue.ts": WORKER + 'export const queue = new Queue("mail");\n',
            "app.ts": 'export async function f() {\n  const { queue } = await import("./queue");\n  await queue.add("welcome", {});\n}\n',
        },
        [("welcome", "app.ts", 3)],
        False,
    ),
    "then of an import": (
        {
            "queue.ts": WORKER + 'export const queue = new Queue("mail");\n',
            "app.ts": 'import("./queue").then(({ queue }) => queue.add("welcome", {}));\nimport("./queue").then((m) => m.queue.add("digest", {}));\n',
        },
        [("digest", "app.ts", 2), ("welcome", "app.ts", 1)],
        False,
    ),
    "promise of a client": (
        {
            "boss.ts": 'import PgBoss from "pg-boss";\nlet started: Promise<PgBoss> | undefined;\n'
            "export function getBoss() { started ??= new PgBoss('').start(); return started; }\n",
            "app.ts": 'import { getBoss } from "./boss";\nexport const f = async () => {\n  const boss = await getBoss();\n  await boss.send("mail", {});\n'
            '  getBoss().then((b) => b.send("digest", {}));\n};\n',
        },
        [("digest", "app.ts", 5), ("mail", "app.ts", 4)],
        False,
    ),
    "kept in the global scope under a type": (
        {
            "queue.ts": WORKER
            + """
interface Kept { queue: Queue | undefined; }
const kept = globalThis as unknown as Kept;
export const getQueue = async () => {
  if (kept.queue) return { queue: kept.queue };
  kept.queue = new Queue("mail");
  return { queue: kept.queue };
};
""",
            "app.ts": 'import { getQueue } from "./queue";\nexport const f = async () => {\n  const { queue } = await getQueue();\n'
            '  await queue.add("welcome", {});\n};\n',
        },
        [("welcome", "app.ts", 4)],
        False,
    ),
    "Map of queues": (
        {
            "app.ts": WORKER
            + """
const queues = new Map<string, Queue>();
export function getQueue(name: string): Queue {
  if (!queues.has(name)) queues.set(name, new Queue(name));
  return queues.get(name)!;
}
getQueue("mail").add("welcome", {});
"""
        },
        [("welcome", "app.ts", 8)],
        False,
    ),
    "Map of queues, no types": (
        {
            "app.js": WORKER
            + 'const queues = new Map();\nqueues.set("mail", new Queue("mail"));\nqueues.set("image", new Queue("image"));\n'
            'queues.get(pick()).add("welcome", {});\nfor (const [, queue] of queues) queue.add("tick", {});\n',
        },
        [("tick", "app.js", 6), ("welcome", "app.js", 5)],
        False,
    ),
    "list of queues": (
        {
            "app.ts": WORKER
            + 'const queues = ["mail", "image"].map((name) => new Queue(name));\nconst two = [new Queue("a"), new Queue("b")];\n'
            'for (const queue of two) { await queue.add("tick", {}); }\n',
        },
        [("tick", "app.ts", 4)],
        False,
    ),
    "events made by a function": (
        {
            "app.ts": INNGEST
            + 'const wanted = (id: string) => ({ name: "mail.wanted", data: { id } });\nawait inngest.send(wanted("1"));\n'
            'const events = [wanted("2")];\nawait inngest.send(events);\n',
        },
        [("mail.wanted", "app.ts", 4), ("mail.wanted", "app.ts", 6)],
        False,
    ),
    "events gathered before": (
        {
            "app.ts": INNGEST
            + 'const events = [];\nfor (const id of ids) { events.push({ name: "mail.wanted", data: { id } }); }\nawait inngest.send(events);\n',
        },
        [("mail.wanted", "app.ts", 5)],
        False,
    ),
}


@pytest.mark.parametrize(("files", "expected", "doubted"), ENQUEUES.values(), ids=ENQUEUES)
def test_an_enqueue(scan_tree: Scan, files: dict[str, str], expected: list[tuple[str, str, int]], doubted: bool) -> None:
    found = [e for e in scan_tree(files).production if isinstance(e, Enqueue)]
    assert sorted((e.name, e.location.path, e.location.line) for e in found) == expected
    assert {e.confidence for e in found} == {"likely" if doubted else "certain"}


SCHEDULES: dict[str, tuple[dict[str, str], list[tuple[str, str, int]]]] = {
    "list looped into boss.schedule": (
        {
            "app.ts": BOSS + 'const CRONS = [\n  { name: "digest", cron: "0 8 * * *" },\n  { name: "clean", cron: "0 3 * * *" },\n];\n'
            "for (const { name, cron } of CRONS) { await boss.schedule(name, cron); }\n"
        },
        [("clean", "0 3 * * *", 5), ("digest", "0 8 * * *", 4)],
    ),
    "cron or interval by its type, one added on a condition": (
        {
            "app.ts": WORKER
            + 'const queue = new Queue("crons");\nconst jobs = [\n  { name: "digest", when: "0 8 * * *" },\n  { name: "flush", when: 1000 },\n];\n'
            'if (process.env.PING) {\n  jobs.push({ name: "ping", when: "0 0 * * *" });\n}\n'
            "for (const job of jobs) {\n"
            "  await queue.upsertJobScheduler(job.name, typeof job.when === 'number' ? { every: job.when } : { pattern: job.when });\n}\n"
        },
        [("digest", "0 8 * * *", 4), ("flush", None, 5), ("ping", "0 0 * * *", 8)],
    ),
    "list handed to a function": (
        {
            "app.ts": WORKER + 'const queue = new Queue("crons");\nasync function schedule(list: Cron[]) {\n'
            "  await Promise.all(list.map((c) => queue.upsertJobScheduler(c.id, { pattern: c.cron }, { name: c.id })));\n}\n"
            'schedule([\n  { id: "digest", cron: "0 8 * * *" },\n]);\n'
        },
        [("digest", "0 8 * * *", 7)],
    ),
    "record of crons": (
        {
            "app.ts": WORKER + 'const queue = new Queue("crons");\nconst CRONS = {\n  digest: "0 8 * * *",\n};\n'
            "Object.entries(CRONS).forEach(([name, pattern]) => queue.add(name, {}, { repeat: { pattern } }));\n"
        },
        [("digest", "0 8 * * *", 6)],
    ),
    "trigger of a definition": (
        {
            "client.ts": WORKER
            + """
const queue = new Queue("jobs");
export class Jobs {
  constructor(definitions: Definition[]) { for (const definition of definitions) this.define(definition); }
  define(job: Definition) {
    if (job.trigger.cron && job.enabled !== false) { void queue.upsertJobScheduler(job.id, { pattern: job.trigger.cron }); }
  }
}
""",
            "app.ts": 'import { Jobs } from "./client";\nconst MAIL = { id: "mail", trigger: { name: "mail.wanted" }, handler: async () => {} };\n'
            'const CLEAN = {\n  id: "clean",\n  trigger: {\n    name: "clean",\n    cron: "0 3 * * *",\n  },\n  handler: async () => {},\n};\n'
            'const OFF = { ...CLEAN, id: "off", enabled: false };\nexport const jobs = new Jobs([MAIL, CLEAN, OFF]);\n',
        },
        [("clean", "0 3 * * *", 7)],
    ),
    "only those that have a cron": (
        {
            "app.ts": BOSS + 'const JOBS = [\n  { name: "mail" },\n  { name: "digest", cron: "0 8 * * *" },\n];\n'
            "for (const job of JOBS) { if (job.cron) await boss.schedule(job.name, job.cron); }\n"
        },
        [("digest", "0 8 * * *", 5)],
    ),
}


@pytest.mark.parametrize(("files", "expected"), SCHEDULES.values(), ids=SCHEDULES)
def test_a_schedule(scan_tree: Scan, files: dict[str, str], expected: list[tuple[str, str, int]]) -> None:
    found = [s for s in scan_tree(files).production if isinstance(s, Schedule)]
    assert sorted((s.name, literal_of(s.cron), s.location.line) for s in found) == expected


SPREADS = {
    "a spread of what says the name": ("{ ...base, handler: run }", ["nightly"]),
    "a spread of a spread": ("{ ...{ ...base }, handler: run }", ["nightly"]),
    "said again after the spread": ("{ ...base, name: 'other', handler: run }", ["other"]),
    "a spread of something unknown": ("{ ...options, handler: run }", [""]),
    "a spread without the name": ("{ ...rest, handler: run }", [""]),
}


@pytest.mark.parametrize(("job", "names"), SPREADS.values(), ids=SPREADS)
def test_a_registry_of_objects_that_build_on_others(scan_tree, job: str, names: list[str]) -> None:
    jobs = f"""
        import {{ options }} from "elsewhere";
        import {{ run }} from "./run";
        const base = {{ name: "nightly", retryLimit: 3 }} as const;
        const rest = {{ retryLimit: 3 }};
        const nightly = {job};
        export const JOBS = [nightly];
        """
    main = 'import { PgBoss } from "pg-boss";\nimport { JOBS } from "./jobs";\nconst boss = new PgBoss("x");\nfor (const job of JOBS) { boss.work(job.name, job.handler); }\n'
    inventory = scan_tree({"jobs.ts": jobs, "main.ts": main, "run.ts": "export async function run() {}\n"})
    assert [found.name for found in inventory.of(Job, "pg-boss")] == names


HELPER = """
class Helper {
  constructor({ Queue, Worker, redis }) { this.Queue = Queue; this.Worker = Worker; this.redis = redis; }
  createQueue(name) { return new this.Queue(name, { connection: this.redis }); }
  createWorker(name) { return new this.Worker(name, async (job) => { await run(job); }, { concurrency: 50 }); }
}
module.exports = Helper;
"""
MONITORS = """
const NAMES = ["uptime", "hardware"];
class Monitors {
  constructor({ helper }) { this.helper = helper; this.queues = {}; }
  init() { for (const name of NAMES) { this.queues[name] = this.helper.createQueue(name); this.helper.createWorker(name); } }
  async watch(monitor) {
    const queue = this.queues[kind(monitor)];
    await queue.upsertJobScheduler(`watch:${monitor.id}`, { every: 60000 }, { name: monitor.id });
  }
}
module.exports = Monitors;
"""
STARTED = """
const Helper = require("./helper");
const Monitors = require("./monitors");
const helper = new Helper({ Queue, Worker, redis });
new Monitors({ helper }).init();
"""


def test_classes_of_a_system_that_are_handed_to_a_class_are_those_that_it_makes_instances_of(scan_tree: Scan) -> None:
    started = 'const { Queue, Worker } = require("bullmq");' + STARTED
    inventory = scan_tree({"helper.js": HELPER, "monitors.js": MONITORS, "index.js": started})
    jobs = sorted((j.name, j.confidence, j.location.path, j.location.line) for j in inventory.production if isinstance(j, Job))
    assert jobs == [("hardware", "likely", "monitors.js", 5), ("uptime", "likely", "monitors.js", 5)]
    (schedule,) = inventory.of(Schedule)
    assert (schedule.location.line, schedule.confidence, literal_of(schedule.interval)) == (8, "likely", 60)
    assert schedule.reason == "which queue this is put into could not be followed"


def test_classes_of_something_else_that_are_handed_to_a_class_are_no_clients(scan_tree: Scan) -> None:
    started = 'const { Queue, Worker } = require("./own");' + STARTED
    own = "class Queue {}\nclass Worker {}\nmodule.exports = { Queue, Worker, system: 'bullmq' };\n"
    quiet = MONITORS.replace("upsertJobScheduler", "plan")
    assert scan_tree({"helper.js": HELPER, "monitors.js": quiet, "index.js": started, "own.js": own}).items == ()
