"""What the call that makes a construct of AWS CDK says: its properties, the function that it makes, the queue that it means."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace

import msgspec

from migrator.jobs import Expression, Literal, Options, Value
from migrator.regex import regex
from migrator.scanners.aws.cdk_times import duration
from migrator.scanners.aws.lambda_handlers import folder_files, image_folders, image_handler
from migrator.scanners.aws.lambdas import Function, Lambdas
from migrator.scanners.linking import Defined, Instance, Meaning, Member, Place
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import CLASSES, callee_of

_CAPITAL = regex(r"(?<!^)(?=[A-Z])")
#: properties of a function, a source and a queue that are worth knowing
_SAID = (
    *("batchSize", "maxBatchingWindow", "reportBatchItemFailures", "maxConcurrency", "visibilityTimeout", "retentionPeriod"),
    *("deliveryDelay", "fifo", "contentBasedDeduplication", "queueName"),
)


class Construct(msgspec.Struct, frozen=True):
    """The call that makes a construct: scope, id, properties; in Python, the properties are keywords."""

    view: View
    made: Place

    @property
    def id(self) -> str:
        """What its scope knows it by."""
        given = self.view.evaluator.arguments(self.made)
        place = given.get(1, given.get("id"))
        return self.view.evaluator.text(place) if isinstance(place, Place) else ""

    def entry(self, name: str) -> Place | None:
        """A property, by its name in TypeScript."""
        given = self.view.evaluator.arguments(self.made)
        if self.made.source.is_python:
            place = given.get(_CAPITAL.sub("_", name).lower())
            return place if isinstance(place, Place) else None
        # A source of events has no scope: its properties come second.
        for position in (2, 1):
            properties = given.get(position)
            found = self.view.evaluator.entries(properties) if isinstance(properties, Place) else {}
            if name in found:
                return found[name]
        return None

    @staticmethod
    def entries_of(view: View, place: Place | None) -> dict[str, Place]:
        """What an object, or in Python a call with keywords, holds, under the names of TypeScript."""
        if place is None:
            return {}
        meaning = view.evaluator.meaning(place)
        if isinstance(meaning, Instance) and meaning.call is not None and meaning.call.source.is_python:
            given = view.evaluator.arguments(meaning.call)
            return {_camel(k): v for k, v in given.items() if isinstance(k, str) and isinstance(v, Place)}
        return view.evaluator.entries(place)

    def options(self) -> Options:
        """The properties worth knowing, times in seconds."""
        found: Options = {}
        for name in _SAID:
            place = self.entry(name)
            if place is not None:
                time = duration(self.view, place)
                found[name] = Literal(time) if time is not None else self.view.value(place)
        return found


def function_named(view: View, place: Place | None) -> Function | None:
    """The Lambda that an expression stands for."""
    meaning: Meaning | None = view.evaluator.meaning(place) if place is not None else None
    if not isinstance(meaning, Instance) or meaning.call is None:
        return None
    made = meaning.call
    if isinstance(meaning.of, Defined) and meaning.of.place.node.type in CLASSES:
        # A function of a class of the project is what that class hands on: `super(scope, id, { entry })`.
        made = view.evaluator.attributes.built(meaning.of, meaning) or made
    found = function_made(view, made)
    return replace(found, name=found.name or Construct(view, meaning.call).id) if found is not None else None


def function_made(view: View, made: Place) -> Function | None:
    """The Lambda that a call makes, whatever its class is called: it is told by the properties that say where its code is."""
    given = Construct(view, made)
    named, entry, code = given.entry("handler"), given.entry("entry"), given.entry("code")
    handler = view.evaluator.text(named)
    if named is None and entry is None:
        return _of_image(view, made, given) or _unnamed(view, made, given)
    tree, here = view.project.tree, posixpath.dirname(made.source.path)
    time, limit = given.entry("timeout"), given.entry("reservedConcurrentExecutions")
    files: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    folders: tuple[str, ...] = (here, "")
    for path, base in _paths(view, entry) if entry is not None else ():
        where = posixpath.normpath(posixpath.join(base, path))
        index = posixpath.splitext(view.evaluator.text(given.entry("index")) or "index.py")[0]
        files = (where,) if where in tree else folder_files(tree, where, (index, "index"))
        exports = (handler.rpartition(".")[2] or "handler",)
        if files:
            break
    if code is not None:
        folders = tuple(posixpath.normpath(posixpath.join(base, path)) for path, base in _code(view, code)) + folders
    return Function(
        name=given.id or view.evaluator.text(given.entry("functionName")),
        where=made.source.location(made.node),
        handler=handler if not files else "",
        folders=folders,
        files=files,
        exports=exports,
        timeout=_time(view, time),
        concurrency=view.value(limit) if limit is not None else None,
        form="CDK function",
    )


def _of_image(view: View, made: Place, given: Construct) -> Function | None:
    """`new DockerImageFunction(this, "mail", { code: DockerImageCode.fromImageAsset("mail") })`: what its Dockerfile runs."""
    code = given.entry("code")
    for path, base in _code(view, code) if code is not None else ():
        folder = posixpath.normpath(posixpath.join(base, path))
        handler = image_handler(view.project.tree, posixpath.join(folder, "Dockerfile"))
        if handler:
            where = made.source.location(made.node)
            return Function(given.id, where, handler=handler, folders=image_folders(folder), form="CDK function")
    return None


def _unnamed(view: View, made: Place, given: Construct) -> Function | None:
    """`new NodejsFunction(this, "mail")` runs the file that is named after the stack's own: `stack.mail.ts`."""
    callee = callee_of(made.node)
    if callee is None or not view.evaluator.of(made.source, callee, made.frame).key.endswith("NodejsFunction"):
        return None
    stem = f"{posixpath.splitext(made.source.path)[0]}.{given.id}"
    files = folder_files(view.project.tree, posixpath.dirname(stem), (posixpath.basename(stem),))
    return Function(given.id, made.source.location(made.node), files=files, exports=("handler",), form="CDK function")


