"""What the resources of a module of Terraform say of jobs: mappings, rules, schedules, queues, and the public modules for these."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.jobs import Literal, Options
from migrator.regex import regex
from migrator.scanners.aws.lambdas import Function, Lambdas
from migrator.scanners.manifests.hcl import Block, Setting
from migrator.scanners.manifests.terraform_module import Module

_COUNT = regex(r'"?maxReceiveCount"?\s*[=:]\s*"?(\d+)')
_DETAIL = regex(r'"?detail-type"?\s*[=:]\s*\[\s*"([^"]+)"')
_VARIABLE = regex(
    r'"?(?P<variable>[A-Z][A-Z0-9_]+)"?\s*[=:]\s*"?(?:\$\{)?'
    r"(?P<address>(?P<kind>aws_sqs_queue|aws_lambda_function|module)\.(?P<name>[\w-]+)\.(?P<of>\w+))"
)
_QUEUE = ("visibility_timeout_seconds", "message_retention_seconds", "delay_seconds", "fifo_queue", "receive_wait_time_seconds")
_FEED = ("batch_size", "maximum_batching_window_in_seconds", "function_response_types", "maximum_retry_attempts", "enabled")


class Resources:
    """Reads one module."""

    def __init__(self, lambdas: Lambdas, module: Module) -> None:
        self._lambdas, self._module = lambdas, module

    def read(self) -> None:
        """Record what the resources and the calls of public modules say."""
        for (kind, name), block in self._module.resources.items():
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
                    self._queue(name, block)
                case _:
                    continue
        for name, block in self._module.modules.items():
            self._environment(block)
            self._public(name, block)

    def _declared(self, name: str, block: Block) -> None:
        function = self._module.function_of(name, block)
        if function is not None:
            self._lambdas.declared(function)
        self._module.where(block)

    def _environment(self, block: Block) -> None:
        """`MAIL_QUEUE_URL = aws_sqs_queue.mails.url` among the variables of a function, in whatever way they come to it."""
        settings = [*block.settings.values(), *(s for inner in block.blocks for s in inner.settings.values())]
        for setting in settings:
            for found in _VARIABLE.finditer(setting.source):
                if found["kind"] != "module" or "queue" in found["of"] or "function" in found["of"]:
                    self._lambdas.alias(found["variable"], self._module.named_as(found["kind"], found["name"]))

    def _queue(self, name: str, block: Block) -> None:
        title = self._module.text(block.settings.get("name")) or name
        options = self._queue_options(block)
        self._lambdas.queue(title, self._module.where(block), options)

    def _mapping(self, block: Block) -> None:
        source, target = block.settings.get("event_source_arn"), block.settings.get("function_name")
        if source is None or target is None or not self._is_queue(block, source):
            return
        function, queue, options = self._module.function(target), self._module.named(source), self._options(block, _FEED)
        where = self._module.where(block)
        if function is None:
            self._lambdas.loose(where, f"the function that {target.source} means is not in this tree")
            return
        self._lambdas.fed(function, queue, where, options)

    def _rule(self, name: str, block: Block) -> None:
        expression, pattern = block.settings.get("schedule_expression"), block.settings.get("event_pattern")
        if self._is_off(block):
            return
        targets = [self._module.function(t.settings["arn"]) for t in self._targets(name) if "arn" in t.settings]
        functions = [f for f in targets if f is not None]
        if expression is not None:
            self._scheduled(functions, expression, block, name)
            return
        detail = _DETAIL.search(pattern.source) if pattern is not None else None
        where = self._module.where(block)
        for function in functions if detail is not None else ():
            self._lambdas.reached(function, Literal(detail[1] if detail is not None else ""), where)

    def _is_off(self, block: Block) -> bool:
        off = [self._module.value(block.settings[key]) for key in ("is_enabled", "state") if key in block.settings]
        return any(isinstance(value, Literal) and value.value in (False, "DISABLED") for value in off)

    def _targets(self, rule: str) -> Iterator[Block]:
        for (kind, _), block in self._module.resources.items():
            to = block.settings.get("rule") if kind == "aws_cloudwatch_event_target" else None
            if to is not None and self._module.refers_to(to, "aws_cloudwatch_event_rule") == rule:
                yield block

    def _schedule(self, name: str, block: Block) -> None:
        expression = block.settings.get("schedule_expression")
        if expression is None or self._is_off(block):
            return
        target = next((b for b in block.blocks if b.labels[:1] == ("target",)), None)
        arn = target.settings.get("arn") if target is not None else None
        function = self._module.function(arn) if arn is not None else None
        self._scheduled([function] if function is not None else [], expression, block, name)

    def _scheduled(self, functions: list[Function], expression: Setting, block: Block, name: str) -> None:
        module = self._module
        value, zone = module.value(expression), module.text(block.settings.get("schedule_expression_timezone"))
        title = module.text(block.settings.get("name")) or name
        where = module.where(block)
        for function in functions or [None]:
            self._lambdas.scheduled(function, value, where, {}, zone=zone, name=title)

    def _public(self, name: str, block: Block) -> None:
        """The public modules for Lambda, EventBridge and SQS."""
        source = self._module.text(block.settings.get("source"))
        if source.startswith("terraform-aws-modules/sqs"):
            self._queue(name, block)
        if source.startswith("terraform-aws-modules/lambda"):
            self._declared(name, block)
        function = self._module.function_of(name, block)
        mappings = block.settings.get("event_source_mapping")
        for _, mapping in mappings.pairs() if mappings is not None and function is not None else ():
            given = dict(mapping.pairs())
            arn = given.get("event_source_arn")
            if function is not None and arn is not None and "starting_position" not in given and "dynamodb" not in arn.source:
                said: Options = {key: given[key].value for key in _FEED if key in given}
                self._lambdas.fed(function, self._module.named(arn), mapping.location, said)
        if "eventbridge" in source:
            self._bus(block)
        self._module.where(block)

    def _bus(self, block: Block) -> None:
        targets = dict(block.settings["targets"].pairs()) if "targets" in block.settings else {}
        for key in ("rules", "schedules"):
            rules = block.settings.get(key)
            for name, rule in rules.pairs() if rules is not None else ():
                given = dict(rule.pairs())
                expression = given.get("schedule_expression")
                arns = [given["arn"]] if "arn" in given else []
                arns += [a for t in (targets[name].elements() if name in targets else ()) if (a := dict(t.pairs()).get("arn")) is not None]
                functions = [f for arn in arns if (f := self._module.function(arn)) is not None]
                if expression is not None:
                    zone = given["timezone"].text if "timezone" in given else ""
                    for function in functions or [None]:
                        self._lambdas.scheduled(function, self._module.value(expression), rule.location, {}, zone=zone, name=name)

    def _is_queue(self, block: Block, source: Setting) -> bool:
        """True for a mapping of a queue; those of streams and of Kafka say where to begin."""
        _, inner = self._module.resolved(source)
        return "starting_position" not in block.settings and not re.search(r"stream|kinesis|kafka|_mq_|msk", inner.source, re.IGNORECASE)

    def _options(self, block: Block, names: tuple[str, ...]) -> Options:
        return {name: self._module.value(block.settings[name]) for name in names if name in block.settings}

    def _queue_options(self, block: Block) -> Options:
        policy = block.settings.get("redrive_policy")
        count = _COUNT.search(policy.source) if policy is not None else None
        return {**self._options(block, _QUEUE), **({"maxReceiveCount": Literal(int(count[1]))} if count is not None else {})}
