"""From a draft to the text of an experiment file, with comments. What is not known stands there as a comment that says so."""

from __future__ import annotations

import json
import re

from migrator.shadow.drafting.draft import Draft, DraftArm, DraftJob
from migrator.shadow.judging.criteria import METRICS, Criteria

#: how a line begins that somebody has to complete
OPEN = "# TO FILL IN:"
#: systems that call a function by its import path
_BY_PATH = ("rq",)
#: systems in which an arm has more to say, each with a line to begin with
_OPTIONS = {
    "dramatiq": 'options = { completion = "hook" }   # what tells that a message was done: hook, results or vanished (docs/drivers.md)',
    "pg_cron": 'options = { command = "select app.name({payload})" }   # the SQL that does the job',
    "postgres-table": 'options = { table = "{table}" }   # and its columns, where they are called otherwise: docs/drivers.md',
    "qstash": 'options = { destination = "https://example.com/jobs/{job}" }   # the address that handles the job',
    "sqs": 'options = { reports = "…" }   # the queue that consumers report to; "" where they do not (docs/drivers.md)',
}
COLUMN = 34


def experiment_text(draft: Draft) -> str:
    """The file. It loads as it is, unless `open_lines` finds something."""
    current, *candidates = draft.arms
    new = " and ".join(arm.system for arm in candidates) or "another system"
    read = f"; names were found in the code ({_plain(draft.read)})" if draft.read else ""
    lines = [
        f"# {current.system}, which does the work today, beside {new}{read}.",
        f'# Lines that begin with "{OPEN}" are for you; all else holds as it stands.',
        "",
        "[experiment]",
        _line("name", draft.name),
        _line("current", current.name, "does the work today"),
        _line("unit", "job", 'what goes together: "job", or a field of the payload'),
        "",
        *_jobs(draft),
        *(line for arm in draft.arms for line in _arm(arm, draft)),
        "[routing.ramp]",
        "# Of a candidate's share. A step is taken when its time is over and nothing speaks against it.",
        'steps = ["1%/1d", "10%/2d", "100%"]',
        "",
        "[criteria]",
        "# By how much a candidate may be worse: to be agreed on before anybody looks.",
        *(f"{metric} = {Criteria().margin(metric):g}" for metric in METRICS),
        "",
        "[recorder]",
        "# How events get from the application's processes to `migrate shadow run`: through a folder beside",
        "# this file; from several hosts, through a Redis.",
        '# transport = "REDIS_URL"',
    ]
    return "\n".join(lines) + "\n"


def open_lines(text: str) -> list[tuple[int, str]]:
    """Lines that somebody has to complete, by their numbers.

    >>> open_lines("a = 1\\n# TO FILL IN: b = \\"…\\"   # what b is\\n")
    [(2, 'b = "…"   # what b is')]
    """
    return [
        (number, line.strip().removeprefix(OPEN).strip())
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip().startswith(OPEN) and "=" in line
    ]


def experiment_name(text: str) -> str:
    """A name that the file and all stores take, from any text.

    >>> experiment_name("My shop!"), experiment_name("__")
    ('my-shop', 'experiment')
    """
    plain = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")[:40].rstrip("-._")
    return plain or "experiment"


def _jobs(draft: Draft) -> list[str]:
    lines = [f"# The job at {_plain(place)} has no name in the code: add a [[job]] if it is to take part." for place in draft.unnamed]
    if not draft.jobs:
        return [*lines, "[[job]]", f'{OPEN} name = "…"   # what the application calls the job', ""]
    if len(draft.jobs) > 1:
        lines.append("# Take out the jobs that are not to take part.")
    for number, job in enumerate(draft.jobs):
        lines += [*_job(job, draft.read, first=number == 0), ""]
    return lines


def _job(job: DraftJob, read: str, *, first: bool) -> list[str]:
    lines = ["[[job]]", _line("name", job.name, job.place)]
    if job.queue is not None:
        lines.append(_line("queue", job.queue))
    elif job.queues:
        called = "; ".join(f"{_plain(queue)} ({_plain(place)})" for queue, place in job.queues)
        lines.append(f'{OPEN} queue = "…"   # one of these, a driver watches one: {called}')
    elif read:
        lines.append('# queue = "…"   # not said in the code; without it the queue is called as the job')
    if job.max_attempts is not None:
        lines.append(_line("max_attempts", job.max_attempts, "executions in all" if first else ""))
    lines.append(_line("deadline", 60.0, "seconds; one that has not ended is looked for" if first else ""))
    return lines


def _arm(arm: DraftArm, draft: Draft) -> list[str]:
    lines = [f"[arms.{_key(arm.name)}]", _line("system", arm.system)]
    if arm.connection is not None:
        place = dict(arm.found).get(arm.connection, "")
        lines.append(_line("connection", arm.connection, f"the variable with the address{f', {place}' if place else ''}"))
    else:
        why = "; ".join(f"{name} ({_plain(place)})" for name, place in arm.found)
        known = f"one of these: {why}" if why else "none was found in the code" if draft.read else "such as REDIS_URL"
        lines.append(f'{OPEN} connection = "…"   # the environment variable with the address; {known}')
    lines.append(_line("weight", 1, "of all weights together" if arm is draft.arms[0] else ""))
    unknown = [job.name for job in draft.jobs if arm.system in _BY_PATH and not job.path and "." not in job.name]
    if paths := [*_paths(arm, draft.jobs), *((name, "app.jobs.name") for name in unknown)]:
        names = f"job_names = {{ {', '.join(f'{_quoted(name)} = {_quoted(path)}' for name, path in paths)} }}"
        lines.append(f"{OPEN} {names}   # the functions' import paths" if unknown else names)
    if arm.system in _OPTIONS:
        tables = {job.queue for job in draft.jobs} if arm is draft.arms[0] else set[str | None]()
        table = next(iter(tables)) if len(tables) == 1 else None
        options = _OPTIONS[arm.system].replace('"{table}"', _quoted(table or "jobs"))
        lines.append(f"{OPEN} {options}")
    lines.append("# slots = 4".ljust(COLUMN) + "# jobs that its workers run at once, all together: for comparing waits")
    return [*lines, ""]


def _paths(arm: DraftArm, jobs: tuple[DraftJob, ...]) -> list[tuple[str, str]]:
    return [(job.name, job.path) for job in jobs if arm.system in _BY_PATH and job.path and job.path != job.name]


def _line(key: str, value: str | float, comment: str = "") -> str:
    written = f"{key} = {_quoted(value) if isinstance(value, str) else value}"
    return f"{written.ljust(COLUMN - 1)} # {_plain(comment)}" if comment else written


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's, which has one more character escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(text: str) -> str:
    """What may stand in a comment: the name of a file can hold anything."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)
