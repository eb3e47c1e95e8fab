"""Schedules that stand around the code: crontab lines taken apart, and what a command is called."""

from __future__ import annotations

import re
import shlex

import msgspec

from migrator.jobs import Confidence, Literal, Schedule, Value
from migrator.regex import regex
from migrator.scanners.files import area_of
from migrator.scanners.manifests.manifest import Manifest
from migrator.systems import SYSTEMS

_FIELD = r"[\d*?][\d*/,?LW#-]*|(?:[A-Za-z]{3}(?:-[A-Za-z]{3})?)(?:,[A-Za-z]{3}(?:-[A-Za-z]{3})?)*"
_NICKNAME = r"@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly|every\s+\S+)"
#: five fields, or six and seven where seconds and years are written
_LINE = regex(rf"^\s*(?P<cron>{_NICKNAME}|(?:(?:{_FIELD})[ \t]+){{4}}(?:{_FIELD})(?:[ \t]+[\d*][\d*/,-]*){{0,2}})[ \t]+(?P<rest>\S.*?)\s*$")
_USER = regex(r"^(root|nobody|www-data|app|node|nginx|postgres|ubuntu|deploy|django|celery|apache|admin|user|\$\{?\w+\}?)\s+(?=\S)")
_PATH = regex(r"(?:https?://(?:\$\{\{[^}]*\}\}|[^\s\"'/])*|\$\{\{[^}]*\}\}|\$\{?\w+\}?)(?P<path>/[^\s\"'?]*)")
_ASIDE = regex(r"\s*(?:\d?>{1,2}|&>|\|\s*logger\b).*$")
_LONGEST = 80


class CronLine(msgspec.Struct, frozen=True):
    """A line of a crontab: when, and the command."""

    cron: str
    command: str


def cron_line(text: str, *, user: bool = False) -> CronLine | None:
    """A line of a crontab taken apart; None for a comment, a variable or prose. `user`: the sixth word says who runs it.

    >>> cron_line("*/5 * * * * cd /app && npm run sync >> /var/log/x 2>&1")
    CronLine(cron='*/5 * * * *', command='cd /app && npm run sync')
    >>> cron_line("0 3 * * * root /app/backup.sh", user=True).command
    '/app/backup.sh'
    >>> cron_line("# 0 3 * * * x"), cron_line("all of this is only prose and no cron")
    (None, None)
    """
    match = _LINE.match(text)
    if match is None:
        return None
    rest = match["rest"]
    known = _USER.match(rest)
    if user or known:
        rest = rest.partition(" ")[2].strip() if user or known else rest
    command = _ASIDE.sub("", rest).strip()
    return CronLine(" ".join(match["cron"].split()), command) if command else None


def called(command: str) -> str:
    """What people would call a command: the path that it asks for, else the command itself.

    >>> called('curl -fsS -X POST -H "Authorization: x" "$APP_URL/api/cron/mail"'), called("cd /app && npm run sync")
    ('/api/cron/mail', 'npm run sync')
    """
    if re.search(r"\b(curl|wget|http)\b", command):
        match = _PATH.search(command)
        if match:
            return match["path"]
    parts = [p.strip() for p in re.split(r"&&|;", command)]
    chosen = next((p for p in parts if p and not p.startswith(("cd ", "export ", "source ", ". ", "set "))), command.strip())
    return chosen if len(chosen) <= _LONGEST else f"{chosen[: _LONGEST - 1]}…"


def words_of(command: str) -> list[str]:
    """The words of a command, as far as they can be told."""
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()


def schedule(
    manifest: Manifest,
    system: str,
    name: str,
    start: int,
    end: int,
    *,
    cron: str = "",
    interval: float | None = None,
    zone: str = "",
    command: str = "",
    confidence: Confidence = "certain",
    reason: str = "",
) -> None:
    """Record a schedule that stands between two characters of a manifest. `interval`: seconds, where no cron says when."""
    location = manifest.document.location(start, end)
    options: dict[str, Value] = {"command": Literal(command)} if command else {}
    manifest.found.items.append(
        Schedule(
            system=system,
            language=SYSTEMS[system].languages[0],
            name=name,
            location=location,
            area=area_of(manifest.path),
            job_name=name,
            cron=Literal(cron) if cron else None,
            interval=Literal(interval) if interval is not None and not cron else None,
            timezone=zone,
            entry=location.span,
            options=options,
            defined_in="config",
            confidence=confidence,
            reason=reason,
        )
    )
