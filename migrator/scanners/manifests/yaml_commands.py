"""Commands in YAML: compose services, Kubernetes containers, Render, Railway, Fly and the like."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from migrator.scanners.manifests import helm, yaml_source
from migrator.scanners.manifests.commands import in_words, may_start_workers
from migrator.scanners.manifests.manifest import Manifest, ManifestReader
from migrator.scanners.manifests.shell import Word, commands

#: keys under which a command or a list of its words stands; those that are read together come first
_PARTS = (("entrypoint", "command"), ("command", "args"))
_COMMANDS = ("command", "entrypoint", "args", "startcommand", "start_command", "run", "cmd", "exec", "worker", "process")
_MAXIMUM_DEPTH = 40


def _read(manifest: Manifest) -> None:
    if helm.is_template(manifest):
        helm.read_made(manifest, _documents)
    else:
        _documents(manifest)


def _documents(manifest: Manifest) -> None:
    for document in yaml_source.documents(manifest):
        _mapping(manifest, document, "", 0)


def _mapping(manifest: Manifest, node: yaml.Node, name: str, depth: int) -> None:
    """Look for commands in `node`, which stands under `name`."""
    if depth > _MAXIMUM_DEPTH:
        return
    if isinstance(node, yaml.SequenceNode):
        for inner in node.value:
            _mapping(manifest, inner, name, depth + 1)
        return
    # What is merged in is read where it stands.
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    own = [(key.value, value) for key, value in pairs if isinstance(key, yaml.ScalarNode) and key.tag != yaml_source.MERGE]
    service = _title(own) or name
    done = _together(manifest, own, service)
    for key, value in own:
        lower = key.lower()
        if lower in ("environment", "env"):
            _environment(manifest, value)
        elif lower in _COMMANDS and not isinstance(value, yaml.MappingNode):
            if value not in done:
                _command(manifest, value, service)
        else:
            _mapping(manifest, value, key, depth + 1)


def _title(own: list[tuple[str, yaml.Node]]) -> str:
    """The `name:` of a container or service."""
    return next((v.value for k, v in own if k == "name" and isinstance(v, yaml.ScalarNode)), "")


def _together(manifest: Manifest, own: list[tuple[str, yaml.Node]], service: str) -> list[yaml.Node]:
    """Read words that make one command only together: `command: [celery]` and `args: [-A, app, worker]`."""
    by_key = {key.lower(): value for key, value in own}
    for first, second in _PARTS:
        a, b = by_key.get(first), by_key.get(second)
        if a is None or b is None:
            continue
        ours, theirs = list(_words(manifest, a)), list(_words(manifest, b))
        found = list(in_words([*ours, *theirs])) if ours and theirs else []
        if found and not list(in_words(ours)) and not list(in_words(theirs)):
            for each in found:
                manifest.worker(each, service)
            return [a, b]
    return []


def _command(manifest: Manifest, node: yaml.Node, service: str) -> None:
    if isinstance(node, yaml.ScalarNode):
        start, end = node.start_mark.index, node.end_mark.index
        if node.style in ("|", ">"):
            # A block begins on the line after its mark; its text is the script.
            start = manifest.text.find("\n", start) + 1
            manifest.script(manifest.text[start:end], start, service)
        else:
            quoted = 1 if node.style in ("'", '"') else 0
            manifest.script(manifest.text[start + quoted : end - quoted], start + quoted, service)
    elif isinstance(node, yaml.SequenceNode) and not manifest.words(list(_words(manifest, node)), service):
        for inner in node.value:
            # GitLab's `script:` and the like: a list of commands, not of words.
            if isinstance(inner, yaml.ScalarNode) and " " in inner.value:
                _command(manifest, inner, service)


def _words(manifest: Manifest, node: yaml.Node) -> Iterator[Word]:
    """The words of a list, or of a text that is one command."""
    if isinstance(node, yaml.ScalarNode) and node.style not in ("|", ">"):
        start, end = node.start_mark.index, node.end_mark.index
        quoted = 1 if node.style in ("'", '"') else 0
        every = list(commands(manifest.text[start + quoted : end - quoted], start + quoted))
        yield from every[0] if len(every) == 1 else ()
    for inner in node.value if isinstance(node, yaml.SequenceNode) else ():
        if isinstance(inner, yaml.ScalarNode):
            start, end = inner.start_mark.index, inner.end_mark.index
            quoted = 1 if inner.style in ("'", '"') else 0
            stands_there = manifest.text.startswith(inner.value, start + quoted)
            yield Word(inner.value, start, len(manifest.text[:end].rstrip()), start + quoted if stands_there else -1)


def _environment(manifest: Manifest, node: yaml.Node) -> None:
    """`environment:` as a mapping, as `NAME=value`, or as Kubernetes' list of names."""
    for key, _, where in yaml_source.pairs(node, 0):
        manifest.setting(key, where.start_mark.index, where.end_mark.index)
    for inner in node.value if isinstance(node, yaml.SequenceNode) else ():
        if isinstance(inner, yaml.ScalarNode):
            manifest.setting(inner.value.split("=", 1)[0], inner.start_mark.index, inner.end_mark.index)
        for key, value, _ in yaml_source.pairs(inner, 0):
            if key in ("name", "key") and isinstance(value, yaml.ScalarNode):
                manifest.setting(value.value, value.start_mark.index, value.end_mark.index)


def _is_yaml(path: str) -> bool:
    # Workflows of a CI start workers only for its own runs.
    return not path.startswith((".github/", ".circleci/", ".gitlab")) and "/.github/" not in path


def _may_start(data: bytes) -> bool:
    # The files of compose and its like are few, and say how the project's own processes are started.
    return b"services:" in data or may_start_workers(data)


READER = ManifestReader(endings=(".yml", ".yaml"), matches=_is_yaml, read=_read, only_if=_may_start)
