"""What a template of CloudFormation, or of its short form SAM, says of jobs: functions with their events, mappings, rules, queues."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from migrator.jobs import Expression, Literal, Location, Options, Value
from migrator.scanners.aws.lambda_handlers import image_folders, image_handler
from migrator.scanners.aws.lambdas import Function, Lambdas
from migrator.scanners.branch import Branch, entry, is_off, options, scalar, several, text

_FUNCTIONS = ("AWS::Serverless::Function", "AWS::Lambda::Function")
_CLOCKS = ("Schedule", "ScheduleV2")
_READ_HERE = ("Schedule", "ScheduleExpression", "ScheduleExpressionTimezone", "Queue", "Name", "Description")


#: references within references are followed so far
_DEPTH = 6


def reference(branch: Branch | None, depth: int = _DEPTH) -> Value | None:
    """What an ARN, a name or a reference to another resource stands for: a text where it is known, else the resource's own name."""
    if branch is None or not depth:
        return None
    known = scalar(branch)
    if branch.tag in ("!Ref", "!GetAtt", "!ImportValue") and isinstance(known, Literal):
        return Literal(str(known.value).removesuffix(".Arn").removesuffix(".QueueUrl"))
    if branch.tag == "!GetAtt":
        return next((scalar(each) for each in branch.elements()), None)
    if known is not None:
        return _inside(known) if isinstance(known, Literal) and isinstance(known.value, str) and "${" in known.value else known
    for key, value, _ in branch.pairs():
        if key in ("Ref", "Fn::GetAtt", "Fn::ImportValue"):
            first = next(iter(value.elements()), value)
            inner = scalar(first)
            return Literal(str(inner.value).removesuffix(".Arn")) if isinstance(inner, Literal) else reference(first, depth - 1)
        if key in ("Fn::Sub", "Fn::Join"):
            return reference(next(iter(value.elements()), value), depth - 1) if key == "Fn::Sub" else _joined(value, depth - 1)
    return None


def _joined(parts: Branch, depth: int) -> Value | None:
    """The last part of `Fn::Join`: in an ARN, the name."""
    elements = parts.elements()
    pieces = elements[1].elements() if len(elements) > 1 else []
    return reference(pieces[-1], depth) if pieces else None


def _inside(known: Literal) -> Value:
    """`!Sub "${Queue.Arn}"` is the resource; any other text with something in it is only known when it is deployed."""
    whole = str(known.value)
    if whole.startswith("${") and whole.endswith("}") and whole.count("${") == 1 and ":" not in whole:
        return Literal(whole[2:-1].split(".")[0])
    return Literal(whole) if whole.rsplit(":", 1)[-1].count("${") == 0 else Expression(whole)


