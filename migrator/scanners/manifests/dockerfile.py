"""Dockerfiles: what they start, and the names of the environment variables that they set."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator

from migrator.regex import regex
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.scanners.manifests.shell import Word, commands

_INSTRUCTION = regex(r"^[ \t]*(?P<name>[A-Za-z]+)[ \t]+(?P<rest>(?:\\\r?\n|[^\n])*)", re.MULTILINE)
_ELEMENT = regex(r'"(?:\\.|[^"\\])*"')


def _read(manifest: Manifest) -> None:
    service = posixpath.basename(manifest.path)
    entrypoint: list[Word] = []
    for match in _INSTRUCTION.finditer(manifest.text):
        name, rest, offset = match["name"].upper(), match["rest"], match.start("rest")
        if name == "FROM":
            entrypoint = []
        elif name in ("CMD", "ENTRYPOINT"):
            words = list(_exec_form(rest, offset))
            started = _start(manifest, words, service) if words else manifest.script(rest, offset, service)
            if name == "CMD" and not started and entrypoint and words:
                # What CMD lists goes after ENTRYPOINT.
                _start(manifest, [*entrypoint, *words], service)
            if name == "ENTRYPOINT":
                entrypoint = words if not started else []
        elif name == "ENV":
            for words in commands(rest, offset):
                for index, word in enumerate(words):
                    if "=" in word.text or index == 0:
                        manifest.setting(word.text.split("=", 1)[0], word.start, word.end)


def _exec_form(rest: str, offset: int) -> Iterator[Word]:
    """The words of `["celery", "-A", "app"]`; nothing for a command in shell form."""
    if not rest.lstrip().startswith("["):
        return
    for match in _ELEMENT.finditer(rest):
        try:
            text = json.loads(match.group())
        except ValueError:
            continue
        start = offset + match.start()
        yield Word(text, start, offset + match.end(), start + 1 if text == match.group()[1:-1] else -1)


def _start(manifest: Manifest, words: list[Word], service: str) -> bool:
    return manifest.words(words, service)


def _is_dockerfile(path: str) -> bool:
    name = posixpath.basename(path).lower()
    return name in ("dockerfile", "containerfile") or name.startswith(("dockerfile.", "dockerfile-")) or name.endswith(".dockerfile")


READER = ManifestReader(matches=_is_dockerfile, read=_read)
