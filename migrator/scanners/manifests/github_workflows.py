"""GitHub workflows by the clock that ask the application over HTTP, or run one of its jobs. What only tests or builds is none."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

import yaml

from migrator.regex import regex
from migrator.scanners.manifests import yaml_source
from migrator.scanners.manifests.clock import called, schedule
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.systems.cron import SYSTEM

_ASKS = regex(r"\b(?:curl|wget)\b(?:\\\n|[^\n])*")
#: an address of the application itself: a variable, or a path that is asked for by the clock
_OWN = regex(
    r"\$\{\{\s*(?:secrets|vars|env)\.|\$\{?[A-Z_]*(?:URL|HOST|DOMAIN|ENDPOINT)|https?://[^\s\"']+/(?:api|cron|jobs?|tasks?|internal|webhooks?)\b"
)
_OTHERS = regex(
    r"localhost|127\.0\.0\.1|api\.github\.com|raw\.githubusercontent|hooks\.slack\.com|discord(?:app)?\.com/api/webhooks|hc-ping\.com|betteruptime|codecov|api\.telegram"
    r"|SLACK|DISCORD|TELEGRAM|\|\s*(?:ba)?sh\b|\s(?:-[a-zA-Z]*[oO]|--output)\b(?!\s*/dev/null)|webhook_?url",
    re.IGNORECASE,
)
#: what comes back is put aside, and the status of the answer is looked at: the file is no download
_STATUS = regex(r"\s(?:-w|--write-out)[\s=][\s\S]*%\{(?:http|response)_code\}|\s-[a-zA-Z]*w\s[\s\S]*%\{(?:http|response)_code\}")
_ASIDE = regex(r"\s(?:-[a-zA-Z]*o|--output)[\s=]+\S+")
_WORDS = r"cron|jobs?|tasks?|schedul\w*|digests?|remind\w*|notify|notifications?|backfill|worker|send"
_RUNS = regex(
    rf"(?:manage\.py|artisan|rake|flask|(?:npm|pnpm|yarn|bun)(?:\s+run)?|node|tsx|ts-node|python3?(?:\s+-m)?|npx\s+(?:tsx|ts-node))\s[^\n]*?\b(?:{_WORDS})\b[^\n]*"
)
_CHECKS = regex(
    r"\b(?:test|tests|lint|e2e|typecheck|type-check|build|format|coverage|bench\w*|docs|release|audit|playwright|pytest)\b", re.IGNORECASE
)


def _read(manifest: Manifest) -> None:
    for document in yaml_source.documents(manifest):
        pairs = {key: value for key, value, _ in yaml_source.pairs(document, 0)}
        commands = [c for job, node, _ in yaml_source.pairs(pairs.get("jobs"), 0) if job for c in _commands(node)]
        found = [c for c in commands if _is_job(c)]
        if not found:
            continue
        title = pairs.get("name")
        name = title.value if isinstance(title, yaml.ScalarNode) else posixpath.basename(manifest.path).partition(".")[0]
        for when in _times(pairs.get("on") or pairs.get("true")):
            label = called(found[0]) if len(found) == 1 else name
            if label.startswith(("curl", "wget")):
                # A function of the shell asks for whatever path it is given.
                label = name
            reason = "a workflow that runs one of the application's jobs"
            start, end = when.start_mark.index, when.end_mark.index
            schedule(
                manifest, SYSTEM.name, label, start, end, cron=when.value, zone="UTC", command=found[0], confidence="likely", reason=reason
            )


def _times(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    for key, listed, _ in yaml_source.pairs(node, 0):
        for entry in listed.value if key == "schedule" and isinstance(listed, yaml.SequenceNode) else ():
            for inner, when, _ in yaml_source.pairs(entry, 0):
                if inner == "cron" and isinstance(when, yaml.ScalarNode):
                    yield when


def _commands(job: yaml.Node) -> Iterator[str]:
    """The commands of a job's steps, and the addresses that actions are told to ask."""
    for key, steps, _ in yaml_source.pairs(job, 0):
        for step in steps.value if key == "steps" and isinstance(steps, yaml.SequenceNode) else ():
            pairs = {k: v for k, v, _ in yaml_source.pairs(step, 0)}
            run, uses = pairs.get("run"), pairs.get("uses")
            if isinstance(run, yaml.ScalarNode):
                text = run.value
                yield from (m.group().strip() for m in _ASKS.finditer(text))
                yield from (m.group().strip() for m in _RUNS.finditer(text) if "curl" not in m.group())
            if isinstance(uses, yaml.ScalarNode) and "http-request" in uses.value:
                given = {k: v for k, v, _ in yaml_source.pairs(pairs.get("with"), 0)}
                url = given.get("url")
                if isinstance(url, yaml.ScalarNode):
                    yield f"curl {url.value}"


def _is_job(command: str) -> bool:
    if command.startswith(("curl", "wget")):
        plain = _ASIDE.sub("", command) if _STATUS.search(command) else command
        return bool(_OWN.search(plain)) and not _OTHERS.search(plain)
    return not _CHECKS.search(command)


READER = ManifestReader(
    endings=(".yml", ".yaml"),
    matches=lambda path: ".github/workflows/" in f"/{path}",
    read=_read,
    only_if=lambda data: b"schedule:" in data and b"cron:" in data,
)
