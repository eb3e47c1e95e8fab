"""What stands around the code: manifests, environment files, process lists. And what to do when it is deployed."""

from __future__ import annotations

import posixpath
import re

from migrator.codemods.changes import Edit
from migrator.codemods.typescript.inngest_to_bullmq.generated import redis_address, worker_file
from migrator.codemods.typescript.inngest_to_bullmq.loading import SERVER_ONLY, Loading
from migrator.codemods.typescript.inngest_to_bullmq.moving import Moving
from migrator.codemods.typescript.node_alone import runs_alone
from migrator.codemods.typescript.package_json import PackageJson
from migrator.codemods.typescript.package_manager import manager, run_command, runner
from migrator.jobs import Dependency, Setting, Span
from migrator.regex import regex
from migrator.systems.inngest import SYSTEM

#: what the generated code was read and run against
_BULLMQ, _IOREDIS, _TSX, _SERVER_ONLY = "^6.7.0", "^6.0.0", "^4.20.0", "^0.0.1"
#: a script that does nothing but start Inngest's own server
_SERVER = regex(r"(?:npx |bunx |pnpm dlx |pnpx )?(?:-\S+ )*inngest(?:-cli)?(?:@\S+)?( (?:dev|start)[^&|;]*)?")
#: how many reasons for keeping Inngest a note gives
_REASONS = 6
_SCRIPTS = ("worker", "worker:jobs", "jobs:worker", "worker:queues")


class Surroundings:
    """Edits beyond the code, made after `Moving` has said which package runs what."""

    def __init__(self, moving: Moving) -> None:
        self._moving, self._project = moving, moving.project
        self.edits: list[Edit] = []
        self.new_files: dict[str, str] = {}
        #: package -> command that starts its worker
        self.commands: dict[str, str] = {}

    def make(self) -> None:
        """Work out everything."""
        for package in self._moving.places:
            self._package(package)
        self._other_packages()
        self._environment()
        self._procfile()

    def _package(self, package: str) -> None:
        place = self._moving.places[package]
        path = posixpath.join(package, "package.json")
        needed: dict[str, str] = {}
        if path in self._project:
            manifest = PackageJson(path, self._project.read(path))
            around = self._project.dependencies(package)
            bullmq = around.get("bullmq", _BULLMQ)
            # BullMQ 5 brings an ioredis 5 of its own, and takes connections of that only.
            redis = around.get("ioredis", "^5.4.1" if re.match(r"\D*5\b", bullmq) else _IOREDIS)
            needed = {"bullmq": bullmq, "ioredis": redis}
            scripts: dict[str, str] = {}
            tools: dict[str, str] = {}
            existing = manifest.content.get("scripts")
            if self._moving.running[package]:
                flags = self._flags(package)
                command, add_tsx = runner(self._project, package, place.file("worker"), flags, alone=self._alone(package))
                own = {k: str(v) for k, v in existing.items()} if isinstance(existing, dict) else {}
                name = next((k for k, v in own.items() if v.split()[-1:] == command.split()[-1:]), "")
                if not name:
                    name = next((n for n in _SCRIPTS if n not in own), "worker:bullmq-jobs")
                    scripts = {name: command}
                elif flags not in own[name]:
                    manifest.replace("scripts", name, command)
                self.commands[package] = run_command(self._project, package, name)
                if flags and SERVER_ONLY not in around:
                    # Next.js knows it by itself; Node has to find it.
                    needed[SERVER_ONLY] = _SERVER_ONLY
                tools = {"tsx": _TSX} if add_tsx else {}
            gone = frozenset(SYSTEM.npm) if self._moving.survey.whole else frozenset[str]()
            idle = (
                frozenset(k for k, v in existing.items() if _SERVER.fullmatch(str(v)))
                if gone and isinstance(existing, dict)
                else frozenset[str]()
            )
            manifest.change("dependencies", needed, gone)
            if tools or gone:
                manifest.change("devDependencies", tools, gone)
            if scripts or idle:
                manifest.change("scripts", scripts, idle)
            self.edits += manifest.edits
        elif self._moving.running[package]:
            alone = self._alone(package)
            self.commands[package] = runner(self._project, package, place.file("worker"), self._flags(package), alone=alone)[0]
        if self._moving.running[package] and place.file("worker") not in self._project:
            lines = self._moving.worker_imports(package)
            quoted = [line for line, _ in lines]
            text = worker_file(place, self.commands[package], self._setup(package), quoted, [n for _, names in lines for n in names])
            self.new_files[place.file("worker")] = text

    def _flags(self, package: str) -> str:
        """What Node has to be told so that it loads what a package's worker runs."""
        loading = Loading(self._project, frozenset())
        return "--conditions=react-server" if any(loading.server_only(f.path) for f in self._moving.running[package]) else ""

    def _alone(self, package: str) -> bool:
        """True if Node loads what a package's worker runs, where that is JavaScript."""
        return runs_alone(self._project, {f.path for f in self._moving.running[package]}, self._moving.places[package].suffix)

    def _setup(self, package: str) -> list[str]:
        """What the application does before anything else in its own processes: read `.env`."""
        if "dotenv" not in self._project.dependencies(package):
            return []
        for path in self._project.code:
            data = self._project.read(path)
            if self._project.package_of(path) == package and (
                b'"dotenv/config"' in data or b"'dotenv/config'" in data or b"dotenv.config(" in data
            ):
                return ['import "dotenv/config";']
        return []

    def _other_packages(self) -> None:
        """With the last of Inngest its packages go from every other manifest too."""
        if not self._moving.survey.whole:
            return
        for item in self._moving.survey.inventory.of(Dependency, SYSTEM.name):
            path = item.location.path
            if posixpath.basename(path) == "package.json" and posixpath.dirname(path) not in self._moving.places:
                manifest = PackageJson(path, self._project.read(path))
                for section in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
                    manifest.change(section, {}, frozenset(SYSTEM.npm))
                self.edits += [e for e in manifest.edits if e not in self.edits]

    def _environment(self) -> None:
        name, _ = redis_address(self._project)
        examples = [p for p in self._project.sizes if posixpath.basename(p) in (".env.example", ".env.sample", ".env.template")]
        for path in examples:
            data = self._project.read(path)
            gone = self._settings_out(path, data) if self._moving.survey.whole else []
            if not _names(data, name) and self._moving.survey.moved:
                value = "redis://localhost:6379" if name != "REDIS_HOST" else "localhost"
                ended = not data or data.endswith(b"\n") or any(e.span.end == len(data) for e in gone)
                text = ("" if ended else "\n") + f"\n# The queues of background jobs\n{name}={value}\n"
                self.edits.append(Edit(path, Span(len(data), len(data)), text))
            self.edits += gone

    def _settings_out(self, path: str, data: bytes) -> list[Edit]:
        edits: list[Edit] = []
        for item in self._moving.survey.inventory.of(Setting, SYSTEM.name):
            if item.location.path != path:
                continue
            start = item.location.span.start
            start = data.rfind(b"\n", 0, start) + 1
            end = data.find(b"\n", start)
            edits.append(Edit(path, Span(start, len(data) if end < 0 else end + 1), ""))
        return edits

    def _procfile(self) -> None:
        if "Procfile" not in self._project or not self.commands:
            return
        data = self._project.read("Procfile")
        taken = {line.split(b":")[0].strip().decode() for line in data.splitlines() if b":" in line}
        lines: list[str] = []
        for package, command in self.commands.items():
            if command.encode() in data:
                continue
            own = posixpath.basename(package) if package else "worker"
            name = next(n for n in (own, f"{own}-jobs", "jobs", f"{own}-bullmq") if n not in taken)
            taken.add(name)
            lines.append(f"{name}: {command}\n")
        if lines:
            lead = "" if data.endswith(b"\n") or not data else "\n"
            self.edits.append(Edit("Procfile", Span(len(data), len(data)), lead + "".join(lines)))


