"""Functions of the project that keep a cron and a function in one object: each call defines a job; what only looks so defines none."""

from __future__ import annotations

import pytest

from migrator.jobs import Expression, Inventory, Job, Literal, Schedule, literal_of

SWEEP = "async function sweep() { await prisma.session.deleteMany({}); }\nasync function digest() { await mail.send(); }\n"
CREATE = """
export function createJob(name: string, cron: string, fn: (e: Context) => Promise<void>, options = {}) {
  return {
    name,
    cron,
    run: (props) => { const context = { ...props }; const result = fn(context).catch((e) => { throw e; }); return { result }; },
    options: { shouldWait: false, ...options },
  } as Job;
}
"""
CALLS = """
export const sweepJob = createJob('sweep', '*/5 * * * *', async () => { await sweep(); });
export const digestJob = createJob('digest', '0 9 * * 1', digest, { shouldWait: true });
"""
TWO = {("sweep", "*/5 * * * *"), ("digest", "0 9 * * 1")}


def schedules(inventory: Inventory, system: str = "custom-schedule") -> list[Schedule]:
    return [i for i in inventory.items if isinstance(i, Schedule) and i.system == system]


def told(inventory: Inventory) -> set[tuple[str, object]]:
    """(name, cron) of every schedule, each of which has its job at the same place."""
    found = schedules(inventory)
    jobs = {(i.name, i.location, i.confidence) for i in inventory.items if isinstance(i, Job) and i.system == "custom-schedule"}
    assert jobs == {(s.name, s.location, s.confidence) for s in found}
    assert len(jobs) == len(found)
    return {(s.name, literal_of(s.cron)) for s in found}


def test_across_files_and_run_by_a_route(scan_tree) -> None:
    files = {
        "server/jobs/job.ts": CREATE,
        "server/jobs/sweep.ts": "import { createJob } from './job';\n" + SWEEP + CALLS,
        "pages/api/run-jobs.ts": (
            "import { sweepJob, digestJob } from '../../server/jobs/sweep';\nexport const jobs: Job[] = [sweepJob, digestJob];\n"
            "export default async (req, res) => { const job = jobs.find((j) => j.name === req.query.run); await job.run({ req }).result; };"
        ),
    }
    inventory = scan_tree(files)
    assert told(inventory) == TWO
    job = next(i for i in inventory.items if isinstance(i, Job) and i.name == "digest")
    assert (job.confidence, job.form, job.symbol, job.handler and job.handler.name) == ("likely", "createJob", "digestJob", "digest")
    assert job.reason == "`createJob` of server/jobs/job.ts:2 keeps a cron and a function together; what runs them is not told there"
    assert (job.location.path, job.location.line) == ("server/jobs/sweep.ts", 6)


