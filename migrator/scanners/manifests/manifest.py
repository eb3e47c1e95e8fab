"""What a reader of manifests is given. Such a reader is a module of this package with a value `READER`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from migrator.jobs import Area, Dependency, Literal, Location, Setting, Unresolved, Worker
from migrator.scanners.files import Tree, area_of
from migrator.scanners.found import Found
from migrator.scanners.launch import Launch
from migrator.scanners.manifests.commands import FoundCommand, WorkerCommand, in_words
from migrator.scanners.manifests.document import Document
from migrator.scanners.manifests.launches import launch_words
from migrator.scanners.manifests.packages import of_environment, of_package
from migrator.scanners.manifests.shell import Word, commands
from migrator.scanners.manifests.versions import Versions
from migrator.systems import SYSTEMS
from migrator.systems.around import system_around

_LANGUAGES = {"pypi": "python", "npm": "typescript"}


class Manifest(msgspec.Struct, frozen=True):
    """One manifest, and where to record what it says. Offsets are characters of the document's text."""

    document: Document
    tree: Tree
    found: Found
    versions: Versions

    @property
    def path(self) -> str:
        """The file's path."""
        return self.document.path

    @property
    def text(self) -> str:
        """The file's text."""
        return self.document.text

    def unresolved(self, reason: str, offset: int = 0) -> None:
        """Record what could not be read."""
        line = self.document.line(offset)
        self.found.unresolved.append(Unresolved(self.path, line, reason))

    def dependency(
        self, ecosystem: str, name: str, version: str, start: int, end: int, *, area: Area = "", extras: Sequence[str] = ()
    ) -> None:
        """Record an entry for a package; only those of job systems become items. `ecosystem`: `npm` or `pypi`."""
        self.versions.add(self.path, name, version)
        # What the project itself is made of is no package that others built.
        own = version.startswith(("workspace:", "file:", "link:", "portal:"))
        system = of_package(ecosystem, name) or (system_around(name) if ecosystem == "npm" and not own else "")
        if system:
            self.found.items.append(
                Dependency(
                    system=system,
                    language=_LANGUAGES[ecosystem],
                    name=name,
                    location=self.document.location(start, end),
                    area=area or area_of(self.path),
                    version=version,
                    entry=self.document.span(start, end),
                    options={"extras": Literal(list(extras))} if extras else {},
                )
            )

    def setting(self, name: str, start: int, end: int) -> None:
        """Record the name of an environment variable, if it belongs to a job system. Its value is never looked at."""
        system = of_environment(name)
        if system:
            location = self.document.location(start, end)
            entry = self.document.span(start, end)
            self.found.items.append(
                Setting(
                    system=system,
                    language=SYSTEMS[system].languages[0],
                    name=name,
                    location=location,
                    area=area_of(self.path),
                    entry=entry,
                )
            )

    def script(self, text: str, offset: int, service: str = "") -> bool:
        """Record the workers that a piece of shell, which stands at `offset`, starts; True if there are any."""
        started = [self.words(words, service) for words in commands(text, offset)]
        return any(started)

    def words(self, words: Sequence[Word], service: str = "") -> bool:
        """Record what the words of one command start; True if that is a worker."""
        found = list(in_words(words))
        for each in found:
            self.worker(each, service)
        launched = launch_words(words) if not found else []
        if launched:
            location = self.document.location(launched[0].start, launched[-1].end)
            self.found.launches.append(Launch(self.path, location, service, tuple(w.text for w in launched)))
        return bool(found)

    def worker(self, found: FoundCommand, service: str = "") -> None:
        """Record a worker's command line."""
        self.started(found.command, self.document.location(found.start, found.end), service)

    def started(self, command: WorkerCommand, location: Location, service: str) -> None:
        """Record a command that starts a worker and stands at `location`."""
        self.found.items.append(
            Worker(
                system=command.system,
                language=SYSTEMS[command.system].languages[0],
                name=command.name,
                location=location,
                area=area_of(self.path),
                command=command.text,
                role="scheduler" if command.role == "scheduler" else "monitor" if command.role == "monitor" else "worker",
                queues=command.queues,
                concurrency=command.concurrency,
                service=service,
                entry=location.span,
                options=dict(command.options),
            )
        )


class ManifestReader(msgspec.Struct, frozen=True):
    """What reads files whose paths end in one of `endings` (where there are any) and for which `matches` says yes; `read` records what
    such a file says. `only_if`: a quick look whether it can say anything.
    """

    read: Callable[[Manifest], None]
    endings: tuple[str, ...] = ()
    matches: Callable[[str], bool] = lambda _: True
    only_if: Callable[[bytes], bool] = lambda _: True

    def reads(self, path: str) -> bool:
        """True for a file of its kind."""
        return (not self.endings or path.endswith(self.endings)) and self.matches(path)
