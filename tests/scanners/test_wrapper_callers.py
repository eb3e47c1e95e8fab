"""Which callers of a wrapper decide what is listed in its place."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Job, Schedule, literal_of
from migrator.scanners.wrappers import Wrappers
from tests.scanners.conftest import Scan


def test_what_a_test_hands_in_says_nothing_of_what_runs(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "queue.ts": """
                import { Queue } from "bullmq";
                const queue = new Queue("mail");
                export const enqueue = (name: string) => queue.add(name, {});
                """,
            "use.ts": """
                import { enqueue } from "./queue";
                export const a = (job) => enqueue(job.name);
                """,
            "tests/queue.test.ts": """
                import { enqueue } from "../queue";
                await enqueue("sample");
                """,
        }
    )
    assert [(i.location.path, i.location.line, i.name) for i in inventory.production if isinstance(i, Enqueue)] == [("queue.ts", 4, "")]
    assert [(i.name, i.area) for i in inventory.of(Enqueue) if i.area] == [("sample", "test")]


def test_a_condition_on_what_the_caller_leaves_out_does_not_hold(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "queue.js": """
                import { Queue } from "bullmq";
                const plan = (name, queue) => queue.add(name, null, { repeat: { pattern: "0 1 * * *" } });
                export const make = (name, options) => {
                  const queue = new Queue(name);
                  if (options?.daily) plan(name, queue);
                  return queue;
                };
                export const usual = (name, options = { daily: true }) => {
                  const queue = new Queue(name);
                  if (options.daily) plan(name, queue);
                  return queue;
                };
                """,
            "use.js": """
                import { make, usual } from "./queue";
                make("left out");
                make("said", { daily: true });
                make("said otherwise", { daily: false });
                make("known at run time", settings());
                usual("by default");
                """,
        }
    )
    assert [s.name for s in inventory.of(Schedule) if not s.wrapper] == ["said", "known at run time", "by default"]


MANAGER = """
    const { Worker } = require("bullmq");
    class JobManager {
      constructor (connection) { this.connection = connection }
      register (job) { return new Worker(job.jobName, job.handler, { connection: this.connection }) }
    }
    module.exports = { JobManager };
    """
JOB = 'exports.jobName = "%s";\nexports.handler = async (job) => { await send(job.data) };\n'
JOBS = {"manager.js": MANAGER, "jobs/mail.js": JOB % "mail", "jobs/sms.js": JOB % "sms"}
IMPORTS = """
const { JobManager } = require("./manager");
const mail = require("./jobs/mail"), sms = require("./jobs/sms.js");
"""

LOOPS = {
    "at the top of a file": "const manager = new JobManager(1);\nfor (const job of [mail, sms]) { manager.register(job) }",
    "with a function": "const manager = new JobManager(1);\n[mail, sms].forEach((job) => { manager.register(job) });",
    "over a list with a name": "const manager = new JobManager(1), all = [mail, sms];\nfor (const job of all) manager.register(job);",
    "in an uncalled function": "const m = new JobManager(1);\\nexports.start = () => { for (const job of [mail, sms]) m.register(job) };",
}


@pytest.mark.parametrize("code", LOOPS.values(), ids=LOOPS)
def test_a_wrapper_that_is_called_in_a_loop_over_something_known_makes_a_job_of_each(scan_tree: Scan, code: str) -> None:
    jobs = scan_tree({**JOBS, "main.js": IMPORTS + code}).of(Job)
    assert [(j.name, j.confidence, j.location.path, j.wrapper) for j in jobs if not j.wrapper] == [
        ("mail", "certain", "main.js", False),
        ("sms", "certain", "main.js", False),
    ]


def test_a_wrapper_in_a_loop_over_something_known_is_called_there_whoever_calls_the_function_around(scan_tree: Scan) -> None:
    inventory = scan_tree(
        {
            "mail.js": """
                import Queue from "bull";
                const queue = new Queue("mail");
                export const REPORTS = { daily: { job: "daily-report" }, weekly: { job: "weekly-report" } };
                export const send = async ({ job, since }) => { await queue.add(job, { since }); };
                """,
            "cron.js": """
                import { REPORTS, send } from "./mail";
                const runAll = (since) => () => (async () => {
                  for (const report of Object.values(REPORTS)) {
                    await send({ ...report, since });
                  }
                })();
                const monthly = runAll(30);
                const yearly = runAll(365);
                export const runMonthly = () => monthly();
                export const runYearly = () => yearly();
                """,
        }
    )
    found = [(i.location.path, i.location.line, i.name) for i in inventory.production if isinstance(i, Enqueue)]
    assert found == [("cron.js", 5, "daily-report"), ("cron.js", 5, "weekly-report")]


def test_callers_of_callers_are_not_gone_through_without_end(scan_tree: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine functions on each of four layers hand on what they were handed: 6561 ways lead to the queue, and none says more."""
    looked = 0
    expand = Wrappers._expand  # pyright: ignore[reportPrivateUsage]

    def counted(self: Wrappers, *given: object) -> bool:
        nonlocal looked
        looked += 1
        return expand(self, *given)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(Wrappers, "_expand", counted)
    lines = [
        'import Queue from "bull";',
        "const queue = new Queue(`mail_${process.env.STAGE}`);",
        "const f0_0 = (data) => queue.add(data);",
    ]
    below = ["f0_0"]
    for layer in range(1, 5):
        own = [f"f{layer}_{n}" for n in range(9)]
        lines += [f"const {name} = (data) => {{ " + " ".join(f"{inner}(data);" for inner in below) + " };" for name in own]
        below = own
    inventory = scan_tree({"app.js": "\n".join(lines) + "\n"})
    assert [(i.location.line, i.name) for i in inventory.production if isinstance(i, Enqueue)] == [(3, "")]
    assert looked < 2000


