"""What a file must and must not say in each mode."""

from __future__ import annotations

from collections import defaultdict

from migrator.shadow.config.experiment import Experiment
from migrator.shadow.config.mirror import Mirror
from migrator.toml.source import Source

#: systems in which a job's id is its own within a queue only; elsewhere it is so within the whole store
IDS_BY_QUEUE = ("bull", "bullmq", "pg-boss", "sqs")


def check_mode(source: Source, experiment: Experiment) -> None:
    """Raises MigratorError where the tables do not go with the mode."""
    mode = experiment.experiment.mode
    for name, table in (("fallback", experiment.fallback), ("mirror", experiment.mirror)):
        if table is not None and mode != name:
            raise source.error(
                (name,), f"[{name}] is of no use in mode `{mode}`", f'Write mode = "{name}" in [experiment], or take it out.'
            )
    if mode == "split":
        return
    if experiment.workload is not None:
        raise source.error(("workload",), f"mode `{mode}` is for the application's own traffic", "Take out [workload], or the mode.")
    if mode == "fallback" and experiment.fallback is None:
        raise source.error(
            ("experiment", "mode"),
            "there is no [fallback] table, and workers must know where jobs are claimed",
            'Write [fallback] with claims = "THE_VARIABLE_WITH_THE_ADDRESS".',
        )
    if mode == "mirror":
        _check_levels(source, experiment, experiment.mirror or Mirror())
    _check_ids(source, experiment)


def _check_levels(source: Source, experiment: Experiment, mirror: Mirror) -> None:
    names = [job.name for job in experiment.jobs]
    for name in mirror.jobs:
        if name not in names:
            raise source.error(("mirror", "jobs", name), f"the experiment has no job `{name}`", f"Its jobs are {', '.join(names)}.")
    for name in names:
        said = mirror.jobs.get(name)
        if mirror.level_of(name) == "full" and not (said is not None and said.idempotent):
            raise source.error(
                ("mirror", "jobs", name) if said is not None else ("mirror", "level"),
                f"level `full` does the work of `{name}` twice, and nothing says that it bears that",
                f"Write idempotent = true in [mirror.jobs.{name}] if it does; else take `dry_run` or `replay`.",
            )


def _check_ids(source: Source, experiment: Experiment) -> None:
    """The same job is in two arms under one id: two arms of one system in one store would take it for one job."""
    stores: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for job in experiment.jobs:
        for name, arm in experiment.arms.items():
            queue = (experiment.queue(name, job),) if arm.system in IDS_BY_QUEUE else ()
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
