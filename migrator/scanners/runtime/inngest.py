"""Inngest: the functions that an application would register, as its own endpoint tells them.

The endpoint is asked to show its functions in the answer itself (an in-band sync), which registers nothing anywhere. Versions of the SDK
before 3.23 would go and register them with their server instead, so that those are not asked.
"""

from __future__ import annotations

from typing import Any

from migrator.errors import MigratorError
from migrator.jobs import Item, Job, Literal, Retry, Trigger
from migrator.regex import regex
from migrator.scanners.runtime.http import Answer, Site
from migrator.scanners.runtime.probe import Probe, place, schedule
from migrator.systems.cron_zone import split_zone
from migrator.systems.inngest import SYSTEM

#: the first version that can show its functions without registering them
_FIRST = (3, 23)
_VERSION = regex(r"^(?:js|inngest-js):v?(\d+)\.(\d+)")
_KIND = "x-inngest-sync-kind"
#: retries when a function says nothing
_RETRIES = 4


def read(site: Site) -> list[Item] | None:
    """The functions and their crons.

    Raises:
        MigratorError: the endpoint is one of Inngest, but keeps its functions to itself.
    """
    answer = site.ask()
    version = _VERSION.match(answer.headers.get("x-inngest-sdk", ""))
    if isinstance(answer.body, dict) and isinstance(answer.body.get("functions"), list):
        # The development server lists what was registered with it.
        return _items(site, answer.body["functions"])
    if version is None:
        raise MigratorError("is no endpoint of Inngest", place=site.address, remedy="Give the address that the functions are served at.")
    if (int(version[1]), int(version[2])) < _FIRST:
        raise MigratorError(
            f"its SDK {version[1]}.{version[2]} shows its functions to none but its server",
            place=site.address,
            remedy="Ask the development server instead: http://localhost:8288/dev",
        )
    shown = site.ask("PUT", {"url": site.url}, {_KIND: "in_band"})
    if not _is_shown(shown):
        raise MigratorError(
            f"does not show its functions (status {shown.status})",
            place=site.address,
            remedy="Only an application in development mode (INNGEST_DEV=1) shows them without the signing key.",
        )
    return _items(site, shown.body["functions"])


def _is_shown(answer: Answer) -> bool:
    body = answer.body
    return (
        answer.status == 200
        and answer.headers.get(_KIND) == "in_band"
        and isinstance(body, dict)
        and isinstance(body.get("functions"), list)
    )


def _items(site: Site, functions: list[Any]) -> list[Item]:
    found: list[Item] = []
    for function in functions:
        if not isinstance(function, dict):
            continue
        name, listed = str(function.get("id") or function.get("slug") or ""), function.get("triggers")
        triggers = [t for t in listed if isinstance(t, dict)] if isinstance(listed, list) else []
        job = _job(site, name, function, triggers)
        # What the SDK makes of an `onFailure` is part of its function.
        if any(t.get("event") == "inngest/function.failed" for t in triggers) and name.endswith("-failure"):
            continue
        found.append(job)
        for trigger in triggers:
            if trigger.get("cron"):
                cron, zone = split_zone(str(trigger["cron"]))
                found.append(schedule(SYSTEM.name, job.location, job.name, job=job.name, cron=cron, timezone=zone))
    return found


def _job(site: Site, identity: str, function: dict[str, Any], triggers: list[dict[str, Any]]) -> Job:
    facts = SYSTEM.retry
    assert facts is not None  # noqa: S101 - a fact of this package
    steps = function.get("steps")
    first: Any = next(iter(steps.values()), {}) if isinstance(steps, dict) else {}
    retries = first.get("retries", {}).get("attempts", _RETRIES) if isinstance(first, dict) else _RETRIES
    name = str(function.get("name") or identity)
    return Job(
        system=SYSTEM.name,
        language="",
        name=identity,
        location=place(site.address, identity),
        symbol=name,
        form="registered",
        triggers=tuple(_trigger(t) for t in triggers),
        retry=Retry(Literal(int(retries) + 1), facts.backoff),
        live=True,
    )


def _trigger(given: dict[str, Any]) -> Trigger:
    if given.get("cron"):
        cron, zone = split_zone(str(given["cron"]))
        return Trigger("cron", Literal(cron), timezone=zone)
    return Trigger("event", Literal(str(given.get("event", ""))), condition=str(given.get("expression") or ""))


PROBE = Probe(SYSTEM.name, "http", read)