def test_a_wrapper_that_is_called_in_a_loop_over_what_only_the_run_knows_stays_open(scan_tree: Scan) -> None:
    code = "const manager = new JobManager(1);\nfor (const job of load()) { manager.register(job) }"
    assert [(j.name, j.location.path) for j in scan_tree({**JOBS, "main.js": IMPORTS + code}).of(Job)] == [("", "manager.js")]


def test_a_wrapper_of_a_common_name_is_known_by_what_it_is_called_on(scan_tree: Scan) -> None:
    code = """
        class Registration {
          static go (jobManager) { this.all().forEach((job) => { jobManager.register(job) }) }
          static all () { return [mail, sms] }
        }
        Registration.go(new JobManager(1));
        """
    jobs = scan_tree({**JOBS, "main.js": IMPORTS + code}).of(Job)
    assert [(j.name, j.confidence, j.reason) for j in jobs if not j.wrapper] == [
        (name, "likely", "tied to `JobManager` by the name of its method alone") for name in ("mail", "sms")
    ]


def test_a_method_of_that_name_of_something_else_is_none(scan_tree: Scan) -> None:
    code = "exports.plugin = async (server) => { await server.register(mail); server.register({ jobName: 'web', handler: serve }) };"
    assert [(j.name, j.location.path) for j in scan_tree({**JOBS, "main.js": IMPORTS + code}).of(Job)] == [("", "manager.js")]


BY_DEFAULT = """
    import { Queue } from "bullmq";
    const mails = new Queue("mail");
    export async function remind(data, queue = mails) { await queue.add("reminder", data); }
    export const seen = (id, all = new Set()) => all.add(id);
    export const other = (data, queue) => queue.add("other", data);
    """


def test_what_a_function_takes_by_default_is_meant_where_nobody_calls_it(scan_tree: Scan) -> None:
    inventory = scan_tree({"mails.ts": BY_DEFAULT})
    assert [(e.name, literal_of(e.queue), e.confidence, e.location.line) for e in inventory.of(Enqueue)] == [
        ("reminder", "mail", "likely", 4)
    ]


def test_what_the_callers_hand_in_comes_before_the_default(scan_tree: Scan) -> None:
    use = """
        import { Queue } from "bullmq";
        import { remind } from "./mails";
        const late = new Queue("late");
        remind({}, late);
        """
    found = [e for e in scan_tree({"mails.ts": BY_DEFAULT, "use.ts": use}).of(Enqueue) if not e.wrapper]
    assert [(e.name, literal_of(e.queue), e.confidence) for e in found] == [("reminder", "late", "certain")]


QUEUES = """import { Queue } from "bullmq";
const mails = new Queue("mail");
const late = new Queue("late");
"""
#: a pattern with a default -> what it puts in, where nobody calls it
NOBODY_CALLS = {
    "in an object": "export const f = ({ queue = mails } = {}) => queue.add('x', {});",
    "in an object that has to be given": "export const f = ({ queue = mails, data }: Options) => queue.add('x', data);",
    "under another name": "export function f({ queue: q = mails } = {}) { return q.add('x', {}); }",
    "in an object of an object": "export const f = ({ options: { queue = mails } = {} } = {}) => queue.add('x', {});",
    "in a list": "export const f = ([queue = mails] = []) => queue.add('x', {});",
    "taken apart in the body": "export function f(options = {}) { const { queue = mails } = options; return queue.add('x', {}); }",
    "made there": "export const f = ({ queue = new Queue('mail') } = {}) => queue.add('x', {});",
}


@pytest.mark.parametrize("case", NOBODY_CALLS)
def test_a_default_in_a_pattern_is_meant_where_nobody_calls_the_function(scan_tree: Scan, case: str) -> None:
    found = scan_tree({"app.ts": QUEUES + NOBODY_CALLS[case]}).of(Enqueue)
    assert [(e.name, literal_of(e.queue), e.confidence) for e in found] == [("x", "mail", "likely")]