def _code(view: View, place: Place) -> Iterator[tuple[str, str]]:
    """`Code.fromAsset("lambda")`: (path as written, folder from which it is written)."""
    meaning = view.evaluator.meaning(place)
    if isinstance(meaning, Instance) and meaning.call is not None:
        given = view.evaluator.arguments(meaning.call)
        first = given.get(0, given.get("path"))
        if isinstance(first, Place):
            yield from _paths(view, first)


def _paths(view: View, place: Place) -> Iterator[tuple[str, str]]:
    """(path, folder) of a path in code: from the file's own folder with `__dirname`, else from any folder above it."""
    place = view.evaluator.origin(place)
    text = view.evaluator.text(place)
    here = posixpath.dirname(place.source.path)
    if not text:
        meaning = view.evaluator.meaning(place)
        made = meaning.call if isinstance(meaning, Instance) and meaning.call is not None else place
        given = [p for p in view.evaluator.arguments(made).values() if isinstance(p, Place)]
        text = posixpath.join(*(t for p in given if (t := view.evaluator.text(p))), "").rstrip("/")
        if not text and place.node.type == "template_string":
            text = place.text.strip("`").rpartition("}")[2].lstrip("/")
        if not text:
            return
        yield text.lstrip("/") if not text.startswith("..") else text, here
    folder = here
    while True:
        yield text, folder
        if not folder:
            return
        folder = posixpath.dirname(folder)


def queue_of(view: View, place: Place | None) -> Value | None:
    """A queue by the id of its construct."""
    if place is None:
        return None
    meaning = view.evaluator.meaning(place)
    # `queue.queueArn` is of that queue.
    meaning = meaning.of if isinstance(meaning, Member) else meaning
    made = meaning.call if isinstance(meaning, Instance) else None
    given = Construct(view, made) if made is not None else None
    name = view.evaluator.text(given.entry("queueName")) or given.id if given is not None else ""
    return Literal(name) if name else Expression(view.evaluator.origin(place).text.removesuffix(".queueArn"))


def _time(view: View, place: Place | None) -> Value | None:
    if place is None:
        return None
    known = duration(view, place)
    return Literal(known) if known is not None else view.value(place)


def lambdas_of(call: Call) -> Lambdas:
    """Where to record what a call says."""
    return Lambdas(call.view.project.tree, call.view.found, "code", call.view.source.language)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
