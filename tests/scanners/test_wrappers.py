"""Calls through project functions are listed where the project makes them, with the way that leads there."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Inventory, Job, Schedule, Worker
from migrator.scanners.told import told_by


def enqueues(inventory: Inventory) -> list[tuple[str, int, str, tuple[str, ...]]]:
    return [(i.location.path, i.location.line, i.name, i.via) for i in inventory.production if isinstance(i, Enqueue)]


def test_a_function_that_names_the_job_by_a_parameter(scan_tree) -> None:
    inventory = scan_tree(
        {
            "queue.ts": """
                import { Queue } from "bullmq";
                const queue = new Queue("mail");
                export async function enqueue(name: string, data: unknown) {
                  await queue.add(name, data);
                }
                """,
            "use.ts": """
                import { enqueue } from "./queue";
                export const a = () => enqueue("welcome", { id: 1 });
                export const b = () => enqueue("goodbye", {});
                """,
        }
    )
    assert enqueues(inventory) == [("use.ts", 3, "welcome", ("enqueue",)), ("use.ts", 4, "goodbye", ("enqueue",))]
    inner = [i for i in inventory.items if isinstance(i, Enqueue) and i.wrapper]
    assert [(i.location.path, i.location.line) for i in inner] == [("queue.ts", 5)]


def test_a_caller_that_does_not_know_either_is_listed_without_a_name(scan_tree) -> None:
    inventory = scan_tree(
        {
            "use.ts": """
                import { Queue } from "bullmq";
                const queue = new Queue("mail");
                const enqueue = (name: string) => queue.add(name, {});
                enqueue("welcome");
                export const other = () => enqueue(pick());
                """,
        }
    )
    assert [(line, name) for _, line, name, _ in enqueues(inventory)] == [(5, "welcome"), (6, "")]


def test_two_layers(scan_tree) -> None:
    inventory = scan_tree(
        {
            "boss.ts": """
                import { PgBoss } from "pg-boss";
                export class Jobs {
                  constructor(private readonly boss: PgBoss) {}
                  put(name: string, data: object) { return this.boss.send(name, data); }
                  work(name: string, run: () => Promise<void>) { return this.boss.work(name, run); }
                  every(name: string, cron: string) { return this.boss.schedule(name, cron); }
                }
                """,
            "app.ts": """
                import { Jobs } from "./boss";
                class Mails {
                  constructor(private jobs: Jobs) {}
                  later(kind: string) { return this.jobs.put(kind, {}); }
                  start() {
                    this.jobs.work("mail", async () => {});
                    this.jobs.every("mail", "0 * * * *");
                    return this.later("mail");
                  }
                }
                """,
        }
    )
    assert enqueues(inventory) == [("app.ts", 9, "mail", ("later", "put"))]
    jobs = [(i.location.path, i.location.line, i.name, i.wrapper) for i in inventory.of(Job)]
    assert jobs == [("app.ts", 7, "mail", False), ("boss.ts", 6, "", True)]
    schedule = next(i for i in inventory.production if isinstance(i, Schedule))
    assert (schedule.location.line, schedule.name, schedule.via) == (8, "mail", ("every",))
    # The process stands where the worker is made, however many queues are handed to it.
    assert [(i.location.path, i.location.line) for i in inventory.production if isinstance(i, Worker)] == [("boss.ts", 6)]


def test_a_wrapper_that_knows_its_job_is_no_wrapper(scan_tree) -> None:
    inventory = scan_tree(
        {
            "use.ts": """
                import { Queue } from "bullmq";
                const queue = new Queue("mail");
                const welcome = (id: string) => queue.add("welcome", { id });
                welcome("1");
                """,
        }
    )
    assert [(line, name, via) for _, line, name, via in enqueues(inventory)] == [(4, "welcome", ())]


def test_a_client_reached_by_its_name_alone_is_likely(scan_tree) -> None:
    inventory = scan_tree(
        {
            "plugin.js": """
                import { Queue } from "bullmq";
                export default async function (app) {
                  const mailQueue = new Queue("mail");
                  app.decorate("queues", { mailQueue });
                }
                """,
            "route.js": """
                export default async function (app) {
                  await app.queues.mailQueue.add("welcome", {});
                  await app.queues.otherThing.add("welcome", {});
                }
                """,
        }
    )
    found = [i for i in inventory.production if isinstance(i, Enqueue)]
    assert [(i.location.path, i.location.line, i.name, i.confidence) for i in found] == [("route.js", 3, "welcome", "likely")]
    assert "mailQueue" in found[0].reason


def test_a_function_that_calls_itself_is_gone_through_once(scan_tree, monkeypatch: pytest.MonkeyPatch) -> None:
    code = """
        export function walk(value, seen) {
          seen.add(value);
          for (const one of value) walk(one, seen);
          for (const two of value) walk(two, seen);
          for (const three of value) walk(three, seen);
          for (const four of value) walk(four, seen);
        }
        walk(tree, visited);
    """
    reads: list[str] = []

    def counted(found, reader, call, **made):
        reads.append(reader.system)
        return told_by(found, reader, call, **made)

    monkeypatch.setattr("migrator.scanners.wrappers.told_by", counted)
    assert scan_tree({"app.ts": code, "queue.ts": "import { Queue } from 'bullmq';\nnew Queue('mail');\nimport './app';"}).of(Enqueue) == ()
    assert 0 < len(reads) < 100


def test_overloads_say_how_a_method_may_be_called_and_are_no_methods(scan_tree) -> None:
    inventory = scan_tree(
        {
            "jobs.ts": """
                import { PgBoss, type WorkHandler } from "pg-boss";
                export class Jobs {
                  constructor(private readonly boss: PgBoss) {}
                  work(name: string, options: { includeMetadata: true }, handler: WorkHandler<unknown>): Promise<string>;
                  work(name: string, options: object, handler: WorkHandler<unknown>): Promise<string>;
                  async work(name: string, options: object, handler: WorkHandler<unknown>): Promise<string> {
                    return await this.boss.work(name, options, handler);
                  }
                }
                """,
            "start.ts": """
                import { Jobs } from "./jobs";
                class App { constructor(private jobs: Jobs) {} run() { return this.jobs.work("mail", {}, async () => {}); } }
                """,
        }
    )
    assert [(j.name, j.location.path, j.via) for j in inventory.of(Job) if not j.wrapper] == [("mail", "start.ts", ("work",))]


def test_a_job_that_a_function_names_itself_stands_there_whoever_hands_it_the_queue(scan_tree) -> None:
    inventory = scan_tree(
        {
            "queue.ts": """
                import { Queue } from "bullmq";
                import { register } from "./register";
                const mails = new Queue("mail");
                register({ queue: mails });
            """,
            "register.ts": """
                import type { Queue } from "bullmq";
                export const register = ({ queue }: { queue: Queue }) => {
                  queue.add("welcome", {});
                };
            """,
        }
    )
    assert enqueues(inventory) == [("register.ts", 4, "welcome", ())]


def test_a_queue_that_is_kept_in_an_object_is_of_the_type_that_is_said(scan_tree) -> None:
    inventory = scan_tree(
        {
            "queues.ts": """
                import { Queue } from "bullmq";
                export interface Mails { send(name: string): Promise<void> }
                class BullMails implements Mails {
                  private queue = new Queue("mail");
                  async send(name: string) { await this.queue.add(name, {}); }
                }
                export class Queues {
                  private queues: Record<string, Mails> = {};
                  get(name: "mail"): Mails;
                  get(name: string): Mails { return this.queues[name] ?? this.make(name); }
                  private make(name: string): Mails { return (this.queues[name] = new BullMails()); }
                }
            """,
            "app.ts": 'import { Queues } from "./queues";\nconst mails = new Queues().get("mail");\nmails.send("welcome");',
        }
    )
    assert [e[:3] for e in enqueues(inventory)] == [("app.ts", 3, "welcome")]


@pytest.mark.parametrize(
    "choice",
    [
        'process.env.NODE_ENV === "test" ? new FakeMails() : new BullMails()',
        'process.env.NODE_ENV !== "test" ? new BullMails() : new FakeMails()',
        "isTest() ? new FakeMails() : new BullMails()",
        "!config.testing ? new BullMails() : new FakeMails()",
    ],
)
def test_what_only_tests_use_is_not_what_is_used(scan_tree, choice: str) -> None:
    code = """
        import { Queue } from "bullmq";
        class FakeMails { async send(name: string) {} }
        class BullMails { private queue = new Queue("mail"); async send(name: string) { await this.queue.add(name, {}); } }
        const mails = CHOICE;
        mails.send("welcome");
    """
    assert [e[:3] for e in enqueues(scan_tree({"app.ts": code.replace("CHOICE", choice)}))] == [("app.ts", 6, "welcome")]


def test_callers_of_callers_that_are_too_many_to_follow_are_said_to_be(scan_tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrator.scanners.wrappers._TRIES", 3)
    between = "".join(f"export function via{n}(name) {{ return put(name); }}\n" for n in range(6))
    files = {
        "queue.ts": "import { Queue } from 'bullmq';\nconst q = new Queue('mail');\nexport const put = (name) => q.add(name, {});\n",
        "between.ts": f"import {{ put }} from './queue';\n{between}",
        "use.ts": "import { via0, via5 } from './between';\nvia0('first');\nvia5('last');\n",
    }
    inventory = scan_tree(files)
    assert [(u.path, u.line, u.system) for u in inventory.unresolved if "not all of their callers" in u.reason] == [
        ("queue.ts", 3, "bullmq")
    ]
    monkeypatch.undo()
    inventory = scan_tree(files)
    assert not [u for u in inventory.unresolved if "not all of their callers" in u.reason]
    assert sorted(e.name for e in inventory.of(Enqueue) if not e.wrapper and e.name) == ["first", "last"]


def test_a_client_that_fits_an_interface_of_the_project(scan_tree) -> None:
    files = {
        "boss.ts": 'import PgBoss from "pg-boss";\nexport const boss = new PgBoss("");',
        "mail.ts": """
            export interface MailQueue { send(name: string, data: object): Promise<string | null>; }
            export interface Mailer { send(to: string): void; }
            export const queueMail = (input: { queue: MailQueue; id: string }) => input.queue.send("welcome", { id: input.id });
            export const queueAny = (queue: MailQueue, name: string) => queue.send(name, {});
            export const post = (mailer: Mailer) => mailer.send("nobody");
            """,
        "use.ts": """
            import { boss } from "./boss";
            import { post, queueAny, queueMail } from "./mail";
            queueMail({ queue: boss, id: "1" });
            queueAny(boss, "digest");
            post({ send(to) { console.log(to); } });
            queueAny({ send: async () => null }, "nothing");
            """,
    }
    found = [(i.name, i.location.path) for i in scan_tree(files).production if isinstance(i, Enqueue)]
    assert found == [("welcome", "mail.ts"), ("digest", "use.ts")]