@dataclass
class Template:
    """Reads one template, whose paths are seen from `folder`."""

    lambdas: Lambdas
    folder: str
    _functions: dict[str, Function] = field(default_factory=dict[str, Function])

    def read(self, root: Branch) -> None:
        """Record what its resources say."""
        shared = entry(root, "Globals", "Function")
        found = entry(root, "Resources")
        resources = list(found.pairs()) if found is not None else []
        for name, resource, where in resources:
            if text(entry(resource, "Type")) in _FUNCTIONS:
                self._functions[name] = self._function(name, resource, where, shared)
                self.lambdas.declared(self._functions[name])
                self._environment(entry(resource, "Properties", "Environment", "Variables"))
        self._environment(entry(shared, "Environment", "Variables"))
        for name, resource, where in resources:
            self._resource(name, resource, where)

    def _environment(self, variables: Branch | None) -> None:
        for variable, value, _ in variables.pairs() if variables is not None else ():
            self.lambdas.alias(variable, reference(value))

    def _function(self, name: str, resource: Branch, where: Location, shared: Branch | None) -> Function:
        properties = entry(resource, "Properties")
        code = _text(entry(properties, "CodeUri")) or _text(entry(properties, "Code")) or _text(entry(shared, "CodeUri"))
        entries = entry(resource, "Metadata", "BuildProperties", "EntryPoints")
        handler = text(entry(properties, "Handler")) or text(entry(shared, "Handler"))
        context = text(entry(resource, "Metadata", "DockerContext"))
        if context and not handler:
            inside = posixpath.normpath(posixpath.join(self.folder, context))
            handler = image_handler(
                self.lambdas.tree, posixpath.join(inside, text(entry(resource, "Metadata", "Dockerfile")) or "Dockerfile")
            )
        written = [text(each) for each in several(entries) if entries is not None]
        folder = posixpath.join(self.folder, code)
        return Function(
            name=name,
            where=where,
            # With esbuild the handler names the bundle, and its entry point the source.
            handler=f"{posixpath.splitext(written[0])[0]}.{handler.rpartition('.')[2]}" if len(written) == 1 and written[0] else handler,
            folders=(folder, self.folder, *(image_folders(posixpath.join(self.folder, context)) if context else ())),
            timeout=scalar(entry(properties, "Timeout")) or scalar(entry(shared, "Timeout")),
            concurrency=scalar(entry(properties, "ReservedConcurrentExecutions")),
            options=options(properties, 0),
            form="SAM function" if "Serverless" in text(entry(resource, "Type")) else "Lambda",
        )

    def _resource(self, name: str, resource: Branch, where: Location) -> None:
        properties = entry(resource, "Properties")
        match text(entry(resource, "Type")):
            case "AWS::Serverless::Function":
                events = entry(properties, "Events")
                for _, event, at in events.pairs() if events is not None else ():
                    self._event(self._functions[name], event, at)
            case "AWS::Serverless::StateMachine":
                events = entry(properties, "Events")
                for _, event, at in events.pairs() if events is not None else ():
                    if text(entry(event, "Type")) in _CLOCKS:
                        self._clock(None, entry(event, "Properties"), at, {}, name)
            case "AWS::Lambda::EventSourceMapping":
                self._mapping(properties, where)
            case "AWS::Events::Rule" if not is_off(entry(properties, "State")):
                self._rule(name, properties, where)
            case "AWS::Scheduler::Schedule" if not is_off(entry(properties, "State")):
                zone = text(entry(properties, "ScheduleExpressionTimezone"))
                target = self._target(entry(properties, "Target", "Arn"))
                self.lambdas.scheduled(target, scalar(entry(properties, "ScheduleExpression")), where, {}, zone=zone, name=name)
            case "AWS::SQS::Queue":
                self.lambdas.queue(name, where, options(properties))
            case _:
                return

    def _event(self, function: Function, event: Branch, where: Location) -> None:
        properties = entry(event, "Properties")
        said = {k: v for k, v in options(properties).items() if k.split(".")[0] not in _READ_HERE}
        match text(entry(event, "Type")):
            case "SQS":
                self.lambdas.fed(function, reference(entry(properties, "Queue")), where, said)
            case kind if kind in _CLOCKS:
                self._clock(function, properties, where, said, "")
            case "EventBridgeRule" | "CloudWatchEvent":
                pattern = entry(properties, "Pattern")
                for detail in several(entry(pattern, "detail-type") or entry(pattern, "source")):
                    self.lambdas.reached(function, scalar(detail) or Literal(""), where)
            case _:
                return

    def _clock(self, function: Function | None, properties: Branch | None, where: Location, said: Options, name: str) -> None:
        """An event of the clock; `name` is that of what it starts, where that is no function."""
        if is_off(entry(properties, "Enabled")) or is_off(entry(properties, "State")):
            return
        when = entry(properties, "Schedule") or entry(properties, "ScheduleExpression")
        zone = text(entry(properties, "ScheduleExpressionTimezone"))
        self.lambdas.scheduled(function, _expression(when), where, said, zone=zone, name=text(entry(properties, "Name")) or name)

    def _mapping(self, properties: Branch | None, where: Location) -> None:
        queue, function = reference(entry(properties, "EventSourceArn")), self._target(entry(properties, "FunctionName"))
        if function is None or _is_stream(entry(properties, "EventSourceArn"), options(properties)):
            return
        said = {k: v for k, v in options(properties).items() if k.split(".")[0] not in ("EventSourceArn", "FunctionName")}
        self.lambdas.fed(function, queue, where, said)

    def _rule(self, name: str, properties: Branch | None, where: Location) -> None:
        expression = entry(properties, "ScheduleExpression")
        targets = [self._target(entry(target, "Arn")) for target in several(entry(properties, "Targets"))]
        known = [target for target in targets if target is not None]
        if expression is not None:
            for target in known or [None]:
                self.lambdas.scheduled(target, _expression(expression), where, {}, name=name)
            return
        pattern = entry(properties, "EventPattern")
        for detail in several(entry(pattern, "detail-type") or entry(pattern, "source")):
            if targets:
                self.lambdas.awaited(scalar(detail))
            for target in known:
                self.lambdas.reached(target, scalar(detail) or Literal(""), where)

    def _target(self, branch: Branch | None) -> Function | None:
        """The function of this template that an ARN or a name means."""
        value = reference(branch)
        name = str(value.value) if isinstance(value, Literal) else ""
        # The Serverless Framework names the resource after its function: `mailQueue` becomes `MailQueueLambdaFunction`.
        return self._functions.get(name) or self._functions.get(name.split(".")[0])


def _expression(branch: Branch | None) -> Value | None:
    """A time, or the reference to the parameter that has it."""
    known = scalar(branch)
    if branch is not None and (branch.tag or known is None):
        inner = reference(branch)
        return Expression(str(inner.value)) if isinstance(inner, Literal) else inner or Expression("")
    return known


def _text(branch: Branch | None) -> str:
    """A local path; a place in a bucket is none."""
    found = text(branch)
    return "" if found.startswith(("s3:", "http")) else found


def _is_stream(source: Branch | None, said: dict[str, Value]) -> bool:
    """True for a mapping of Kinesis, DynamoDB or Kafka, which say where to begin."""
    whole = str(getattr(scalar(source), "value", ""))
    return "StartingPosition" in said or any(word in whole for word in (":dynamodb:", ":kinesis:", ":kafka:", "StreamArn"))
