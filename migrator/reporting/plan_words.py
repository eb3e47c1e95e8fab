"""A plan in words that fit a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from migrator.jobs.redaction import redact_text
from migrator.planning.fit import Fit
from migrator.planning.limit_use import LimitUse
from migrator.planning.phasing import Way
from migrator.planning.plan import Comparison, Group, Plan, PlannedJob, Row, Totals
from migrator.planning.score import Hours, Part
from migrator.planning.weights import BANDS
from migrator.reporting.audit_words import title
from migrator.systems import CAPABILITIES
from migrator.systems.trap import Handling
from migrator.systems.traps import studied

#: way -> (a short name, what it means)
WAYS: dict[Way, tuple[str, str]] = {
    "automatic": ("automatic", "`migrate codemod` moves them as they are"),
    "helper": ("with helper", "`migrate codemod` moves them, with code of its own or with --unsafe"),
    "hand": ("by hand", "a person writes them anew on the target"),
    "blocked": ("blocked", "not before something is decided or built another way"),
    "idle": ("not running", "nothing registers them with a worker: still wanted?"),
}
#: columns of a comparison
COLUMNS = ("target", *(name for name, _ in WAYS.values()), "there already", "effort")
HANDLING: dict[Handling, str] = {"automatic": "the rewrite", "helper": "the rewrite, with code of its own", "human": "a person"}
#: kinds that are not put in the plural by an s
_MANY = {"dependency": ("dependency", "dependencies")}
_UNITS = ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"))


def sources(plan: Plan | Comparison) -> str:
    """The systems that are left, with their numbers of jobs."""
    return ", ".join(f"{number} of {title(system)}" for system, number in plan.sources.items()) or "No jobs were found"


def headline(plan: Plan) -> str:
    """The plan in a sentence."""
    if not plan.totals.jobs:
        there = f"All {plan.there} jobs are on {title(plan.target)} already." if plan.there else "No jobs to move were found."
        return f"{there} There is nothing to do."
    there = f"; {plan.there} {_are(plan.there)} there already" if plan.there else ""
    return f"{count(plan.totals.jobs, 'job moves', 'jobs move')}: {sources(plan)}{there}."


def rewrites(plan: Plan) -> str:
    """From which systems `migrate codemod` moves."""
    can = [title(system) for system in plan.sources if system in plan.rewrites]
    cannot = [title(system) for system in plan.sources if system not in plan.rewrites]
    said = (
        [f"`migrate codemod` moves jobs from {_and(can)} to {title(plan.target)}; what is said of them is what it decides."] if can else []
    )
    left = Counter(trap for job in plan.jobs if job.rewrite is not None and job.rewrite.outcome == "manual" for trap in job.traps)
    if left:
        number = sum(job.rewrite is not None and job.rewrite.outcome == "manual" for job in plan.jobs)
        reasons = ", ".join(f"{plan.traps[trap].title} ({n})" for trap, n in left.most_common(3) if trap in plan.traps)
        said.append(f"It leaves {number}, most often because of: {reasons}.")
    said += [f"There is no rewrite from {_and(cannot)} to {title(plan.target)}: these jobs are moved by hand."] if cannot else []
    unseen = [title(system) for system in plan.sources if not studied(system, plan.target)]
    if unseen:
        said.append(
            f"Nobody has looked at the move from {_and(unseen)} to {title(plan.target)} on its own: only traps of many moves are named."
        )
    return " ".join(said)


def hours(of: Hours) -> str:
    """A range of hours.

    >>> hours(Hours(0.25, 1)), hours(Hours(0, 0))
    ('0.25–1 h', 'none')
    """
    return f"{of.low:,g}–{of.high:,g} h" if of.high else "none"


def effort(totals: Totals) -> str:
    """How the hours come about: jobs by band."""
    parts = [f"{number} × {BANDS[band][1]:g}–{BANDS[band][2]:g} h ({band})" for band, number in totals.bands.items() if number]
    return " + ".join(parts)


def known(totals: Totals) -> str:
    """How much of what the figures rest on is known."""
    share = f" ({totals.known / totals.needed:.0%})" if totals.needed else ""
    review = f"; {count(totals.review, 'job', 'jobs')} below 60 %, whose figures are not to be used unseen" if totals.review else ""
    return f"{totals.known:,} of {totals.needed:,} facts{share}{review}"


def way(of: PlannedJob) -> str:
    """How a job moves, in a word or two."""
    return WAYS[of.way][0]


def figures(job: PlannedJob) -> str:
    """The scores of a job on a line."""
    review = ", to be reviewed" if job.review else ""
    return (
        f"difficulty {job.difficulty.points:g} ({job.band}), risk {job.risk.points:g}, "
        f"{job.confidence:.0%} of the facts known{review}, {hours(job.effort)}"
    )


def parts(of: Sequence[Part]) -> str:
    """The parts of a score that count; with a question mark what is not known and counts in the middle."""
    said = [f"{part.name} {part.points:g}{'' if part.known else '?'} ({redact_text(part.why)})" for part in of if part.points]
    return ", ".join(said) or "nothing counts"


def changed(job: PlannedJob) -> list[Fit]:
    """The capabilities that are not the same on the target, the gravest first."""
    order = ("blocked", "redesigned", "adapted", "renamed", "same")
    found = [f for f in job.features if f.cost != "same" or not f.known]
    return sorted(found, key=lambda f: (order.index(f.cost), f.usage.capability))


def feature(fit: Fit) -> str:
    """What becomes of a capability, in a sentence without its title."""
    doubt = f" ({fit.usage.doubt})" if fit.usage.doubt else ""
    meant = {"native": "there", "emulated": "emulated", "absent": "missing", "unknown": "not known"}[fit.support]
    return redact_text(f"{fit.usage.what}{doubt} → {meant}{f': {fit.how}' if fit.how else ''}")


def capability(fit: Fit) -> str:
    """The title of a capability."""
    return CAPABILITIES[fit.usage.capability].title


def amount(value: float, unit: str) -> str:
    """A number of a limit in its unit.

    >>> amount(33554432, "bytes"), amount(900, "s"), amount(1000, "count")
    ('32 MiB', '15 min', '1,000')
    """
    if unit == "bytes":
        for size, name in _UNITS:
            if value >= size:
                return f"{value / size:,.4g} {name}"
        return f"{value:,g} bytes"
    if unit == "s":
        for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
            if value >= size:
                return f"{value / size:,.4g} {name}"
        return f"{value:,g} s"
    return f"{value:,.10g}"


def limit(use: LimitUse) -> str:
    """A limit with its arithmetic, in a sentence."""
    plan = f" on the plan {use.plan}" if use.plan else ""
    least = "at least " if use.at_least else ""
    share = f", {use.share:.1%} of it" if use.share is not None else ""
    verdict = " — too much" if use.share is not None and use.share > 1 else ""
    return redact_text(f"{least}{use.formula}; {amount(use.maximum, use.unit)} at most{plan}{share}{verdict}")


def limit_of(job: PlannedJob, use: LimitUse) -> str:
    """What a limit is about, and whose it is where it is not the target's."""
    return f"{use.title} (today, on {title(job.system)})" if use.today else use.title


