"""Terraform and OpenTofu: Lambdas with what feeds and starts them, and queues. The files of one folder are one module and read together."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migrator.jobs import Expression, Literal, Options, Value
from migrator.scanners.lambdas import Function, Lambdas
from migrator.scanners.manifests.document import Document
from migrator.scanners.manifests.hcl import Block, Setting, blocks
from migrator.scanners.manifests.manifest import Manifest, ManifestReader

_SUFFIXES = (".tf", ".tofu")
_REFERENCE = re.compile(r"(?:(?P<kind>aws_\w+|module)\.(?P<name>[\w-]+)|(?:var|local)\.(?P<value>\w+))")
_COUNT = re.compile(r'"?maxReceiveCount"?\s*[=:]\s*"?(\d+)')
_DETAIL = re.compile(r'"?detail-type"?\s*[=:]\s*\[\s*"([^"]+)"')
_VARIABLE = re.compile(
    r'"?(?P<variable>[A-Z][A-Z0-9_]+)"?\s*[=:]\s*"?(?:\$\{)?'
    r"(?P<kind>aws_sqs_queue|aws_lambda_function|module)\.(?P<name>[\w-]+)\.(?P<of>\w+)"
)
_PLACE = re.compile(r"\$\{path\.(module|root|cwd)\}/?")
#: attributes that say where a function's code is
_CODE = (
    "source_dir",
    "source_path",
    "source_file",
    "source_code_path",
    "lambda_source_dir",
    "source",
    "filename",
    "local_existing_package",
)
_QUEUE = ("visibility_timeout_seconds", "message_retention_seconds", "delay_seconds", "fifo_queue", "receive_wait_time_seconds")
_FEED = ("batch_size", "maximum_batching_window_in_seconds", "function_response_types", "maximum_retry_attempts", "enabled")
_HANDLERS = ("handler", "lambda_handler", "function_handler")


class Module:
    """The blocks of one folder."""

    def __init__(self, manifest: Manifest, paths: list[str]) -> None:
        self._lambdas = Lambdas(manifest.tree, manifest.found)
        self._folder = posixpath.dirname(manifest.path)
        self._tree = manifest.tree
        self._blocks = [b for path in paths for b in blocks(Document(path, manifest.tree.read(path)))]
        self._resources = {b.labels[1:]: b for b in self._blocks if len(b.labels) == 3 and b.labels[0] == "resource"}
        self._data = {b.labels[1:]: b for b in self._blocks if len(b.labels) == 3 and b.labels[0] == "data"}
        self._modules = {b.labels[1]: b for b in self._blocks if len(b.labels) == 2 and b.labels[0] == "module"}
        self._values = dict(self._known())

    def read(self) -> None:
        """Record what the resources and modules say."""
        for (kind, name), block in self._resources.items():
            self._environment(block)
            match kind:
                case "aws_lambda_function":
                    self._declared(name, block)
                case "aws_lambda_event_source_mapping":
                    self._mapping(block)
                case "aws_cloudwatch_event_rule":
                    self._rule(name, block)
                case "aws_scheduler_schedule":
                    self._schedule(name, block)
                case "aws_sqs_queue":
                    self._lambdas.queue(self._text(block.settings.get("name")) or name, block.location, self._queue_options(block))
                case _:
                    continue
        for name, block in self._modules.items():
            self._environment(block)
            self._module(name, block)
            if self._text(block.settings.get("source")).startswith("terraform-aws-modules/lambda"):
                self._declared(name, block)

    def _declared(self, name: str, block: Block) -> None:
        function = self._function_of(name, block)
        if function is not None:
            self._lambdas.declared(function)

    def _environment(self, block: Block) -> None:
        """`MAIL_QUEUE_URL = aws_sqs_queue.mails.url` among the variables of a function, in whatever way they come to it."""
        settings = [*block.settings.values(), *(s for inner in block.blocks for s in inner.settings.values())]
        for setting in settings:
            for found in _VARIABLE.finditer(setting.source):
                if found["kind"] != "module" or "queue" in found["of"] or "function" in found["of"]:
                    self._lambdas.alias(found["variable"], self._named_by(found["kind"], found["name"]))

    def _named_by(self, kind: str, name: str) -> Value:
        block = self._resources.get((kind, name)) or (self._modules.get(name) if kind == "module" else None)
        key = "function_name" if block is not None and "function_name" in block.settings else "name"
        return Literal((self._text(block.settings.get(key)) if block is not None else "") or name)

    def _mapping(self, block: Block) -> None:
        source, target = block.settings.get("event_source_arn"), block.settings.get("function_name")
        if source is None or target is None or not self._is_queue(block, source):
            return
        function = self._function(target)
        if function is None:
            self._lambdas.loose(block.location, f"the function that {target.source} means is not in this module")
            return
        self._lambdas.fed(function, self._named(source), block.location, self._options(block, _FEED))

    def _rule(self, name: str, block: Block) -> None:
        expression, pattern = block.settings.get("schedule_expression"), block.settings.get("event_pattern")
        off = [block.settings[key].value for key in ("is_enabled", "state") if key in block.settings]
        if any(isinstance(value, Literal) and value.value in (False, "DISABLED") for value in off):
            return
        targets = [self._function(t.settings["arn"]) for t in self._targets(name) if "arn" in t.settings]
        functions = [f for f in targets if f is not None]
        if expression is not None:
            for function in functions or [None]:
                self._lambdas.scheduled(
                    function, self._value(expression), block.location, {}, name=self._text(block.settings.get("name")) or name
                )
            return
        detail = _DETAIL.search(pattern.source) if pattern is not None else None
        for function in functions if detail is not None else ():
            self._lambdas.reached(function, Literal(detail[1] if detail is not None else ""), block.location)

    def _targets(self, rule: str) -> Iterator[Block]:
        for (kind, _), block in self._resources.items():
            if kind == "aws_cloudwatch_event_target" and "rule" in block.settings:
                found = _REFERENCE.search(block.settings["rule"].source)
                if found is not None and found["name"] == rule:
                    yield block

    def _schedule(self, name: str, block: Block) -> None:
        expression, state = block.settings.get("schedule_expression"), block.settings.get("state")
        if expression is None or (state is not None and state.text == "DISABLED"):
            return
        target = next((b for b in block.blocks if b.labels[:1] == ("target",)), None)
        arn = target.settings.get("arn") if target is not None else None
        function = self._function(arn) if arn is not None else None
        zone = self._text(block.settings.get("schedule_expression_timezone"))
        self._lambdas.scheduled(
            function, self._value(expression), block.location, {}, zone=zone, name=self._text(block.settings.get("name")) or name
        )

    def _module(self, name: str, block: Block) -> None:
        """The public modules for Lambda, EventBridge and SQS."""
        source = self._text(block.settings.get("source"))
        if source.startswith("terraform-aws-modules/sqs"):
            self._lambdas.queue(self._text(block.settings.get("name")) or name, block.location, self._queue_options(block))
        function = self._function_of(name, block)
        mappings = block.settings.get("event_source_mapping")
        for _, mapping in mappings.pairs() if mappings is not None and function is not None else ():
            given = dict(mapping.pairs())
            arn = given.get("event_source_arn")
            if function is not None and arn is not None and "starting_position" not in given and "dynamodb" not in arn.source:
                said: Options = {key: given[key].value for key in _FEED if key in given}
                self._lambdas.fed(function, self._named(arn), mapping.location, said)
        if "eventbridge" in source:
            self._bus(block)

    def _bus(self, block: Block) -> None:
        targets = dict(block.settings["targets"].pairs()) if "targets" in block.settings else {}
        for key in ("rules", "schedules"):
            rules = block.settings.get(key)
            for name, rule in rules.pairs() if rules is not None else ():
                given = dict(rule.pairs())
                expression = given.get("schedule_expression")
                arns = [given["arn"]] if "arn" in given else []
                arns += [a for t in (targets[name].elements() if name in targets else ()) if (a := dict(t.pairs()).get("arn")) is not None]
                functions = [f for arn in arns if (f := self._function(arn)) is not None]
                if expression is not None:
                    zone = given["timezone"].text if "timezone" in given else ""
                    for function in functions or [None]:
                        self._lambdas.scheduled(function, self._value(expression), rule.location, {}, zone=zone, name=name)

    # -- what a value stands for ---------------------------------------------------------------------------------------

    def _function(self, setting: Setting) -> Function | None:
        """The function that an ARN, name or alias refers to."""
        for found in _REFERENCE.finditer(setting.source):
            kind, name = found["kind"], found["name"]
            if kind == "module" and name in self._modules:
                return self._function_of(name, self._modules[name])
            block = self._resources.get((kind or "", name or ""))
            if block is not None and kind == "aws_lambda_function":
                return self._function_of(name, block)
            if block is not None and kind == "aws_lambda_alias" and "function_name" in block.settings:
                return self._function(block.settings["function_name"])
        return None

    def _function_of(self, name: str, block: Block) -> Function | None:
        given = block.settings
        handler = next((text for key in _HANDLERS if (text := self._text(given.get(key)))), "")
        image = next((b for b in block.blocks if b.labels[:1] == ("image_config",)), None)
        command = image.settings.get("command") if image is not None else given.get("image_config_command")
        if not handler and command is not None and command.elements():
            handler = command.elements()[0].text
        if block.labels[0] == "module" and not handler and not any(key in given for key in _CODE[:5]):
            return None
        time, limit = given.get("timeout"), given.get("reserved_concurrent_executions")
        return Function(
            name=self._text(given.get("function_name")) or name,
            where=block.location,
            handler=handler,
            folders=tuple(dict.fromkeys((*self._folders(block), self._folder, ""))),
            timeout=self._value(time) if time is not None else None,
            concurrency=self._value(limit) if limit is not None else None,
            form="Terraform Lambda",
        )

    def _folders(self, block: Block) -> Iterator[str]:
        """Where the code of a function may be: named outright, or packed by `archive_file`."""
        for key in _CODE:
            setting = block.settings.get(key)
            if setting is None or (key == "source" and block.labels[0] == "module"):
                continue
            packed = re.search(r"data\.archive_file\.([\w-]+)", setting.source)
            archive = self._data.get(("archive_file", packed[1])) if packed is not None else None
            if archive is not None:
                yield from self._folders(archive)
                continue
            written = _PLACE.sub("", setting.source.strip('"'))
            if "${" in written or "(" in written or not written:
                continue
            for base in (self._folder, ""):
                path = posixpath.normpath(posixpath.join(base, written))
                # A file of code, or a package that is built out of the folder of its name.
                yield posixpath.dirname(path) if posixpath.splitext(path)[1] in (".py", ".js", ".ts", ".mjs", ".zip") else path

    def _is_queue(self, block: Block, source: Setting) -> bool:
        if "starting_position" in block.settings or ":sqs:" in source.source:
            return "starting_position" not in block.settings
        found = _REFERENCE.search(source.source)
        kind = found["kind"] if found is not None else ""
        return kind in ("aws_sqs_queue", "module", "", None) and "stream" not in source.source

    def _named(self, setting: Setting) -> Value:
        """A queue by its resource or by its ARN."""
        found = _REFERENCE.search(setting.source)
        if found is not None and found["name"]:
            block = self._resources.get((found["kind"], found["name"]))
            return Literal((self._text(block.settings.get("name")) if block is not None else "") or found["name"])
        return self._value(setting)

    def _options(self, block: Block, names: tuple[str, ...]) -> Options:
        return {name: self._value(block.settings[name]) for name in names if name in block.settings}

    def _queue_options(self, block: Block) -> Options:
        policy = block.settings.get("redrive_policy")
        count = _COUNT.search(policy.source) if policy is not None else None
        return {**self._options(block, _QUEUE), **({"maxReceiveCount": Literal(int(count[1]))} if count is not None else {})}

    def _value(self, setting: Setting) -> Value:
        """A literal, or the one that a local or the default of a variable has."""
        value = setting.value
        if isinstance(value, Expression):
            found = _REFERENCE.fullmatch(value.source)
            return self._values.get(found["value"], value) if found is not None and found["value"] else value
        return value

    def _text(self, setting: Setting | None) -> str:
        value = self._value(setting) if setting is not None else None
        return value.value if isinstance(value, Literal) and isinstance(value.value, str) else ""

    def _known(self) -> Iterator[tuple[str, Value]]:
        for block in self._blocks:
            if block.labels[:1] == ("locals",):
                yield from ((key, s.value) for key, s in block.settings.items() if isinstance(s.value, Literal))
            elif block.labels[:1] == ("variable",) and "default" in block.settings:
                value = block.settings["default"].value
                if isinstance(value, Literal) and value.value is not None:
                    yield block.labels[1], value


def _read(manifest: Manifest) -> None:
    folder = posixpath.dirname(manifest.path)
    paths = [p for p in manifest.tree.sizes if p.endswith(_SUFFIXES) and posixpath.dirname(p) == folder]
    if paths[0] == manifest.path:
        Module(manifest, paths).read()


READER = ManifestReader(matches=lambda path: path.endswith(_SUFFIXES), read=_read)
