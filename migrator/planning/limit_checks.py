"""What a job asks of the target's limits on sizes, retries, delays and durations, as far as the code says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from migrator.jobs import Enqueue, Job, is_number, literal_of
from migrator.planning.assumptions import PAYLOAD
from migrator.planning.limit_use import KIB, LimitUse, use_of
from migrator.rules.evidence import number, spot
from migrator.systems import SYSTEMS
from migrator.systems.limits import Limit


def limit_uses(job: Job, sent: tuple[Enqueue, ...], target: str, sizes: Mapping[str, float]) -> tuple[LimitUse, ...]:
    """What a job uses of every limit of `target` that it comes near to asking for. `sent`: the places that start it."""
    found: list[LimitUse] = []
    for limit in SYSTEMS[target].limits:
        match limit.id, limit.unit, limit.kind:
            case "MIG04", _, "maximum" if PAYLOAD in sizes:
                found.append(use_of(limit, f"a mean payload of {sizes[PAYLOAD]:g} KiB", sizes[PAYLOAD] * KIB, spot(job)))
            case "MIG06", "count", "maximum":
                found += _retries(job, sent, limit, target)
            # What a broker does after a time that is a setting is a limit, too.
            case ("MIG08", "s", "maximum") | ("MIG08", "s", "default") if limit.per == "message" or limit.kind == "maximum":
                found += _delays(sent, limit)
            case "MIG13", "s", "maximum":
                found += _duration(job, limit)
            case _:
                pass
    # What is not known to be too much for one of several plans is of no interest.
    return tuple(use for use in found if not use.plan or (use.share is not None and use.share > 1))


def _retries(job: Job, sent: tuple[Enqueue, ...], limit: Limit, target: str) -> Iterator[LimitUse]:
    facts, retries = SYSTEMS[target].retry, SYSTEMS[target].capabilities.get("retries")
    if retries is None or retries.kind != "native":
        # That it cannot retry is told of the capability; its number is no limit then.
        return
    attempts = [(spot(e), literal_of(e.max_attempts)) for e in sent]
    if job.retry is not None and job.retry.automatic:
        attempts.append((spot(job), literal_of(job.retry.max_attempts)))
    known = [(value, where) for where, value in attempts if isinstance(value, int | float) and is_number(value)]
    if known and facts is not None:
        most, where = max(known, key=lambda pair: pair[0])
        counted = most - (facts.counts == "retries")
        yield use_of(limit, f"{most:g} runs, which are {counted:g} {facts.counts}", counted, where)


def _delays(sent: tuple[Enqueue, ...], limit: Limit) -> Iterator[LimitUse]:
    known = [(seconds, spot(e)) for e in sent if (seconds := number(e.delay)) is not None]
    if known:
        most, where = max(known, key=lambda pair: pair[0])
        yield use_of(limit, f"a delay of {most:,g} s", most, where)
    for enqueue in sent:
        if (enqueue.delay is not None and number(enqueue.delay) is None) or enqueue.eta is not None:
            yield use_of(limit, "a delay that is only known at run time", None, spot(enqueue))
            return


def _duration(job: Job, limit: Limit) -> Iterator[LimitUse]:
    seconds = number(job.timeout)
    if seconds is not None:
        yield use_of(limit, f"a time limit of {seconds:,g} s", seconds, spot(job))
