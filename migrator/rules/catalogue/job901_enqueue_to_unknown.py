"""JOB901: work is sent to a name that nothing in the code answers to."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Enqueue, Job, Schedule, Worker, literal_of
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.systems import SYSTEMS

#: in which a worker takes whatever its queue holds -> what becomes of a job without one
_BY_QUEUE = dict.fromkeys(("bullmq", "bull", "bee-queue"), "what is put there waits for ever")
#: in which the name of the job leads to its code -> what becomes of a name that nobody knows
_BY_NAME = {
    "celery": "the worker that is handed it throws it away",
    "dramatiq": "the worker that is handed it cannot run it",
    "arq": "the worker that is handed it marks it as failed",
    "procrastinate": "the worker that is handed it marks it as failed",
    "taskiq": "the worker that is handed it throws it away",
    "trigger.dev": "the call is refused",
    "agenda": "it waits for ever",
    "graphile-worker": "it waits for ever",
    "pg-boss": "the call fails, or what is sent is never worked off",
}
#: whose workers are given a list of jobs, which may be known only at run time
_LISTED = ("arq", "graphile-worker")
#: a name as near as this is a slip of the pen
_NEAR = 0.85


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each name or queue that work is sent to."""
    for system, consequence in (_BY_QUEUE | _BY_NAME).items():
        sent: defaultdict[str, list[Enqueue | Schedule]] = defaultdict(list)
        for item in (*evidence.of(Enqueue, system), *evidence.of(Schedule, system)):
            name = _target(item)
            if name and item.confidence != "possible" and name not in SYSTEMS[system].compositions:
                sent[name].append(item)
        known, open_end = _answers(evidence, system)
        for name, items in sorted(sent.items()):
            thing = f"the queue `{name}`" if system in _BY_QUEUE else f"`{name}`"
            if all(not isinstance(i, Worker) and i.job for i in items) or _is_known(name, known, system):
                yield Pass(spot(items[0], f"{thing} is known"))
            elif why := open_end or _elsewhere(evidence, system, name, known):
                yield Undecided(why, spot(items[0]))
            else:
                near = difflib.get_close_matches(name, known, 1, _NEAR)
                meant = f" Is `{near[0]}` meant?" if near else ""
                taker = "no worker takes from it" if system in _BY_QUEUE else "no job of that name is defined"
                message = f"Work is sent to {thing}, but {taker}: {consequence}.{meant}"
                yield Fail(spot(items[0]), message, (system,), spots(items[1:]), "certain" if near else "likely")


def _target(item: Enqueue | Schedule) -> str:
    """The name that decides who runs it; empty where only the run tells."""
    if item.system in _BY_QUEUE:
        queue = literal_of(item.queue)
        return queue if isinstance(queue, str) else ""
    return item.name if isinstance(item, Enqueue) else item.job_name


def _answers(evidence: Evidence, system: str) -> tuple[set[str], str]:
    """The names or queues that something answers to, and why there may be more of them; empty if there are not."""
    title = SYSTEMS[system].title
    known: set[str] = set()
    items = [i for i in evidence.inventory.items if isinstance(i, Job | Worker) and i.system == system and not i.wrapper]
    for item in items:
        if system in _BY_QUEUE:
            known.update(item.queues if isinstance(item, Worker) else (str(literal_of(item.queue) or ""),))
            if isinstance(item, Worker) and item.role == "worker" and not item.queues:
                known.add("")
        elif isinstance(item, Job):
            known.add(item.name)
    if "" in known:
        return known - {""}, f"which {'queues' if system in _BY_QUEUE else 'jobs'} {title} has here is in part only known at run time"
    if not known:
        return known, f"no {'worker' if system in _BY_QUEUE else 'job'} of {title} is in this code: others must be elsewhere"
    if system in _LISTED and any(u.system == system for u in evidence.inventory.unresolved):
        return known, f"which jobs {title} has here is in part only known at run time"
    return known, ""


def _is_known(name: str, known: set[str], system: str) -> bool:
    if name in known:
        return True
    # From which folder a process starts decides how much of a path a name has.
    return system == "celery" and (name.startswith("celery.") or any(k.endswith(f".{name}") or name.endswith(f".{k}") for k in known))


def _elsewhere(evidence: Evidence, system: str, name: str, known: set[str]) -> str:
    """Why a job may well be in another repository; empty if its name says that it should be here. `send_task` is made for such jobs."""
    if system != "celery" or difflib.get_close_matches(name, known, 1, _NEAR):
        return ""
    module = name.rpartition(".")[0].replace(".", "/")
    files = (f"{module}.py", f"{module}/__init__.py")
    if module and any(path == file or path.endswith(f"/{file}") for file in files for path in evidence.tree.sizes):
        return ""
    return f"no job is called `{name}`, and nothing says whether it should be in this code"


_TASKS = (
    'from celery import Celery\napp = Celery("shop")\n\n@app.task(name="shop.tasks.send_mail")\ndef send_mail(to):\n    ...\n\n'
    '@app.task(name="shop.tasks.clean")\ndef clean():\n    ...\n'
)
_QUEUE = (
    'import { Queue, Worker } from "bullmq";\nconst mails = new Queue("NAME");\nnew Worker("mails", async (job) => send(job.data));\n'
    'export const welcome = (to: string) => mails.add("welcome", { to });\n'
)

RULE = Rule(
    id="JOB901",
    name="enqueue-to-unknown",
    title="Work is sent where nobody takes it",
    severity="critical",
    systems=(*_BY_QUEUE, *_BY_NAME),
    what="An enqueue or a schedule that names a job or a queue, where the code has no definition of that job and no worker of that queue.",
    why="The enqueue mostly succeeds. With queues, the work then waits in the broker and nobody sees it; with names, the worker cannot run "
    "what it is handed. A renamed job, a slip in a string or a queue without a worker does this, and no error says so.",
    how="Names are followed through constants, enumerations and wrappers, and compared with all definitions and workers of the system. If "
    "one of these is known only at run time, or there are none at all, the answer is unknown. A name in `send_task` counts if the module "
    "that it names is in the code, or if a job has nearly the same name.",
    false_alarms="A worker in another repository, beside some in this one.",
    migration="It would be moved faithfully, and be as useless there. Mend it first.",
    fix="none",
    hint="Correct the name, or write the job or the worker that is missing.",
    effort=Effort(10, 30, "place", "an estimate"),
    sources=("Celery user guide, Calling tasks and Tasks, Names", "BullMQ guide, Queues and Workers"),
    examples=(
        Example(
            "celery",
            bad={"shop/tasks.py": _TASKS, "web.py": 'from shop.tasks import app\napp.send_task("shop.tasks.send_mial", ["a@b.c"])\n'},
            good={"shop/tasks.py": _TASKS, "web.py": 'from shop.tasks import app\napp.send_task("shop.tasks.send_mail", ["a@b.c"])\n'},
        ),
        Example(
            "bullmq",
            bad={"mails.ts": _QUEUE.replace("NAME", "mail")},
            good={"mails.ts": _QUEUE.replace("NAME", "mails")},
        ),
    ),
    check=check,
    related=("JOB905", "JOB903"),
)
