"""JOB206: more jobs at once than there are connections for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from migrator.jobs import Job
from migrator.jobs.findings import Spot
from migrator.rules.database_calls import Query, queries
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.pools import Connections, pool_of
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.rules.worker_options import at_once

_SYSTEMS = ("bullmq", "bull", "pg-boss", "graphile-worker", "agenda")


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each pool that jobs take connections from."""
    users: defaultdict[tuple[str, int], list[Job]] = defaultdict(list)
    pools: dict[tuple[str, int], Connections] = {}
    lost: Query | None = None
    for job in evidence.of(Job, *_SYSTEMS):
        for query in queries(evidence, job):
            pool = pool_of(evidence, query)
            if pool is None:
                lost = lost or query
            else:
                pools[pool.at] = pool
                if job not in users[pool.at]:
                    users[pool.at].append(job)
    if lost is not None and not users:
        yield Undecided("the pool that jobs take their connections from was not found", lost.spot)
    for at, jobs in users.items():
        yield _of(evidence, pools[at], jobs)


def _of(evidence: Evidence, pool: Connections, jobs: Sequence[Job]) -> Outcome:
    where = Spot(*pool.at)
    counts = [(job, at_once(evidence, job).jobs) for job in jobs]
    told = [(job, count) for job, count in counts if count is not None]
    total = sum(count for _, count in told)
    if pool.most is None:
        if total <= 1 and len(told) == len(counts):
            return Pass(Spot(*pool.at, "one job at a time"))
        return Undecided(f"up to {total} jobs at once take connections from a pool, and {pool.why}", where)
    least, largest = max(told, key=lambda each: each[1], default=(jobs[0], 0))
    if largest > pool.most:
        return _fail(pool, pool.most, [(least, largest)], certain=True)
    if total > pool.most:
        if len({job.location.path for job, _ in told}) == 1 or _start_together(evidence, [job for job, _ in told]):
            return _fail(pool, pool.most, told, certain=False)
        return Undecided(f"whether workers that run {total} jobs at once share one pool of {pool.most} is not known", where)
    if len(told) < len(counts):
        return Undecided("how many jobs a worker runs at once is only known at run time", spot(next(j for j, c in counts if c is None)))
    return Pass(Spot(*pool.at, f"{pool.most} connections for {total} jobs at once"))


def _fail(pool: Connections, most: int, workers: Sequence[tuple[Job, int]], *, certain: bool) -> Fail:
    total = sum(count for _, count in workers)
    parts = " + ".join(str(count) for _, count in workers)
    sum_ = f"{parts} = {total}" if len(workers) > 1 else f"{total}"
    names = ", ".join(f"`{job.name}`" for job, _ in workers if job.name)
    message = f"{sum_} jobs at once ({names}) share {most} connections{'' if pool.said else ', the default'}: {total - most} of them wait."
    others = spots(job for job, _ in workers)
    systems = tuple(sorted({job.system for job, _ in workers}))
    return Fail(Spot(*pool.at), message, systems, others, confidence="certain" if certain and pool.said else "likely")


def _start_together(evidence: Evidence, jobs: Sequence[Job]) -> bool:
    """True if one file imports all that make these workers."""
    wanted = {job.location.path for job in jobs}
    stems = {PurePosixPath(path).stem for path in wanted}
    for path in evidence.containing(*(stem.encode() for stem in stems)):
        project = evidence.bodies.view(path).project
        found = {project.resolve(path, module) for module in {taken.module for taken in project.imports(path).taken}}
        if wanted <= found | {path}:
            return True
    return False


_CODE = (
    'import { Worker } from "bullmq";\nimport { Pool } from "pg";\nconst pool = new Pool({ max: MAX });\n'
    'new Worker("scores", async (job) => {\n  await pool.query("UPDATE clients SET score = $1 WHERE id = $2", job.data);\n'
    "}, { connection, concurrency: 50 });\n"
)

RULE = Rule(
    id="JOB206",
    name="pool-smaller-than-concurrency",
    title="More jobs at once than database connections",
    severity="high",
    systems=_SYSTEMS,
    what="Workers that run more jobs at once than the pool of connections has which these jobs use: `max` of `pg`, `postgres` and "
    "`knex`, `connectionLimit` of `mysql2`, `connection_limit` of Prisma.",
    why="The jobs that get no connection wait for one until they time out, and hold their places in the worker meanwhile. The concurrency "
    "is on paper only; under load it turns into errors that are retried, and so into more load.",
    how="The pool that each query of a job goes through, followed to where it is made, against the concurrency of the workers whose jobs "
    "use it: those of one file, or of files that one file imports. Sizes that the environment gives, and Prisma's default, which goes by "
    "the number of cores, make the answer unknown.",
    false_alarms="Jobs that hold a connection for a small part of their time.",
    migration="The new system's workers come on top of the old one's as long as both run.",
    fix="none",
    hint="Make the pool as large as the concurrency of all workers of the process, if the server allows it, or lower the concurrency.",
    effort=Effort(60, 120, "project", "an estimate"),
    sources=("node-postgres documentation, Pool", "Prisma documentation, Connection pool", "BullMQ guide, Workers, Concurrency"),
    examples=(Example("bullmq", bad={"scores.ts": _CODE.replace("MAX", "5")}, good={"scores.ts": _CODE.replace("MAX", "60")}),),
    check=check,
    related=("JOB204", "JOB205"),
)
