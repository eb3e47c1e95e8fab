"""What an experiment file says, as values. Times are seconds; keys are those of the file."""

from __future__ import annotations

from typing import Annotated, Any
from typing import Literal as OneOf

import msgspec

from migrator.shadow.config.fallback import Fallback
from migrator.shadow.config.ledger import LedgerTable
from migrator.shadow.config.mirror import Mirror
from migrator.shadow.config.recording import Recording
from migrator.shadow.config.values import Name, Positive, Seconds, Size, Text
from migrator.shadow.judging.criteria import Criteria

#: `split`: a job goes to one arm; `fallback`: and to the current arm if the candidate does not take it up; `mirror`: to the current arm,
#: and a copy to every candidate
Mode = OneOf["split", "fallback", "mirror"]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file: nothing in it is optional by accident, nothing unknown is let pass."""


class Heading(Table, frozen=True, kw_only=True):
    """`[experiment]`"""

    name: Name
    current: Text  #: the arm that does the work today
    unit: Text = "job"  #: what routing hashes: a field of the payload, or `job` for every job on its own
    salt: str = ""  #: empty: the experiment's name
    mode: Mode = "split"


class Job(Table, frozen=True, kw_only=True):
    """`[job]`, or `[[job]]` where there are several: a job that goes through the arms."""

    name: Text
    queue: str = ""  #: empty: the name
    max_attempts: Positive | None = None  #: total executions; absent: whatever the arm's own system or queue is set to
    retry_delay: Seconds | None = None  #: absent: as above
    deadline: Seconds = 60.0  #: a job that has not ended after this long is looked for


class Worker(Table, frozen=True, kw_only=True):
    """`[arms.NAME.worker]`: a process to start for the run and stop after it. Absent: somebody else's workers do the work."""

    command: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    cwd: str = "."  #: relative to the file
    env: dict[str, str] = {}  #: added to the environment
    ready: Text  #: it is ready once a line of its output contains this
    ready_timeout: Seconds = 60.0
    processes: Positive = 1


class Arm(Table, frozen=True, kw_only=True):
    """`[arms.NAME]`: one system."""

    system: Text
    connection: Text  #: the environment variable that holds the address
    weight: Positive | None = None
    percent: float | OneOf["rest"] | None = None
    queue: str = ""  #: of every job; empty: the job's own
    queues: dict[str, Text] = {}  #: of single jobs, by their names
    job_name: str = ""  #: empty: the job's; for an experiment with one job
    job_names: dict[str, Text] = {}  #: of single jobs, by their names
    slots: Positive | None = None  #: how many jobs its workers run at once; compared between arms
    noise: bool = False  #: the current system once more: never judged, shows how much two equal arms differ
    options: dict[str, Any] = {}  #: the driver's own
    worker: Worker | None = None

    def queue_of(self, job: Job) -> str:
        """The queue that a job goes to here."""
        return self.queues.get(job.name) or self.queue or job.queue or job.name

    def job_name_of(self, job: Job) -> str:
        """What this system calls a job."""
        return self.job_names.get(job.name) or self.job_name or job.name


class Mix(Table, frozen=True, kw_only=True):
    """`[[workload.mix]]`: one sort of job. Values of `payload` are as written, or `{low, high}`: a whole number drawn per job."""

    name: Text
    weight: Positive = 1
    payload: dict[str, Any] = {}
    delay: Annotated[float, msgspec.Meta(ge=0)] = 0.0  #: not to start before this long after the enqueue


class Workload(Table, frozen=True, kw_only=True):
    """`[workload]`: what is sent. Either `file`, one JSON object a line, or `count` jobs made by `payload` and `mix`."""

    rate: Annotated[float, msgspec.Meta(gt=0)] = 10.0  #: jobs a second, all arms together
    file: str = ""  #: relative to the experiment file
    count: Positive | None = None
    seed: int = 1
    payload: dict[str, Any] = {}  #: in every job; `{n}` in a text is the job's number, from 1
    mix: tuple[Mix, ...] = ()


class Timeouts(Table, frozen=True, kw_only=True):
    """`[timeouts]`"""

    run: Seconds = 3600.0  #: from the first dispatch; what is open then is looked for once and reported as it is
    enqueue: Seconds = 5.0  #: one call to a store
    silence: Seconds = 15.0  #: an arm whose store, or all of whose workers, are gone for this long is no longer waited for
    assignment: Seconds = 60.0  #: an assignment that has not come by then, and may have been lost, is taken for lost
    settle: Seconds = 1.0  #: how long to look on after the last job has ended
    stop: Seconds = 10.0  #: what a worker is given to finish when it is told to stop


class Override(Table, frozen=True, kw_only=True):
    """`[[routing.jobs]]`: jobs with an arm, or shares, of their own. The first that matches counts; names stand before patterns."""

    match: Text  #: a job's name, or a pattern: `*` is any text, `?` any character
    arm: str = ""  #: all of them go there
    weights: dict[str, Positive] = {}  #: or so many shares to each


class Exclude(Table, frozen=True, kw_only=True):
    """`[routing.exclude]`: what stays with the current arm."""

    jobs: tuple[Text, ...] = ()  #: names or patterns
    tenants: tuple[Text, ...] = ()
    payload_bytes: Size | None = None  #: larger payloads
    deadline: Seconds | None = None  #: jobs that are to be done sooner


class Ramp(Table, frozen=True, kw_only=True):
    """`[routing.ramp]`: candidates grow from nothing to their share, step by step."""

    steps: tuple[Text, ...]  #: `1%/1d`: a hundredth of the final share for a day; the last has no time


class Routing(Table, frozen=True, kw_only=True):
    """`[routing]`: exceptions to the shares, for jobs of production (`migrator.shadow.policy`); a run sends its own jobs by the shares."""

    state: str = ""  #: environment variable with the address of a Redis or Postgres that holds what was changed; empty: a file
    poll: Seconds = 1.0  #: how often that is looked at
    jobs: tuple[Override, ...] = ()
    exclude: Exclude = Exclude()
    ramp: Ramp | None = None


class Experiment(Table, frozen=True, kw_only=True):
    """A whole experiment file."""

    experiment: Heading
    jobs: tuple[Job, ...]  #: at least one
    arms: dict[str, Arm]
    workload: Workload | None = None  #: None: the application's own traffic
    criteria: Criteria = Criteria()
    timeouts: Timeouts = Timeouts()
    routing: Routing = Routing()
    ledger: LedgerTable = LedgerTable()
    fallback: Fallback | None = None  #: there for `mode = "fallback"`, and only then
    mirror: Mirror | None = None  #: there for `mode = "mirror"`, and only then
    recorder: Recording = Recording()

    @property
    def salt(self) -> str:
        """What keeps this experiment's buckets apart from another's."""
        return self.experiment.salt or self.experiment.name

    def job(self, name: str) -> Job:
        """A job by its name. Raises KeyError for one that the experiment is not about."""
        return {job.name: job for job in self.jobs}[name]

    def queue(self, arm: str, job: Job) -> str:
        """The queue that a job goes to in an arm."""
        return self.arms[arm].queue_of(job)

    def job_name(self, arm: str, job: Job) -> str:
        """What an arm's system calls a job."""
        return self.arms[arm].job_name_of(job)
