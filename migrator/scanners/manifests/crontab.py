"""Crontabs: files of their own, and lines that a Dockerfile or a script writes into one."""

from __future__ import annotations

import posixpath
import re

from migrator.jobs import Literal, Schedule
from migrator.regex import regex
from migrator.scanners.files import Tree, area_of
from migrator.scanners.manifests.clock import called, cron_line, schedule
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.systems import cron, docker_cron, graphile_worker

#: folders of which every file is a crontab
_FOLDERS = frozenset(("cron.d", "crontabs", "crontab.d"))
_ZONE = regex(r"^\s*(?:CRON_TZ|TZ)\s*=\s*[\"']?(?P<zone>[\w/+-]+)")
#: `echo "0 3 * * * run" | crontab -`, `echo '…' >> /etc/cron.d/app`
_WRITTEN = regex(r"(?:echo|printf)\s+(?:-[en]+\s+)?(?P<quote>[\"'])(?P<line>[^\n]+?)(?P=quote)(?P<into>[^\n]*)")
#: `cat > /etc/cron.d/app <<EOF`, `crontab - <<EOF`
_HEREDOC = regex(r"^[^\n#]*cron[^\n]*<<-?\s*[\"']?(?P<mark>\w+)[\"']?[^\n]*\n(?P<body>.*?)\n\s*(?P=mark)\b", re.MULTILINE | re.DOTALL)
_HEREDOC_INTO = regex(r"^[^\n#]*<<-?\s*[\"']?(?P<mark>\w+)[\"']?[^\n]*cron[^\n]*\n(?P<body>.*?)\n\s*(?P=mark)\b", re.MULTILINE | re.DOTALL)


def _read(manifest: Manifest) -> None:
    user = "cron.d" in manifest.path.split("/") or manifest.path.endswith("etc/crontab")
    if not user and _is_graphile(manifest):
        return
    _lines(manifest, manifest.text, 0, _system(manifest), user=user)


def _lines(manifest: Manifest, text: str, offset: int, system: str, *, user: bool) -> None:
    zone = ""
    for line in text.split("\n"):
        given = _ZONE.match(line)
        zone = given["zone"] if given else zone
        found = cron_line(line, user=user)
        if found is not None:
            name = called(found.command)
            start = offset + len(line) - len(line.lstrip())
            schedule(manifest, system, name, start, offset + len(line.rstrip()), cron=found.cron, zone=zone, command=found.command)
        offset += len(line) + 1


def _is_graphile(manifest: Manifest) -> bool:
    """Graphile Worker has crontabs of its own: every line names a task, and a package asks for the worker."""
    entries = list(graphile_worker.crontab_lines(manifest.text))
    lines = [line for line in manifest.text.split("\n") if cron_line(line) is not None]
    if not entries or len(entries) != len(lines) or not _asks_for(manifest.tree, b"graphile-worker"):
        return False
    for entry in entries:
        location = manifest.document.location(entry.start, entry.end)
        manifest.found.items.append(
            Schedule(
                system=graphile_worker.SYSTEM.name,
                language=graphile_worker.SYSTEM.languages[0],
                name=entry.task,
                location=location,
                area=area_of(manifest.path),
                job_name=entry.task,
                cron=Literal(entry.cron),
                timezone="UTC",
                entry=location.span,
                defined_in="config",
            )
        )
    return True


def _asks_for(tree: Tree, package: bytes) -> bool:
    return any(posixpath.basename(p) == "package.json" and package in tree.read(p) for p in tree.sizes)


def _system(manifest: Manifest) -> str:
    """A crontab that a container's image or services name is run in a container."""
    name = posixpath.basename(manifest.path).encode()
    around = (p for p in manifest.tree.sizes if _is_container(p))
    return docker_cron.SYSTEM.name if any(name in manifest.tree.read(p) for p in around) else cron.SYSTEM.name


def _is_container(path: str) -> bool:
    name = posixpath.basename(path).lower()
    return "dockerfile" in name or "containerfile" in name or (name.endswith((".yml", ".yaml")) and "compose" in name)


def _installed(manifest: Manifest) -> None:
    """Lines that are written into a crontab by a Dockerfile or a script."""
    inside = _is_container(manifest.path) or any(_is_container(p) for p in manifest.tree.sizes)
    system = docker_cron.SYSTEM.name if inside else cron.SYSTEM.name
    for match in _WRITTEN.finditer(manifest.text):
        found = cron_line(match["line"], user="cron.d" in match["into"])
        if found is not None and "cron" in match["into"] and not _is_comment(manifest, match.start()):
            schedule(
                manifest, system, called(found.command), match.start("line"), match.end("line"), cron=found.cron, command=found.command
            )
    seen: set[int] = set()
    for pattern in (_HEREDOC, _HEREDOC_INTO):
        for match in pattern.finditer(manifest.text):
            if match.start("body") not in seen:
                seen.add(match.start("body"))
                _lines(manifest, match["body"], match.start("body"), system, user="cron.d" in match.group().split("\n", 1)[0])


def _is_comment(manifest: Manifest, offset: int) -> bool:
    line = manifest.text.rfind("\n", 0, offset) + 1
    return manifest.text[line:offset].lstrip().startswith("#")


def _is_crontab(path: str) -> bool:
    path = path.lower()
    if path.endswith(
        (".md", ".py", ".ts", ".js", ".rb", ".go", ".php", ".html", ".json", ".yml", ".yaml", ".sh", ".sql", ".toml", ".lock")
    ):
        return False
    *folders, name = path.split("/")
    return (
        name in ("crontab", "crontab.txt", "cron.txt", "cronjobs", "cronfile", "crontabs", "cron-jobs", "crons")
        or name.startswith("crontab.")
        or name.endswith((".crontab", ".cron", "-crontab", "_crontab"))
        or not _FOLDERS.isdisjoint(folders)
    )


def _writes(path: str) -> bool:
    return (
        (_is_container(path) and not path.endswith((".yml", ".yaml")))
        or path.endswith((".sh", ".bash"))
        or "entrypoint" in posixpath.basename(path)
    )


READER = ManifestReader(
    matches=lambda path: _is_crontab(path) or _writes(path),
    read=lambda manifest: _read(manifest) if _is_crontab(manifest.path) else _installed(manifest),
    only_if=lambda data: b"cron" in data or b"*" in data or b"@" in data,
)
