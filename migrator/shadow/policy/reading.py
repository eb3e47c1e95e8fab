"""From an experiment file to what a running application needs of it: the policy, and where jobs and events go. No workload is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import msgspec

from migrator.shadow.config.arms import listed, read_arms, read_table, split_of
from migrator.shadow.config.experiment import Arm, Heading, Job, Override, Routing, Timeouts
from migrator.shadow.config.fallback import Fallback
from migrator.shadow.config.jobs import read_jobs
from migrator.shadow.config.mirror import Mirror
from migrator.shadow.config.modes import Tables, check_mode
from migrator.shadow.config.recording import Recording
from migrator.shadow.policy.patterns import is_pattern
from migrator.shadow.policy.policy import Policy, Rule
from migrator.shadow.policy.ramp import step_of
from migrator.shadow.routing import BUCKETS, Split, by_weight
from migrator.toml.reading import read_tables
from migrator.toml.source import Source


class LoadedPolicy(msgspec.Struct, frozen=True):
    """A policy, and the tables of its file. `jobs` is empty where the file names none: then it is about all of them."""

    policy: Policy
    routing: Routing
    file: Path
    heading: Heading
    arms: dict[str, Arm]
    jobs: tuple[Job, ...]
    timeouts: Timeouts
    recorder: Recording
    fallback: Fallback | None = None
    mirror: Mirror | None = None

    @property
    def state_file(self) -> Path:
        """The state, where no store is named."""
        return self.file.parent / ".migrator" / f"{self.policy.name}.routing.json"

    @property
    def pending(self) -> Path:
        """The folder of jobs that candidates have not taken up yet; mode `fallback`."""
        return self.file.parent / ".migrator" / f"{self.policy.name}.pending"

    @property
    def spool(self) -> Path:
        """The folder that events go through."""
        return self.file.parent / self.recorder.folder.replace("{name}", self.policy.name)


def read_policy(file: Path) -> LoadedPolicy:
    """The policy of an experiment file.

    Raises:
        MigratorError: something in it is wrong; the message names the line.
    """
    source, tables = read_tables(file, "experiment file")
    for name in ("experiment", "arms"):
        if name not in tables:
            raise source.error((), f"there is no [{name}] table", "Routing needs [experiment] and one [arms.NAME] for each system.")
    heading: Heading = read_table(source, ("experiment",), tables["experiment"], Heading)
    arms = read_arms(source, tables, heading.current)
    routing: Routing = read_table(source, ("routing",), tables.get("routing", {}), Routing)
    policy = policy_of(source, heading, arms, routing)
    jobs = read_jobs(source, tables["job"], arms) if "job" in tables else ()
    fallback: Fallback | None = read_table(source, ("fallback",), tables["fallback"], Fallback) if "fallback" in tables else None
    mirror: Mirror | None = read_table(source, ("mirror",), tables["mirror"], Mirror) if "mirror" in tables else None
    check_mode(source, Tables(heading=heading, arms=arms, jobs=jobs, fallback=fallback, mirror=mirror, routing=routing))
    return LoadedPolicy(
        policy,
        routing,
        file,
        heading,
        arms,
        jobs,
        read_table(source, ("timeouts",), tables.get("timeouts", {}), Timeouts),
        read_table(source, ("recorder",), tables.get("recorder", {}), Recording),
        fallback,
        mirror,
    )


def policy_of(source: Source, heading: Heading, arms: Mapping[str, Arm], routing: Routing) -> Policy:
    """The policy that the tables of a file say. Raises MigratorError as `read_policy` does."""
    return Policy(
        heading.name,
        heading.salt or heading.name,
        heading.current,
        split_of(source, arms, heading),
        tuple(_rule(source, number, override, tuple(arms)) for number, override in enumerate(routing.jobs)),
        routing.exclude.jobs,
        frozenset(routing.exclude.tenants),
        routing.exclude.payload_bytes,
        routing.exclude.deadline,
        _steps(source, routing),
        frozenset(name for name, arm in arms.items() if arm.noise),
    )


def _rule(source: Source, number: int, override: Override, arms: tuple[str, ...]) -> Rule:
    place = ("routing", "jobs", number)
    if bool(override.arm) == bool(override.weights):
        raise source.error(place, f"`{override.match}` has an `arm` or `weights`, and exactly one of them", 'Write arm = "NAME".')
    for arm in (override.arm, *override.weights) if override.arm else override.weights:
        if arm not in arms:
            raise source.error(place, f"there is no arm `{arm}`", f"The arms are {listed(arms)}.")
    split = Split((override.arm,), (BUCKETS,)) if override.arm else by_weight(list(override.weights.items()))
    return Rule(override.match, split, not is_pattern(override.match))


def _steps(source: Source, routing: Routing) -> tuple[Fraction, ...]:
    if routing.ramp is None:
        return ()
    place = ("routing", "ramp", "steps")
    try:
        steps = [step_of(text) for text in routing.ramp.steps]
    except ValueError as error:
        raise source.error(place, str(error), 'Write steps = ["1%/1d", "10%/2d", "100%"].') from None
    if not steps:
        raise source.error(place, "a ramp has at least one step", 'Write steps = ["1%/1d", "10%/2d", "100%"].')
    shares = [share for share, _ in steps]
    if shares != sorted(shares) or len(set(shares)) != len(shares):
        raise source.error(place, "a ramp only goes up", "Write its steps from the smallest to the largest.")
    if any(held is None for _, held in steps[:-1]):
        raise source.error(place, "only the last step has no time", "Say how long each of the others is held: `5%/2d`.")
    return tuple(shares)
