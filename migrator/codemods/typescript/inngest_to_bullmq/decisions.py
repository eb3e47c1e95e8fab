"""A decision for everything that the scan found of Inngest, in sentences."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from migrator.codemods.changes import Decision, Outcome, Safety
from migrator.codemods.typescript.inngest_to_bullmq.blockers import said
from migrator.codemods.typescript.inngest_to_bullmq.groups import within
from migrator.codemods.typescript.inngest_to_bullmq.moving import Moving
from migrator.codemods.typescript.inngest_to_bullmq.sites import Function
from migrator.codemods.typescript.inngest_to_bullmq.survey import OFFERED, is_inngest, is_test
from migrator.codemods.typescript.inngest_to_bullmq.triggers import listens
from migrator.jobs import Client, Dependency, Endpoint, Enqueue, Item, Job, Location, Schedule, Setting, Span, Worker
from migrator.syntax.source import SUFFIXES
from migrator.syntax.tree import walk
from migrator.systems.inngest import SYSTEM

NAME = SYSTEM.name


class Decisions:
    """Tells what became of each item, once the edits are known."""

    def __init__(self, moving: Moving) -> None:
        self._moving, self._survey = moving, moving.survey

    def all(self) -> list[Decision]:
        """One for each item, and one for each other place that would look forgotten without."""
        found = [d for item in self._survey.inventory.items if item.system == NAME and (d := self._of(item)) is not None]
        return [*found, *self._references(found), *self._tests(), *self._unread()]

    def _of(self, item: Item) -> Decision | None:
        match item:
            case Job():
                return self._job(item)
            case Schedule():
                return self._schedule(item)
            case Enqueue():
                return self._enqueue(item)
            case Client():
                return self._client(item)
            case Endpoint():
                return self._endpoint(item)
            case Dependency():
                return self._dependency(item)
            case Setting():
                return self._setting(item)
            case Worker():
                return self._worker(item)
            case _:
                return None

    # -- functions ----------------------------------------------------------------------------------------------------

    def _function(self, job: Job) -> Function | None:
        return next((f for f in self._survey.functions if f.job is job), None)

    def _job(self, job: Job) -> Decision:
        function = self._function(job)
        if function is None:
            return _decision(job, "manual", "left", _foreign(job), "MIG466", group=job.name)
        if function in self._survey.moved:
            return self._moved(function)
        if job.wrapper:
            text = "Makes functions for other code, which is listed with what stays."
            return _decision(job, "safe", "left", text, "MIG452", group=job.name)
        if job.live is False:
            if self._survey.whole:
                return _decision(
                    job, "safe", "rewritten", "No endpoint lists it, so it never runs; no worker runs it either.", group=job.name
                )
            return _decision(job, "safe", "left", "No endpoint lists it, so it never runs; left as it is.", group=job.name)
        safety: Safety = "unsafe" if all(b.unsafe for b in function.blockers) else "manual"
        text = f"Stays on Inngest: {said(function.blockers)}."
        return _decision(job, safety, "left", text, *(b.trap for b in function.blockers), group=job.name)

    def _moved(self, function: Function) -> Decision:
        job, facts = function.job, function.facts
        starts = [*(n for n, _ in facts.events), *(f"the schedule {c}" for c in facts.crons)]
        times = "once, never again" if facts.attempts == 1 else f"up to {facts.attempts} times"
        parts = [f"Runs from the queue {self._moving.queue_of(function)}, each step {times}, started by {' and '.join(starts)}"]
        traps = ["MIG400", "MIG401", "MIG405"]
        if facts.concurrency is not None:
            parts.append(f"{facts.concurrency} at a time over all workers, with its steps one after the other")
            traps.append("MIG412")
        if job.failure_handler is not None:
            parts.append("its onFailure has a queue of its own")
            traps.append("MIG411")
        if any(step.kind.startswith("sleep") for step in job.steps):
            traps.append("MIG402")
        if facts.crons:
            traps.append("MIG407")
        if any(g for _, g in facts.events):
            traps.append("MIG406")
        if facts.idempotency:
            traps.append("MIG409")
        open_questions = [b for b in function.blockers if b.unsafe]
        if open_questions:
            parts.append("taken over although " + " and ".join(b.reason for b in open_questions))
            traps += [b.trap for b in open_questions]
        return _decision(job, "unsafe" if open_questions else "safe", "rewritten", "; ".join(parts) + ".", *traps, group=job.name)

    def _schedule(self, schedule: Schedule) -> Decision:
        function = next((f for f in self._survey.functions if f.job.name == schedule.job_name), None)
        if function is None:
            return _decision(schedule, "manual", "left", "Its function could not be found; schedule it by hand.", "MIG450")
        zone = schedule.timezone or "UTC"
        if function in self._survey.moved:
            text = f"The worker keeps it as a job scheduler, with the time zone {zone} written out."
            return _decision(schedule, "safe", "rewritten", text, "MIG407", "MIG417", group=schedule.job_name)
        text = f"Belongs to {schedule.job_name}, which {'never runs' if function.job.live is False else 'stays on Inngest'}."
        return _decision(schedule, "safe", "left", text, group=schedule.job_name)

    # -- events -------------------------------------------------------------------------------------------------------

    def _enqueue(self, send: Enqueue) -> Decision:
        if send.language == "python":
            return _decision(send, "safe", "left", "Goes to Inngest as before; what it starts has stayed there.")
        name = send.name or "an event whose name is only known at run time"
        queues = self._queues(send.name)
        to = f" to {', '.join(queues)}" if queues else ""
        if send.form == "invoke":
            return _decision(send, "safe", "left", "Part of a function that stays on Inngest, with the one that it invokes.", "MIG431")
        if send.form == "fetch":
            return _decision(send, "safe", "left", "Posted to Inngest as before; what it starts has stayed there.", "MIG457")
        if send.form == "sendEvent":
            owner = next((f for f in self._survey.moved if _holds(f, send.location)), None)
            if within(self._survey.earlier, send):
                return _decision(send, "safe", "left", "Part of a function that has moved.", "MIG408")
            if owner is None:
                return _decision(send, "safe", "left", "Part of a function that stays on Inngest; so has what it starts.")
            return _decision(
                send, "safe", "rewritten", f"Sent{to} once, however often {owner.job.name} is tried.", "MIG408", group=owner.job.name
            )
        if self._survey.whole:
            where = f"on {', '.join(queues)}" if queues else "on the queues of what listens"
            lost = "" if not send.name or queues or self._survey.hears(send.name) else " Nothing in this code base listens to it any more."
            safety: Safety = "unsafe" if lost else "safe"
            return _decision(send, safety, "rewritten", f"Puts {name} {where}.{lost}", "MIG405")
        if not self._survey.moved and not any(c.through for c in self._survey.clients):
            return _decision(send, "safe", "left", "Goes to Inngest as before.")
        where = f"on {', '.join(queues)}" if queues else "on the queues that want it"
        text = f"Needs no change: its client puts {name} {where} and passes it on to Inngest."
        return _decision(send, "safe", "left", text, "MIG418")

    def _queues(self, name: str) -> list[str]:
        return [self._moving.queue_of(f) for f in self._survey.moved if name and any(listens(e, name) for e, _ in f.facts.events)]

    # -- what stands around -------------------------------------------------------------------------------------------

    def _client(self, client: Client) -> Decision:
        if client.area or client.language == "python":
            return _decision(client, "safe", "left", "Inngest is still there for it.")
        if self._survey.whole:
            return _decision(client, "safe", "rewritten", "Replaced by one that defines jobs and sends their events.", "MIG405")
        site = next((c for c in self._survey.clients if c.item is client), None)
        if site is not None and site.through is not None:
            return _decision(client, "safe", "left", "Has its queues already, and goes on serving what stays.", "MIG418")
        if self._survey.moved:
            text = "Tells the queues of what has moved of every event, and passes all of them on to Inngest for what has not."
            return _decision(client, "safe", "rewritten", text, "MIG418")
        return _decision(client, "safe", "left", "Still needed: nothing could be moved.")

    def _endpoint(self, endpoint: Endpoint) -> Decision:
        if endpoint.area:
            return _decision(endpoint, "safe", "left", "Inngest is still there for it.")
        if self._survey.whole:
            text = "Taken out. Deploy this only when Inngest has finished the runs that it has begun."
            return _decision(endpoint, "safe", "rewritten", text, "MIG416")
        keys = {f.key for f in self._survey.moved}
        gone, stay = [k for k in endpoint.serves if k in keys], [k for k in endpoint.serves if k not in keys]
        if not gone:
            return _decision(endpoint, "safe", "left", f"Still lists what stays: {len(stay)} function{'' if len(stay) == 1 else 's'}.")
        text = f"Lists {len(stay)} function{'' if len(stay) == 1 else 's'} instead of {len(endpoint.serves)}."
        if endpoint.confidence != "certain":
            text = f"Lists {len(gone)} function{'' if len(gone) == 1 else 's'} fewer; what else it may hold at run time stays."
        elif not stay:
            text = "Lists nothing any more; take it out when Inngest has finished the runs that it has begun."
        return _decision(endpoint, "safe", "rewritten", text, "MIG416")

    def _dependency(self, dependency: Dependency) -> Decision:
        if self._survey.whole and not self._survey.clients:
            return _decision(
                dependency, "manual", "left", "No code here makes a client of it; take it out if nothing else needs it.", "MIG468"
            )
        if self._survey.whole:
            return _decision(dependency, "safe", "rewritten", "No longer needed.")
        return _decision(dependency, "safe", "left", "Still needed for what stays on Inngest.")

    def _setting(self, setting: Setting) -> Decision:
        if not self._survey.whole:
            return _decision(
                setting, "safe", "left", "Still read by Inngest's SDK, or by code that asks whether Inngest is there.", "MIG463"
            )
        if posixpath.basename(setting.location.path).startswith(".env"):
            return _decision(setting, "safe", "rewritten", "No longer read by anything.")
        if self._survey.goes(setting):
            return _decision(setting, "safe", "rewritten", "No longer read here: what read it has gone.")
        text = f"Nothing reads {setting.name} any more; take it out here."
        return _decision(setting, "manual", "left", text, "MIG463")

    def _worker(self, worker: Worker) -> Decision:
        if worker.name == "connect" and not self._survey.whole:
            return _decision(worker, "safe", "left", "Still runs the functions that stay on Inngest.", "MIG454")
        if not self._survey.whole:
            return _decision(worker, "safe", "left", "Still needed for what stays on Inngest.")
        return _decision(
            worker, "manual", "left", "Starts Inngest's own server or tools, which nothing needs any more; take it out.", "MIG468"
        )

    # -- what is not an item ------------------------------------------------------------------------------------------

    def _references(self, decided: list[Decision]) -> Iterator[Decision]:
        """Other uses of the SDK's API, one decision a line and name: they come from the runtime, or Inngest's package is still there."""
        lines = {(d.location.path, d.location.line) for d in decided if d.kind not in ("definition", "enqueue")}
        told: set[tuple[str, int, str]] = set()
        whole = self._survey.whole
        stays = "Inngest's package is still there for what stays; what has moved knows this by its name."
        for use in self._survey.inventory.references:
            where = use.location
            if use.form != "api" or not is_inngest(use.system) or (where.path, where.line) in lines:
                continue
            if (where.path, where.line, use.target) in told:
                continue
            if whole and use.target.removeprefix("inngest.").split(".")[0].removesuffix("()") not in OFFERED:
                continue
            told.add((where.path, where.line, use.target))
            yield Decision(
                kind="reference",
                name=use.target,
                location=where,
                safety="safe",
                outcome="rewritten" if whole else "left",
                summary="Imported from the generated runtime." if whole else stays,
                group=where.path,
            )

    def _tests(self) -> Iterator[Decision]:
        """Tests that take a function that has moved for Inngest's, or that stand in for the file of its client."""
        moved = {f.key: f for f in self._moving.defined}
        told: set[tuple[str, int]] = set()
        for use in self._survey.inventory.references:
            where = use.location
            if use.target in moved and use.form != "import" and is_test(where.path) and (where.path, where.line) not in told:
                told.add((where.path, where.line))
                text = f"Takes {moved[use.target].job.name} for a function of Inngest, which it no longer is; change the test."
                yield _reference(use.target, where, text)
        clients = {c.path for c in self._survey.clients if moved}
        project = self._survey.project
        for path in project.code if clients else ():
            if b"mock(" not in project.read(path):
                continue
            source = project.source(path)
            for node in walk(source.root, ("string",)):
                if (
                    project.resolve(path, source.text(node)[1:-1]) in clients
                    and node.parent is not None
                    and node.parent.type == "arguments"
                ):
                    text = "Stands in for the file of the client, which offers more than it did; give the mock what is new."
                    yield _reference(path, source.location(node), text)

    def _unread(self) -> Iterator[Decision]:
        """Files that could not be read whole, but have nothing to do with any of this."""
        symbols = [c.item.symbol.encode() for c in self._survey.clients if c.item.symbol]
        for loose in self._survey.inventory.unresolved:
            if loose.system or posixpath.splitext(loose.path)[1] not in SUFFIXES or loose.path not in self._survey.project:
                continue
            data = self._survey.project.read(loose.path)
            if b"inngest" in data.lower() or any(s in data for s in symbols):
                continue
            where = Location(loose.path, loose.line, 0, loose.line, Span(0, 0))
            summary = "Could not be read in full, but says nothing of Inngest or its client."
            yield Decision(
                kind="reference", name=loose.path, location=where, safety="safe", outcome="left", summary=summary, group=loose.path
            )


def _reference(name: str, where: Location, summary: str) -> Decision:
    return Decision(
        kind="reference", name=name, location=where, safety="manual", outcome="left", summary=summary, traps=("MIG466",), group=where.path
    )


def _decision(item: Item, safety: Safety, outcome: Outcome, summary: str, *traps: str, group: str = "") -> Decision:
    return Decision(
        kind=item.kind,
        name=item.name or "(computed)",
        location=item.location,
        safety=safety,
        outcome=outcome,
        summary=summary,
        traps=tuple(dict.fromkeys(traps)),
        group=group or item.location.path,
    )


def _foreign(job: Job) -> str:
    if job.language == "python":
        return "Stays on Inngest: this rewrite is for TypeScript and JavaScript."
    return "Part of the tests or examples; change it by hand along with what it tries."


def _holds(function: Function, where: Location) -> bool:
    job = function.job
    spans = [(job.location.path, job.definition or job.location.span)]
    if job.handler is not None:
        spans.append((job.handler.location.path, job.handler.location.span))
    return any(p == where.path and s.start <= where.span.start and where.span.end <= s.end for p, s in spans)
