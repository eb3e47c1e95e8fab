"""What a job is handed at the places that start it, by name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from migrator.jobs import Enqueue, Job
from migrator.planning.application import Application
from migrator.rules.payload_keys import keys
from migrator.rules.signatures import COMPLETE, filled


@dataclass(frozen=True)
class Handed:
    """`names` that some place hands over; `places` start the job, and `untold` of them do not spell out all that they hand over."""

    names: tuple[str, ...]
    places: tuple[str, ...]
    untold: tuple[str, ...]


def handed(application: Application, job: Job, names: Collection[str] = ()) -> Handed:
    """What the code of an application hands to one of its jobs. `names`: what is sent under one of these is for the job as well."""
    led = application.sent(job)
    sent = (*led, *(e for e in application.evidence.of(Enqueue, job.system) if e.name in names and e not in led))
    said = [_names(application, job, enqueue) for enqueue in sent]
    return Handed(
        tuple(sorted({name for names, _ in said for name in names})),
        tuple(enqueue.location.place for enqueue in sent),
        tuple(enqueue.location.place for enqueue, (_, whole) in zip(sent, said, strict=True) if not whole),
    )


def _names(application: Application, job: Job, enqueue: Enqueue) -> tuple[frozenset[str], bool]:
    """Names of what one place hands over, and whether these are all.

    Python: keywords, and the parameters that plain values fill. JavaScript: the fields of the payload.
    """
    if enqueue.language != "python":
        found = keys(application.evidence, enqueue) if enqueue.arguments else frozenset[str]()
        return found or frozenset(), found is not None
    named = frozenset(a.name for a in enqueue.arguments if a.name)
    plain = [a for a in enqueue.arguments if not a.name]
    parameters = [p.name for p in filled(job) or () if p.kind in ("plain", "positional")]
    whole = enqueue.form in COMPLETE.get(enqueue.system, ()) and not any(a.star for a in plain) and len(plain) <= len(parameters)
    return named | frozenset(parameters[: len(plain)] if whole else ()), whole