def remedy(use: LimitUse) -> str:
    """What would settle a limit that is not known."""
    return " ".join(f"--assume {size}=…" for size in use.needs)


def pressing(plan: Plan) -> list[tuple[PlannedJob, list[LimitUse]]]:
    """Jobs with limits that are worth a line: not known, at half of the limit or above, or of which the size is a formula."""
    found = [(job, [use for use in job.limits if use.share is None or use.share >= 0.5 or use.bounds]) for job in plan.jobs]
    # The nearest to its limit first; the others stay in their order.
    return sorted(((job, uses) for job, uses in found if uses), key=lambda pair: -max(use.share or 0 for use in pair[1]))


def blocked(plan: Plan) -> list[PlannedJob]:
    """The jobs that cannot move as they are."""
    return [job for job in plan.jobs if job.way == "blocked"]


def members(plan: Plan, group: Group) -> list[PlannedJob]:
    """The jobs of a group."""
    return [job for job in plan.jobs if job.group == group.number]


def around(plan: Plan) -> str:
    """What changes beside the jobs, in numbers."""
    listed = [count(number, *(name.format(kind) for name in _MANY.get(kind, ("{}", "{}s")))) for kind, number in plan.around.items.items()]
    return ", ".join(listed)


def open_ends(plan: Plan) -> list[str]:
    """What the plan cannot know."""
    said: list[str] = []
    if plan.around.loose:
        said.append(
            f"{count(plan.around.loose, 'place', 'places')} could not be tied down: `migrate audit` lists them. They are in no phase."
        )
    if plan.around.strangers:
        said.append(f"{count(plan.around.strangers, 'place starts a job', 'places start jobs')} that no code here defines.")
    return said


def row(of: Row) -> list[str]:
    """One target of a comparison as cells."""
    ways = [str(of.totals.ways[way]) for way in WAYS]
    return [title(of.target), *ways, str(of.there), hours(of.totals.effort)]


def place(job: PlannedJob) -> str:
    """`path:line`."""
    return f"{job.path}:{job.line}"


def count(number: int, one: str, many: str) -> str:
    """`3 jobs`."""
    return f"{number:,} {one if number == 1 else many}"


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
