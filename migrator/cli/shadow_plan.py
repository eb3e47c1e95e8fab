"""`migrate shadow plan`: what a volume of jobs can show."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from migrator.cli.shadow_arguments import LedgerPath

if TYPE_CHECKING:
    from migrator.shadow.config.experiment import Experiment
    from migrator.shadow.headroom import Headroom
    from migrator.shadow.ledger.interface import Ledger
    from migrator.shadow.summary import ExperimentSummary

#: jobs in a ledger from which a pace and a share can be told
ENOUGH = 50


def plan(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The experiment: its shares, margins and ledger. Default: two arms.")
    ] = None,
    jobs_per_day: Annotated[
        float | None,
        typer.Option("--jobs-per-day", metavar="NUMBER", min=0.001, max=1e9, help="All arms together. Default: as the ledger shows."),
    ] = None,
    base_failure: Annotated[
        str, typer.Option("--base-failure", metavar="SHARE", help="First attempts that fail anyhow: 5%. Default: as the ledger shows.")
    ] = "",
    base_discarded: Annotated[
        str,
        typer.Option(
            "--base-discarded",
            metavar="SHARE",
            help="Jobs that fail for good anyhow. Default: as the ledger shows, else a tenth of the former.",
        ),
    ] = "",
    arms: Annotated[int, typer.Option("--arms", metavar="NUMBER", min=2, help="Without FILE: systems, the current one among them.")] = 2,
    ledger: LedgerPath = None,
) -> None:
    """Tell what so many jobs can show, and how long that takes.

    Days until each margin can be shown, with a split and with a mirror;
    how small a loss can be ruled out; how well times will be known; and
    which of the two to take. Ten jobs a day are a real case. What a ledger
    shows is held against the limits of the candidates' systems as well.

    Exit status: 0, or 2 where something is wrong (the message says what).

    Examples:

      migrate shadow plan --jobs-per-day 50 --base-failure 5%

      migrate shadow plan experiment.toml --jobs-per-day 1000 --base-failure 2%

      migrate shadow plan experiment.toml
    """
    from migrator.errors import MigratorError
    from migrator.reporting.output import deliver
    from migrator.reporting.volume_text import volume_text
    from migrator.shadow.config.reading import read_experiment
    from migrator.shadow.judging.criteria import Criteria
    from migrator.shadow.volume import Traffic, recommend
    from migrator.shadow.wording import percent

    criteria, current, candidates = Criteria(), 1 / arms, [1 / arms] * (arms - 1)
    seen: ExperimentSummary | None = None
    limits: tuple[Headroom, ...] = ()
    if file is not None:
        loaded = read_experiment(file)
        criteria, heading = loaded.experiment.criteria, loaded.experiment.experiment
        shares = {name: loaded.split.share(name) for name, arm in loaded.experiment.arms.items() if not arm.noise}
        current = shares.pop(heading.current)
        candidates = [share for share in shares.values() if share > 0]
        if not candidates or not current:
            raise MigratorError(
                "an arm without a share learns nothing", place=str(file), remedy="Give the current arm and a candidate one."
            )
        seen, limits = _seen(file, ledger)
    assumed: list[str] = []
    if jobs_per_day is None:
        if seen is None:
            raise MigratorError("how many jobs a day are there?", remedy="Say --jobs-per-day 50, all arms together.")
        jobs_per_day = (seen.assigned - 1) / seen.seconds * 86400
        assumed.append(f"the pace is that of the {seen.assigned:,} jobs in the ledger")
    base = _share(base_failure, "--base-failure") if base_failure else None
    if base is None:
        measured = seen.current.first_attempt_failure.share if seen is not None else None
        if measured is None:
            raise MigratorError("how many first attempts fail anyhow?", remedy="Say --base-failure 5%; 1% if you do not know.")
        base = max(measured, 0.001)
        assumed.append(f"{percent(base)} of first attempts fail, as the ledger shows of {seen.current.arm if seen else ''}")
    discarded = _share(base_discarded, "--base-discarded") if base_discarded else None
    if discarded is None:
        measured = seen.current.discarded.share if seen is not None and not base_failure else None
        discarded = base / 10 if measured is None else min(base, max(measured, 0.001))
        if "discarded" in criteria.compare:
            told = f"{percent(discarded, 2)} of jobs fail for good"
            assumed.append(
                f"that {told} is assumed: --base-discarded says otherwise" if measured is None else f"{told}, as it shows as well"
            )
    if discarded > base:
        raise MigratorError(
            f"{percent(discarded, 2)} of jobs cannot fail for good where {percent(base, 2)} of first attempts fail",
            remedy="A job that fails for good has failed at first, too: --base-discarded is at most --base-failure.",
        )
    traffic = Traffic(jobs_per_day=jobs_per_day, current_share=current, candidate_share=min(candidates), candidates=len(candidates))
    found = recommend(criteria, traffic, {"first_attempt_failure": base, "discarded": discarded})
    deliver(volume_text(found, traffic, criteria, base, assumed=assumed, limits=limits), None)


def _seen(file: Path, ledger: Path | None) -> tuple[ExperimentSummary | None, tuple[Headroom, ...]]:
    """What the ledger shows, where there is one with enough in it, and how near it comes to the limits of the candidates' systems."""
    from migrator.shadow.config.reading import read_experiment
    from migrator.shadow.ledger import LedgerError
    from migrator.shadow.ledger.choosing import open_ledger
    from migrator.shadow.summarizing import summarize

    loaded = read_experiment(file)
    try:
        with open_ledger(loaded, ledger) as opened:
            summary = summarize(opened) if opened.epochs() else None
            if summary is not None and summary.assigned >= ENOUGH and summary.seconds > 0:
                return summary, _limits(loaded.experiment, opened, summary)
    except LedgerError:
        if ledger is not None:
            raise
    return None, ()


def _limits(experiment: Experiment, ledger: Ledger, summary: ExperimentSummary) -> tuple[Headroom, ...]:
    from migrator.shadow.headroom import RUNS, headroom

    current = experiment.experiment.current
    candidates = {name: arm.system for name, arm in experiment.arms.items() if name != current and not arm.noise}
    run = next((each.value for each in summary.current.durations["run"].quantiles if each.q == RUNS), None)
    events = ledger.events(kind="assigned")
    return headroom(events, candidates, run_p99=run, payload_bytes=experiment.routing.exclude.payload_bytes)


def _share(text: str, option: str) -> float:
    """
    >>> _share("5%", "x"), _share("0.02", "x")
    (0.05, 0.02)
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(%?)\s*", text)
    share = float(match[1]) / (100 if match[2] else 1) if match else -1.0
    if share == 0:
        raise typer.BadParameter("where nothing ever fails one job would tell: 0.1% if you know of no failure", param_hint=option)
    if not 0 < share < 1:
        raise typer.BadParameter(f"`{text}` is no share: write 5% or 0.05", param_hint=option)
    return share
