"""What a file must and must not say in each mode."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from migrator.shadow.config.experiment import Arm, Heading, Job, Routing, Workload
from migrator.shadow.config.fallback import Fallback
from migrator.shadow.config.mirror import Mirror
from migrator.toml.source import Source

#: systems in which a job's id is its own within a queue only; elsewhere it is so within the whole store
IDS_BY_QUEUE = ("bull", "bullmq", "pg-boss", "sqs")


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """What of a file has to do with its mode."""

    heading: Heading
    arms: Mapping[str, Arm]
    jobs: Sequence[Job]
    workload: Workload | None = None
    fallback: Fallback | None = None
    mirror: Mirror | None = None
    routing: Routing = Routing()


def check_mode(source: Source, tables: Tables) -> None:
    """Raises MigratorError where the tables do not go with the mode."""
    mode = tables.heading.mode
    for name, table in (("fallback", tables.fallback), ("mirror", tables.mirror)):
        if table is not None and mode != name:
            remedy = f'Write mode = "{name}" in [experiment], or take it out.'
            raise source.error((name,), f"[{name}] is of no use in mode `{mode}`", remedy)
    if mode == "split":
        return
    if tables.workload is not None:
        raise source.error(("workload",), f"mode `{mode}` is for the application's own traffic", "Take out [workload], or the mode.")
    if not tables.jobs:
        raise source.error((), "there is no [job] table", f"Mode `{mode}` sends jobs, and must know how each of them is called.")
    if mode == "fallback" and tables.fallback is None:
        raise source.error(
            ("experiment", "mode"),
            "there is no [fallback] table, and workers must know where jobs are claimed",
            'Write [fallback] with claims = "THE_VARIABLE_WITH_THE_ADDRESS".',
        )
    if tables.fallback is not None:
        for name, arm in tables.arms.items():
            if name != tables.heading.current and arm.connection == tables.fallback.claims:
                raise source.error(
                    ("fallback", "claims"),
                    f"claims cannot be in the store of `{name}`: while that is down, no arm could run a job",
                    "Name the store of the current arm, or one of its own.",
                )
    if mode == "mirror":
        if tables.routing.jobs:
            raise source.error(
                ("routing", "jobs", 0), "in a mirror every job goes to the current arm; this would not be used", "Take it out."
            )
        _check_levels(source, tables.jobs, tables.mirror or Mirror())
    _check_ids(source, tables.jobs, tables.arms)


def _check_levels(source: Source, jobs: Sequence[Job], mirror: Mirror) -> None:
    names = [job.name for job in jobs]
    for name in mirror.jobs:
        if name not in names:
            raise source.error(("mirror", "jobs", name), f"the experiment has no job `{name}`", f"Its jobs are {', '.join(names)}.")
    for number, job in enumerate(jobs):
        name = job.name
        said = mirror.jobs.get(name)
        if mirror.level_of(name) == "replay" and job.max_attempts is None:
            raise source.error(
                ("job", number) if len(jobs) > 1 else ("job",),
                f"nothing says how often `{name}` may be tried, and its copies have no code that says it",
                "Write max_attempts = 1 (or as many times as the job is tried today).",
            )
        if mirror.level_of(name) == "full" and not (said is not None and said.idempotent):
            raise source.error(
                ("mirror", "jobs", name) if said is not None else ("mirror", "level"),
                f"level `full` does the work of `{name}` twice, and nothing says that it bears that",
                f"Write idempotent = true in [mirror.jobs.{name}] if it does; else take `dry_run` or `replay`.",
            )


def _check_ids(source: Source, jobs: Sequence[Job], arms_by_name: Mapping[str, Arm]) -> None:
    """The same job is in two arms under one id: two arms of one system in one store would take it for one job."""
    stores: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for job in jobs:
        for name, arm in arms_by_name.items():
            queue = (arm.queue_of(job),) if arm.system in IDS_BY_QUEUE else ()
            arms = stores[(arm.system, arm.connection, *queue)]
            if name in arms:
                continue
            arms.append(name)
            if len(arms) > 1:
                raise source.error(
                    ("arms", name, "connection"),
                    f"arms `{arms[0]}` and `{name}` are one system in one store, and every job is in both of them under the same id",
                    "Give one of them a queue of its own." if queue else "Give one of them a database of its own.",
                )