def test_a_default_in_a_pattern_of_something_else_is_no_queue(scan_tree: Scan) -> None:
    code = """
    export const f = ({ seen = new Set(), queue = mails } = {}) => seen.add("x");
    const { seen = mails } = { seen: new Set() };
    seen.add("x");
    """
    assert scan_tree({"app.ts": QUEUES + code}).of(Enqueue) == ()


#: how the function is called -> the queue that it then puts into
CALLS = {
    "f('x')": "mail",
    "f('x', undefined)": "mail",
    "f('x', {})": "mail",
    "f('x', { delay: 1 })": "mail",
    "f('x', { queue: late })": "late",
    "f('x', { ...options() })": None,
    "f('x', options())": None,
}


@pytest.mark.parametrize("body", ["({ queue = mails } = {})", "(options = {})"])
@pytest.mark.parametrize("call", CALLS)
def test_callers_decide_what_a_pattern_takes(scan_tree: Scan, call: str, body: str) -> None:
    takes = "const { queue = mails } = options; " if "options" in body else ""
    code = f"{QUEUES}function f(name: string, {body[1:]} {{ {takes}return queue.add(name, {{}}); }}\n{call};"
    found = [e for e in scan_tree({"app.ts": code}).of(Enqueue) if not e.wrapper]
    assert [(e.name, literal_of(e.queue), e.confidence) for e in found] == [("x", CALLS[call], "certain")]


OR_ELSE = """
    import { Queue } from "bullmq";
    const queue = new Queue("mail");
    export const send = (job, options = {}) => {
      const name = options.name %s "welcome";
      return queue.add(name, job);
    };
    """


@pytest.mark.parametrize("sign", ["||", "??"])
def test_a_name_that_callers_may_hand_in_is_not_the_other_one(scan_tree: Scan, sign: str) -> None:
    use = 'import { send } from "./send";\nsend(1, { name: "reminder" });\nsend(2);\nsend(3, {});\n'
    found = [e for e in scan_tree({"send.ts": OR_ELSE % sign, "use.ts": use}).of(Enqueue) if not e.wrapper]
    assert [(e.name, e.location.path, e.location.line) for e in found] == [
        ("reminder", "use.ts", 2),
        ("welcome", "use.ts", 3),
        ("welcome", "use.ts", 4),
    ]


def test_where_nobody_hands_in_a_name_the_other_one_is_likely(scan_tree: Scan) -> None:
    found = [e for e in scan_tree({"send.ts": OR_ELSE % "||"}).of(Enqueue) if not e.wrapper]
    assert [(e.name, e.confidence, e.location.line) for e in found] == [("welcome", "likely", 6)]


#: what a wrapper asks before it puts a job in -> whether that decides anything
GUARDS = {
    "a setting that a function reads": ("const key = read(process.env.KEY);", "!key", False),
    "a setting of an object": ("const env = { key: read(process.env.KEY) };", "!env.key", False),
    "a setting with a default": ("const on = process.env.ON ?? false;", "!on", False),
    "a setting compared": ("const mode = process.env.MODE || 'off';", "mode === 'off'", False),
    "a choice": ("const store = process.env.STORE ? connect() : null;", "store === null", False),
    "a name that is given something later": (
        "let store = null;\nexport const open = async () => { store = await connect(); };",
        "!store",
        False,
    ),
    "a constant": ("const ON = false;", "!ON", True),
    "a constant of an object": ("const flags = { on: false };", "!flags.on", True),
    "what an object does not have": ("const flags = { off: true };", "!flags.on", True),
    "a constant of another file": ("import { ON } from './flags';", "!ON", True),
}


@pytest.mark.parametrize("guard", GUARDS)
def test_only_what_is_settled_decides_whether_a_caller_counts(scan_tree: Scan, guard: str) -> None:
    given, asked, decides = GUARDS[guard]
    queue = f"""
        import {{ Queue }} from "bullmq";
        import {{ connect }} from "store";
        const queue = new Queue("mail");
        function read(value) {{ const text = value?.trim(); if (!text) {{ return undefined; }} return text; }}
        {given}
        export const enqueue = async (name) => {{
          if ({asked}) {{ return null; }}
          return queue.add(name, {{}});
        }};
        """
    files = {
        "queue.ts": queue,
        "flags.ts": "export const ON = false;\n",
        "use.ts": 'import { enqueue } from "./queue";\nenqueue("welcome");',
    }
    found = [(i.name, i.location.path) for i in scan_tree(files).production if isinstance(i, Enqueue)]
    assert found == ([("", "queue.ts")] if decides else [("welcome", "use.ts")])
