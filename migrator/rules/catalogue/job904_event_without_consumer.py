"""JOB904: an event that is sent and means nothing to anybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Enqueue, Setting
from migrator.rules.events import Taken
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each event that is sent."""
    taken = Taken(evidence)
    for event, sends in _sent(evidence.of(Enqueue, "inngest")):
        if event in taken:
            yield Pass(spot(sends[0], f"a function takes `{event}`"))
        elif not taken:
            yield Undecided("no function of Inngest that takes an event is in this code: they must be elsewhere", spot(sends[0]))
        elif taken.open_end:
            yield Undecided(taken.open_end, spot(sends[0]))
        else:
            message = f"The event `{event}` starts no function, ends none, and none waits for it: nothing comes of it."
            yield Fail(spot(sends[0]), message, ("inngest",), spots(sends[1:]), "likely")
    yield from _published(evidence)


def _sent(enqueues: tuple[Enqueue, ...]) -> list[tuple[str, list[Enqueue]]]:
    by_event: defaultdict[str, list[Enqueue]] = defaultdict(list)
    for enqueue in enqueues:
        # A function that is called by its name needs no event.
        if enqueue.name and "invoke" not in enqueue.form and not enqueue.job and enqueue.confidence != "possible":
            by_event[enqueue.name].append(enqueue)
    return sorted(by_event.items())


def _published(evidence: Evidence) -> Iterator[Outcome]:
    """`boss.publish(event)` of pg-boss, which goes to the queues that subscribe to the event."""
    published = tuple(e for e in evidence.of(Enqueue, "pg-boss") if e.form == "publish" and e.queue is None)
    settings = {s.name for s in evidence.of(Setting, "pg-boss")}
    for event, sends in _sent(published):
        if event in settings:
            yield Pass(spot(sends[0], f"a queue subscribes to `{event}`"))
        elif "" in settings:
            yield Undecided("to which events queues subscribe is in part only known at run time", spot(sends[0]))
        else:
            message = f"No queue subscribes to the event `{event}`: it makes no job."
            yield Fail(spot(sends[0]), message, ("pg-boss",), spots(sends[1:]), "likely")


_CODE = (
    'import { Inngest } from "inngest";\nconst inngest = new Inngest({ id: "shop" });\n'
    'export const ship = inngest.createFunction({ id: "ship" }, { event: "order/paid" }, async ({ event }) => pack(event.data.id));\n'
    'export const paid = (id: string) => inngest.send({ name: "NAME", data: { id } });\n'
)
_PUBLISH = (
    'import { PgBoss } from "pg-boss";\nconst boss = new PgBoss("postgres://localhost/app");\n'
    'await boss.createQueue("mail");\nawait boss.subscribe("user-joined", "mail");\nawait boss.publish("NAME", { id: 1 });\n'
)

RULE = Rule(
    id="JOB904",
    name="event-without-consumer",
    title="Events that nothing takes",
    severity="medium",
    systems=("inngest", "pg-boss"),
    what="An event that is sent, that no function has as a trigger or under `cancelOn`, for which none waits, and to which no queue "
    "subscribes.",
    why="The send succeeds and nothing happens. Either a function has gone and its event is still sent (and paid for), or the name on one "
    "side was changed, and work that somebody counts on is not done.",
    how="The names of all events that are sent, against the triggers (with their patterns), the events that end a run and those for which "
    "a step waits. If one of these is known only at run time, the answer is unknown.",
    false_alarms="Events that are there to be looked at, and functions in another repository.",
    migration="A target without events needs a consumer for each: for such an event there is none to write.",
    fix="none",
    hint="Take the send out, or give the function that is meant this event as its trigger.",
    effort=Effort(10, 20, "place", "an estimate"),
    sources=("Inngest documentation, Sending events and Triggers", "pg-boss documentation, Pub-sub"),
    examples=(
        Example("inngest", bad={"ship.ts": _CODE.replace("NAME", "order/payed")}, good={"ship.ts": _CODE.replace("NAME", "order/paid")}),
        Example("pg-boss", bad={"a.ts": _PUBLISH.replace("NAME", "user-left")}, good={"a.ts": _PUBLISH.replace("NAME", "user-joined")}),
    ),
    check=check,
    related=("JOB901",),
)
