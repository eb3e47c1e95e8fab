"""What only the whole project can tell about Django Q: how its cluster's settings bear on jobs, and in whose body an enqueue stands."""

from __future__ import annotations

import msgspec

from migrator.jobs import Backoff, Client, Enqueue, Job, Literal, Options, Retry, Value, literal_of
from migrator.scanners.found import Found
from migrator.scanners.python.django_q_terms import SYSTEM
from migrator.systems.django_q import ACKNOWLEDGING_BROKERS
from migrator.systems.django_q import SYSTEM as FACTS


def link(found: Found) -> None:
    """Complete Django Q's items."""
    clusters = [i.options for i in found.items if isinstance(i, Client) and i.system == SYSTEM and i.role == "cluster" and not i.area]
    cluster = clusters[0] if len(clusters) == 1 else {}
    retry, timeout = _retry(cluster), cluster.get("timeout", Literal(None))
    limit = None if timeout == Literal(None) else timeout
    own = [i for i in found.items if isinstance(i, Job) and i.system == SYSTEM and i.handler is not None]
    jobs = {(j.location.path, j.handler.name): f"{j.module}:{j.symbol}" for j in own if j.handler is not None}
    for index, item in enumerate(found.items):
        if item.system != SYSTEM:
            continue
        if isinstance(item, Job):
            found.items[index] = msgspec.structs.replace(item, retry=retry, timeout=limit, acknowledgement="late")
        elif isinstance(item, Enqueue):
            inside = jobs.get((item.location.path, item.inside), item.inside)
            found.items[index] = msgspec.structs.replace(item, inside=inside)


def _retry(cluster: Options) -> Retry | None:
    """How often a failed task is given again: only by a broker that waits for an acknowledgement, and then after `retry` seconds."""
    facts = FACTS.retry
    if facts is None or not cluster or "..." in cluster:
        return None
    if not ACKNOWLEDGING_BROKERS & set(cluster) or literal_of(cluster.get("ack_failures")) is True:
        return Retry(Literal(1), Backoff("none"))
    limit: Value = cluster.get("max_attempts", Literal(0))
    every = Backoff("fixed", cluster.get("retry", facts.backoff.delay))
    return Retry(Literal(None) if limit == Literal(0) else limit, every, explicit="max_attempts" in cluster)
