"""What a volume of jobs can show, as text of 80 columns: days for each question, and what to do about it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from migrator.reporting.plan_words import amount
from migrator.shadow import volume
from migrator.shadow.headroom import Headroom
from migrator.shadow.judging.criteria import SHARES, Criteria
from migrator.shadow.volume import Answerable, Outlook, Recommendation, Traffic
from migrator.shadow.wording import METRIC_NAMES, days_long, listed, percent, points, seconds, sentence, times

WIDTH = 80
#: margins that people ask about, as shares
MARGINS = (0.01, 0.02, 0.05, 0.10)
#: share of jobs that a rare fault hits
RARE = 0.01


def volume_text(
    found: Recommendation,
    traffic: Traffic,
    criteria: Criteria,
    base: float,
    *,
    assumed: Sequence[str],
    limits: Sequence[Headroom] = (),
) -> str:
    """`base`: share of first attempts that fail anyhow. `assumed`: what nobody said, in words. `limits`: of the candidates' systems."""
    split, mirror = (traffic.per_day(mode) for mode in ("split", "mirror"))
    lines = [
        *_folded(f"{_per_day(traffic.jobs_per_day)} a day: a candidate gets {_number(split[0])} of them in a split, all in a mirror."),
        *(line for words in assumed for line in _folded(sentence(words))),
        "",
        "Until a candidate that is as good is seen to be within the margin:",
        "",
        *_table(found),
        "",
        *_folded(
            "d are days, y years. Once: 80 in 100 such experiments, at one look. Watched: half of them, looked at every day, as "
            f"verdicts are. The least time: {criteria.minimum_days:g} days and {criteria.minimum_jobs} jobs in every arm, from [criteria]."
        ),
        "",
        f"First-attempt failures, where {percent(base)} fail anyhow, at one look:",
        "",
        *_margins(base, traffic, criteria),
        "",
        f"After {volume.PATIENCE:g} days:",
        "",
        *_beside(split[0], mirror[0]),
        "",
        *_limits(limits),
        *_folded(f"Recommended: {found.mode}. {sentence(found.reason)}"),
    ]
    if found.mode == "mirror":
        lines += _folded(
            'Write mode = "mirror" in [experiment], and take the weights out: the current system does every job, and candidates get a copy '
            "without effects."
        )
    return "\n".join(lines) + "\n"


def _table(found: Recommendation) -> list[str]:
    rows = [
        ["", "may be", "jobs", "split", "split", "mirror", "mirror"],
        ["", "worse by", "an arm", "once", "watched", "once", "watched"],
    ]
    for once, twice in zip(found.split.answers, found.mirror.answers, strict=True):
        rows.append([METRIC_NAMES[once.metric], _margin(once), f"{once.jobs_per_arm:,}", *_days(once), *_days(twice)])
    rows.append(["all, and the least time", "", "", *_whole(found.split), *_whole(found.mirror)])
    return _aligned(rows)


def _margins(base: float, traffic: Traffic, criteria: Criteria) -> list[str]:
    alpha = criteria.alpha / traffic.candidates
    rows = [["worse by at most", *(points(margin) for margin in MARGINS)]]
    for mode in ("split", "mirror"):
        days = (volume.days_for_share(base, margin, traffic.per_day(mode), alpha) for margin in MARGINS)
        rows.append([mode, *(_length(each) for each in days)])
    return _aligned(rows)


def _beside(split: float, mirror: float) -> list[str]:
    """What so many jobs show besides the margins."""
    rows = [["", "split", "mirror"]]
    jobs = [max(1, round(rate * volume.PATIENCE)) for rate in (split, mirror)]
    rows += [
        ["jobs an arm", *(f"{n:,}" for n in jobs)],
        ["no job lost: loss is below", *(percent(volume.loss_bound(n), 2).removeprefix("< ") for n in jobs)],
        [f"a fault of {percent(RARE)} of jobs is seen", *(percent(volume.chance_to_see(RARE, n), 0) for n in jobs)],
        ["median times known within", *(f"×/÷ {volume.known_within(n, 0.5):.2f}" for n in jobs)],
        ["95th percentiles within", *(f"×/÷ {volume.known_within(n, 0.95):.2f}" for n in jobs)],
    ]
    return _aligned(rows)


def _limits(found: Sequence[Headroom]) -> list[str]:
    """What the systems of the candidates allow, beside what the jobs of the ledger ask for. Nothing where none of them has a limit."""
    if not found:
        return []
    rows = [[f"{each.arm}: {_title(each)}", amount(each.limit.value, each.limit.unit), _most(each), _over(each)] for each in found]
    rows.insert(0, ["", "allowed", "seen", "jobs over"])
    lines = ["What candidates allow, and the most that the ledger's jobs ask for:", "", *_aligned(rows), ""]
    beyond = [each for each in found if each.exceeded]
    if beyond:
        lines += _folded(f"Too much: {listed([f'{_title(each)} of {each.arm}' for each in beyond])}. {_remedy(beyond)}")
        lines.append("")
    return lines


def _title(each: Headroom) -> str:
    """A limit, and the vendor's plan that it belongs to."""
    return each.limit.title.lower() + (f" ({each.limit.plan})" if each.limit.plan else "")


def _most(each: Headroom) -> str:
    if each.most is None:
        return "none seen"
    return f"p99 {seconds(each.most)}" if each.over is None else amount(each.most, each.limit.unit) if each.most else "none"


def _over(each: Headroom) -> str:
    return f"{each.over:,}" if each.over is not None else "over" if each.exceeded else ""


def _remedy(beyond: Sequence[Headroom]) -> str:
    sizes = [each.limit.value for each in beyond if each.limit.unit == "bytes"]
    kept = f"payload_bytes = {min(sizes):.0f} in [routing.exclude] keeps what is too large with the current arm." if sizes else ""
    other = len(sizes) < len(beyond)
    return " ".join(part for part in (kept, "Set another time limit, or leave such jobs out by name." if other else "") if part)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines with names to the left and figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]


def _margin(answer: Answerable) -> str:
    return points(answer.margin, sign=True) if answer.metric in SHARES else times(answer.margin)


def _days(answer: Answerable) -> tuple[str, str]:
    return _length(answer.days), "too long" if answer.watched_days is None else _length(answer.watched_days)


def _whole(outlook: Outlook) -> tuple[str, str]:
    return _length(outlook.days), "too long" if outlook.watched_days is None else _length(outlook.watched_days)


def _length(days: float) -> str:
    """
    >>> _length(0.3), _length(14.2), _length(89.0), _length(1500.0), _length(492132.0)
    ('1 d', '15 d', '89 d', '4 y', '1,347 y')
    """
    number, unit = days_long(days).split()
    return f"{number} {unit[0]}"


def _per_day(jobs: float) -> str:
    return f"{jobs:,.0f} jobs" if jobs >= 10 else f"{jobs:g} jobs"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _folded(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, break_on_hyphens=False)