FORMS: dict[str, str] = {
    "returned": CREATE + CALLS,
    "by way of a variable": """
        const createJob = (id, when, work) => { const made = { id, when, work }; check(made); return Object.freeze(made); };
    """ + CALLS,
    "an object that is kept as it is": """
        const jobs = [];
        const defineJob = (options) => { jobs.push(options); return options; };
        defineJob({ name: 'sweep', cron: '*/5 * * * *', run: sweep });
        defineJob({ name: 'digest', cron: '0 9 * * 1', async run() { await digest(); } });
    """,
    "an object that is spread": """
        export function defineJob(options: Options) { return { retries: 3, ...options }; }
        export const a = defineJob({ key: 'sweep', schedule: '*/5 * * * *', handler: sweep });
        export const b = defineJob({ key: 'digest', schedule: '0 9 * * 1', handler: () => digest() });
    """,
    "an object that is taken apart": """
        export function defineJob({ name, pattern, handler, ...rest }: Options) { registry[name] = { name, pattern, handler, rest }; }
        defineJob({ name: 'sweep', pattern: '*/5 * * * *', handler: sweep });
        defineJob({ name: 'digest', pattern: '0 9 * * 1', handler: digest });
    """,
    "members of an object": """
        function defineJob(o) { table.set(o.name, { name: o.name, cron: o.cron, run: async () => o.run() }); }
        defineJob({ name: 'sweep', cron: '*/5 * * * *', run: sweep });
        defineJob({ name: 'digest', cron: '0 9 * * 1', run: digest });
    """,
    "a class with fields": """
        class Task { constructor(private readonly name: string, private readonly cron: string, public work: () => Promise<void>) {} }
        export const tasks = [new Task('sweep', '*/5 * * * *', sweep), new Task('digest', '0 9 * * 1', digest)];
    """,
    "a class that assigns": """
        class Task { constructor(name, cron, work) { this.name = name; this.cron = cron; this.work = () => work(this); } }
        export const tasks = [new Task('sweep', '*/5 * * * *', sweep), new Task('digest', '0 9 * * 1', digest)];
    """,
    "a class that keeps its options": """
        class Task { constructor(options) { this.options = options; } }
        export const tasks = [
          new Task({ name: 'sweep', cron: '*/5 * * * *', run: sweep }),
          new Task({ name: 'digest', cron: '0 9 * * 1', run: digest }),
        ];
    """,
    "a scheduler of one's own": """
        class Scheduler {
          private entries: Entry[] = [];
          add(name: string, cron: string, handler: () => Promise<void>) { this.entries.push({ name, cron, handler }); return this; }
        }
        const scheduler = new Scheduler();
        scheduler.add('sweep', '*/5 * * * *', sweep);
        scheduler.add('digest', '0 9 * * 1', digest);
    """,
    "times with names": """
        const EVERY = { five: '*/5 * * * *', monday: '0 9 * * 1' };
        const unused = createJob('sweep', '*/5 * * * *', sweep);
        const used = createJob('digest', EVERY.monday, digest);
    """ + CREATE,
    "named by the variable": """
        const schedule = (cron, fn) => ({ cron, fn });
        export const sweepX = schedule('*/5 * * * *', sweep), digestX = schedule('0 9 * * 1', digest);
    """,
}  # fmt: skip


@pytest.mark.parametrize("code", FORMS.values(), ids=FORMS)
def test_forms(scan_tree, code: str) -> None:
    inventory = scan_tree({"server/jobs.ts": SWEEP + code})
    assert {(name.removesuffix("X"), cron) for name, cron in told(inventory)} == TWO
    assert {s.confidence for s in schedules(inventory)} == {"likely"}


def test_once_for_each_of_a_list(scan_tree) -> None:
    code = "export const jobs = [{ name: 'mail' }, { name: 'push' }].map(({ name }) => createJob(`sync-${name}`, '* * * * *', sweep));\n"
    inventory = scan_tree({"server/jobs.ts": SWEEP + CREATE + code})
    assert told(inventory) == {("sync-mail", "* * * * *"), ("sync-push", "* * * * *")}


def test_a_time_and_a_name_that_only_the_run_knows(scan_tree) -> None:
    code = "export const a = createJob('late', process.env.LATE, sweep);\nexport const b = createJob(process.env.NAME, '@daily', sweep);\n"
    inventory = scan_tree({"server/jobs.ts": SWEEP + CREATE + CALLS + code})
    assert {s.name: s.cron for s in schedules(inventory)}["late"] == Expression("process.env.LATE")
    assert [(u.line, u.reason.partition(":")[2]) for u in inventory.unresolved] == [
        (16, "4 keeps a cron and a function together here: the job's name is only known when it runs")
    ]


def test_a_time_that_never_comes_counts_where_others_do(scan_tree) -> None:
    inventory = scan_tree({"server/jobs.ts": SWEEP + CREATE + CALLS + "createJob('never', '0 0 5 31 2 ?', sweep);"})
    assert told(inventory) == TWO | {("never", "0 0 5 31 2 ?")}


def test_one_call_alone_is_only_possible(scan_tree) -> None:
    inventory = scan_tree({"server/jobs.ts": SWEEP + CREATE + "export const a = createJob('sweep', '0 * * * *', sweep);"})
    assert [(s.name, s.cron, s.confidence) for s in schedules(inventory)] == [("sweep", Literal("0 * * * *"), "possible")]


