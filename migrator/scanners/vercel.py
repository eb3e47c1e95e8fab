"""What a configuration of Vercel says of jobs: `crons`, and the triggers that tie a function to a topic of a queue."""

from __future__ import annotations

import posixpath

import msgspec

from migrator.jobs import Endpoint, Literal, Location, Schedule, Trigger, Unresolved
from migrator.scanners.branch import Branch, entry, options, scalar, text
from migrator.scanners.files import Tree, area_of
from migrator.scanners.found import Found
from migrator.scanners.invoked import Invoked
from migrator.scanners.routes import answering, exported_methods
from migrator.syntax.source import SUFFIXES
from migrator.systems import vercel_cron, vercel_queue


class Vercel(msgspec.Struct, frozen=True):
    """Reads the configuration that stands in the file `path`."""

    tree: Tree
    found: Found
    path: str

    def read(self, root: Branch) -> None:
        """Record what the whole configuration says."""
        crons = entry(root, "crons")
        for cron in crons.elements() if crons is not None else ():
            self._cron(cron)
        functions = entry(root, "functions")
        for pattern, function, where in functions.pairs() if functions is not None else ():
            for key in ("triggers", "experimentalTriggers"):
                triggers = entry(function, key)
                for trigger in triggers.elements() if triggers is not None else ():
                    self._trigger(pattern, trigger, where)

    def _cron(self, cron: Branch) -> None:
        route, when = text(entry(cron, "path")), scalar(entry(cron, "schedule"))
        if not route or when is None:
            self._loose(cron.location, "an entry of crons without a path or a schedule", vercel_cron.SYSTEM.name)
            return
        # The entry is said to stand where its path does: the brace before it may be a line above.
        at = next((where for key, _, where in cron.pairs() if key == "path"), cron.location)
        location = Location(at.path, at.line, at.column, cron.location.end_line, cron.location.span)
        system = vercel_cron.SYSTEM.name
        self.found.items.append(
            Schedule(
                system=system,
                language="typescript",
                name=route,
                location=location,
                area=area_of(self.path),
                job_name=route,
                cron=when,
                timezone="UTC",
                entry=cron.location.span,
                defined_in="code" if self.path.endswith((".ts", ".js", ".mjs")) else "config",
            )
        )
        files = answering(self._code(), route, posixpath.dirname(self.path))
        self.found.invoked.append(
            Invoked(
                system=system,
                name=route,
                where=location,
                files=tuple(files[:1]),
                exports=tuple(exported_methods(files[0])) if files else (),
                form="route",
                triggers=(Trigger("cron", when, timezone="UTC", span=cron.location.span),),
                route=route,
                missing=f"no code was found that answers {route}",
            )
        )

    def _trigger(self, pattern: str, trigger: Branch, where: Location) -> None:
        if not text(entry(trigger, "type")).startswith("queue"):
            return
        system, topic = vercel_queue.SYSTEM.name, text(entry(trigger, "topic"))
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), pattern))
        self.found.items.append(
            Endpoint(
                system=system,
                language="typescript",
                name=topic,
                location=where,
                area=area_of(self.path),
                serves=(topic,),
                definition=where.span,
                options=options(trigger),
            )
        )
        self.found.invoked.append(
            Invoked(
                system=system,
                name=topic,
                where=where,
                files=(path,) if path in self.tree else (),
                exports=tuple(exported_methods(path, "POST")),
                form="trigger",
                triggers=(Trigger("event", Literal(topic)),),
                queue=Literal(topic),
                missing=f"{pattern} is not in the tree",
            )
        )

    def _code(self) -> list[str]:
        return [path for path in self.tree.sizes if posixpath.splitext(path)[1] in SUFFIXES]

    def _loose(self, where: Location, reason: str, system: str) -> None:
        self.found.unresolved.append(Unresolved(where.path, where.line, reason, system))