def notes(moving: Moving, surroundings: Surroundings) -> tuple[str, ...]:
    """What to do around the deployment, in order."""
    if not moving.survey.moved:
        return ()
    name, _ = redis_address(moving.project)
    install = f"{manager(moving.project)} install"
    workers = ", ".join(f"`{c}`" for c in surroundings.commands.values())
    said = [
        f"Run `{install}`, so that the lockfile knows what package.json now asks for.",
        f"Give every process a Redis at {name}, with `maxmemory-policy noeviction`.",
        "Know that Redis keeps the data of jobs in clear: of finished ones for a day, of failed ones for a week.",
        f"Start the workers, with the same environment as the application: {workers}.",
        "Start them once before you deploy: they load every function's file, outside of the framework that did so until now.",
        "Before you deploy, pause in Inngest the functions that move and let it finish their runs: what still sleeps there is lost.",
        "A webhook, another application or a person in Inngest's dashboard that sends events reaches only what is still on Inngest.",
    ]
    said += [
        f"Queues begin with {client.item.name}, in place of `{client.open_id}`: deployments that differ in it need a Redis each."
        for client in moving.survey.clients
        if client.open_id and any(f.client == client.key for f in moving.survey.moved)
    ]
    if any("next" in moving.project.dependencies(package) for package in moving.places):
        said.append("Add bullmq and ioredis to `serverExternalPackages` in Next.js's configuration: they are not to be bundled.")
    if moving.survey.whole:
        said.append("When the last run has ended, delete the app in Inngest and take its keys out of the environment.")
    else:
        more = len(moving.survey.remaining) - _REASONS
        also = f"; and {more} more reason{'s' if more > 1 else ''}" if more > 0 else ""
        said.append(f"Inngest's package and endpoint stay, because {'; '.join(moving.survey.remaining[:_REASONS])}{also}.")
        said.append("Sync the app with Inngest after the deployment, so that it knows which functions have gone.")
    return tuple(said)


def _names(data: bytes, name: str) -> bool:
    return any(line.lstrip(b"# ").startswith(name.encode() + b"=") for line in data.splitlines())