NODE_CRON = "import cron from 'node-cron';\n" + SWEEP
NOT_FOUND: dict[str, tuple[str, str]] = {
    "only the time is kept": (
        "server/presets.ts",
        (
            "const preset = (label, cron, show) => { show(label); return { label, cron }; };\n"
            "preset('Hourly', '0 * * * *', () => {}); preset('Daily', '0 0 * * *', () => {});"
        ),
    ),
    "nothing is kept": (
        "server/check.ts",
        "function runIfDue(cron, fn) { if (isDue(cron)) { fn(); } }\nrunIfDue('0 * * * *', sweep); runIfDue('0 0 * * *', digest);",
    ),
    "a field with its check": (
        "server/fields.ts",
        (
            "const field = (name, cron, validate) => ({ name, cron, validate });\n"
            "export const fields = [field('a', '0 * * * *', (v) => v), field('b', '0 0 * * *', (v) => v)];"
        ),
    ),
    "a default among others": (
        "server/fields.ts",
        (
            "const field = (name, value, load) => ({ name, value, load });\n"
            "export const fields = [field('a', '0 * * * *', sweep), field('b', '0 0 * * *', digest)];"
        ),
    ),
    "a number": (
        "server/poll.ts",
        (
            "const poll = (name, interval, fn) => ({ name, interval, fn });\n"
            "export const a = [poll('* * * * *', 5, sweep), poll('* * * * *', 6, digest)];"
        ),
    ),
    "a test": ("server/jobs.test.ts", CREATE + CALLS),
    "an example": ("examples/jobs.ts", CREATE + CALLS),
    "a component": ("src/Presets.tsx", CREATE + CALLS),
    "what a browser runs": ("src/components/presets.ts", CREATE + CALLS),
    "handed to a library": (
        "server/jobs.ts",
        (
            "import { client } from 'some-scheduler';\nconst add = (name, cron, run) => { client.jobs.add({ name, cron, run }); };\n"
            "add('sweep', '0 * * * *', sweep); add('digest', '0 0 * * *', digest);"
        ),
    ),
    "a library's own function": (
        "server/jobs.ts",
        "import { createJob } from 'some-scheduler';\n" + CALLS,
    ),
    "texts without functions": (
        "server/jobs.ts",
        (
            "const entry = (name, cron, path) => ({ name, cron, path });\n"
            "export const all = [entry('a', '0 * * * *', '/a'), entry('b', '0 0 * * *', '/b')];"
        ),
    ),
}


@pytest.mark.parametrize(("path", "code"), NOT_FOUND.values(), ids=NOT_FOUND)
def test_what_is_no_schedule(scan_tree, path: str, code: str) -> None:
    assert told(scan_tree({path: SWEEP + code})) == set()


OF_OTHERS: dict[str, str] = {
    "set by the function itself": """
        function createJob(name, pattern, fn) { const task = cron.schedule(pattern, fn); jobs.push({ name, pattern, fn, task }); }
    """ + CALLS.replace("export const sweepJob = ", "").replace("export const digestJob = ", ""),
    "set further down, under other names": """
        function start(pattern, run) { cron.schedule(pattern, run); }
        function createJob(name, pattern, fn) { start(pattern, fn); jobs.push({ name, pattern, fn }); }
        createJob('every-five', '*/5 * * * *', sweep); createJob('every-monday', '0 9 * * 1', digest);
    """,
    "set in a loop": CREATE + CALLS + "for (const job of [sweepJob, digestJob]) cron.schedule(job.cron, job.run);",
    "set in a loop over what is gathered": """
        const jobs = [];
        function defineJob(job) { jobs.push(job); }
        defineJob({ name: 'sweep', cron: '*/5 * * * *', run: sweep });
        defineJob({ name: 'digest', cron: '0 9 * * 1', run: digest });
        jobs.forEach((job) => cron.schedule(job.cron, job.run));
    """,
}  # fmt: skip


@pytest.mark.parametrize("code", OF_OTHERS.values(), ids=OF_OTHERS)
def test_what_another_system_runs_is_told_once(scan_tree, code: str) -> None:
    inventory = scan_tree({"server/jobs.ts": NODE_CRON + code})
    assert told(inventory) == set()
    assert {(s.name, literal_of(s.cron)) for s in schedules(inventory, "node-cron")} - {("", None), ("fn", None), ("run", None)} == TWO
