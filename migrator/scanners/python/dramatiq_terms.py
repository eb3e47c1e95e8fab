"""What a meaning is in Dramatiq's terms: a broker, what makes actors, an actor, a message, a pipeline or group of messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from tree_sitter import Node

from migrator.scanners.linking import Defined, Evaluator, External, Instance, Known, Meaning, Member, Place
from migrator.scanners.linking.classes import attribute_candidates, base_classes
from migrator.scanners.linking.kinds import above_all
from migrator.scanners.python.functions import Function, function_at, made
from migrator.syntax.tree import CLASSES, FUNCTIONS
from migrator.syntax.tree import field as child

SYSTEM = "dramatiq"
PACKAGES = (
    *("dramatiq", "django_dramatiq", "django_dramatiq_postgres", "flask_dramatiq", "flask_melodramatiq", "async_dramatiq"),
    *("dramatiq_abort", "dramatiq_eager_broker", "dramatiq_kombu_broker", "dramatiq_mongodb", "dramatiq_pg", "dramatiq_sqs"),
    *("dramatiq_workflow", "dramatiq_azure", "dramatiq_sqlite"),
)

_DEFINERS = frozenset(
    (
        *("dramatiq.actor", "dramatiq.actor.actor", "dramatiq.Actor", "dramatiq.actor.Actor", "flask_dramatiq.Dramatiq().actor"),
        *("async_dramatiq.async_actor", "async_dramatiq.AsyncActor"),
    )
)
_GENERIC = frozenset(("dramatiq.GenericActor", "dramatiq.generic.GenericActor"))
_MESSAGES = frozenset(("dramatiq.Message", "dramatiq.message.Message"))
_GET_BROKER = frozenset(("dramatiq.get_broker()", "dramatiq.broker.get_broker()"))
_COMPOSITIONS = {f"{module}.{name}": name for module in ("dramatiq", "dramatiq.composition") for name in ("pipeline", "group")}
#: methods of an actor that put a message on its way, and those that make one
SENDS = frozenset(("send", "send_with_options", "async_send", "async_send_with_options"))
MAKES = frozenset(("message", "message_with_options"))
#: methods of a message that give one like it
_PASSING = frozenset(("copy", "asdict"))


class Actor(msgspec.Struct, frozen=True):
    """`name` as Dramatiq knows it, empty where only the run does; `function` is what it runs, `options` everything written for it.

    `job` is `module:symbol`; `owner` the class of an actor that is one.
    """

    name: str = ""
    job: str = ""
    function: Function | None = None
    options: Mapping[str, Place] = msgspec.field(default_factory=dict[str, Place])
    owner: Defined | None = None


class Terms(msgspec.Struct, frozen=True):
    """Reads meanings of one project."""

    evaluator: Evaluator

    # -- brokers and what makes actors --------------------------------------------------------------------------------

    def is_broker(self, meaning: Meaning) -> bool:
        """True for a broker, or an extension that stands for one."""
        if meaning.key in _GET_BROKER:
            return True
        return isinstance(meaning, Instance) and meaning.decorated is None and self.makes_broker(meaning.of)

    def makes_broker(self, maker: Meaning, depth: int = 8) -> bool:
        """True for what gives a broker when it is called: a class of one of the packages, or one that derives from it."""
        if isinstance(maker, Defined) and maker.place.node.type in CLASSES and depth:
            source, node = maker.place.source, maker.place.node
            bases = (self.evaluator.of(source, base, maker.place.frame) for base in base_classes(source, node))
            return any(base.key != maker.key and self.makes_broker(base, depth - 1) for base in bases)
        if not isinstance(maker, External) or maker.path[0] not in PACKAGES:
            return False
        return maker.path[-1].endswith("Broker") or maker.key == "flask_dramatiq.Dramatiq"

    def broker_method(self, meaning: Meaning) -> str:
        """`enqueue` for that method of a broker; empty for anything else."""
        return meaning.name if isinstance(meaning, Member) and self.is_broker(meaning.of) else ""

    def is_definer(self, meaning: Meaning) -> bool:
        """True for what makes actors out of functions."""
        return meaning.key in _DEFINERS or self.broker_method(meaning) == "actor"

    # -- actors -------------------------------------------------------------------------------------------------------

    def actor(self, meaning: Meaning) -> Actor | None:
        """The actor that a meaning stands for."""
        if isinstance(meaning, Defined):
            return self._of_class(meaning) if self.is_actor_class(meaning) else None
        if isinstance(meaning, Instance) and self.broker_method(meaning.of) == "get_actor":
            given = self.evaluator.arguments(meaning.call).get(0) if meaning.call is not None else None
            return Actor(self.evaluator.text(given)) if isinstance(given, Place) else Actor()
        if isinstance(meaning, Member) and self.broker_method(meaning.of) == "actors":
            return Actor(meaning.name)
        how = made(self.evaluator, meaning)
        if how is None or not self.is_definer(how.definer):
            unmade = isinstance(meaning, Instance) and meaning.call is None and meaning.decorated is None
            # A parameter that is said to be an actor, without saying which, or one of several.
            return Actor() if isinstance(meaning, Instance) and unmade and self.is_definer(meaning.of) else None
        options = {k: v for k, v in how.arguments.items() if isinstance(k, str)}
        own = self._title(how.function.owner) if how.function.owner is not None else how.function.name
        return Actor(self._name(options, own), how.function.job, how.function, options)

    def _title(self, owner: Defined) -> str:
        """What the class of an object that is called says of its name: nothing that could stand in for it otherwise."""
        title = self.evaluator.member(owner, "__name__")
        return title.value if isinstance(title, Known) and isinstance(title.value, str) else ""

    def registered(self, function: Function, call: Place) -> Actor:
        """The actor that a call of what makes actors makes of a function that it is handed on the side."""
        options = {k: v for k, v in self.evaluator.arguments(call).items() if isinstance(k, str) and isinstance(v, Place)}
        return Actor(self._name(options, function.name), function.job, function, options)

    def _name(self, options: Mapping[str, Place], own: str) -> str:
        given = options.get("actor_name")
        if given is None:
            return "" if "**" in options else own
        meaning = self.evaluator.meaning(given)
        return own if isinstance(meaning, Known) and meaning.value is None else self.evaluator.text(given)

    def is_actor_class(self, meaning: Meaning) -> bool:
        """True for a class that derives from `GenericActor`, abstract or not."""
        if meaning.key in _GENERIC:
            return True
        if not isinstance(meaning, Defined) or meaning.place.node.type not in CLASSES:
            return False
        source, node = meaning.place.source, meaning.place.node
        bases = (self.evaluator.of(source, base, meaning.place.frame) for base in base_classes(source, node))
        return any(base.key != meaning.key and self.is_actor_class(base) for base in bases)

    def _of_class(self, meaning: Defined) -> Actor:
        options = self.class_options(meaning)
        own = function_at(self.evaluator, meaning.place)
        # What runs may be of a class above: `class Export(Base)` says but what `Base.perform` calls.
        places = (meaning.place, *(above.place for above in above_all(self.evaluator, meaning.place)))
        bodies = ((p, c) for p in places for c, _ in attribute_candidates(p.source, p.node, "perform") if c.type in FUNCTIONS)
        run = next((Place(place.source, body, place.frame) for place, body in bodies), None)
        function = function_at(self.evaluator, run) if run is not None else None
        return Actor(self._name(options, meaning.name), own.job, function, options, meaning)

    def class_options(self, meaning: Defined, depth: int = 8) -> dict[str, Place]:
        """What the `Meta` of an actor class says; one that has none takes that of the class from which it derives."""
        source, node = meaning.place.source, meaning.place.node
        found = {name: Place(source, value, meaning.place.frame) for name, value in _meta(node)}
        if found or not depth:
            return found
        for base in base_classes(source, node):
            inherited = self.evaluator.of(source, base, meaning.place.frame)
            if isinstance(inherited, Defined) and inherited.key != meaning.key and inherited.place.node.type in CLASSES:
                found |= {k: v for k, v in self.class_options(inherited, depth - 1).items() if k not in ("abstract", "actor_name")}
        return found

    def job_of(self, definition: Meaning) -> str:
        """`module:symbol` of the actor that a function's definition makes."""
        actor = self.actor(definition)
        return actor.job if actor is not None else ""

    # -- messages -----------------------------------------------------------------------------------------------------

    def message(self, meaning: Meaning) -> tuple[Actor, Instance] | None:
        """The actor of a message and the call that made it: `actor.message(…)` or `Message(actor_name=…)`."""
        while isinstance(meaning, Instance) and isinstance(meaning.of, Member) and meaning.of.name in _PASSING:
            meaning = meaning.of.of
        if not isinstance(meaning, Instance):
            return None
        if isinstance(meaning.of, Member) and meaning.of.name in MAKES:
            actor = self.actor(meaning.of.of)
            return (actor, meaning) if actor is not None else None
        if meaning.of.key not in _MESSAGES or meaning.call is None:
            return None
        given = self.evaluator.arguments(meaning.call)
        name = given.get("actor_name", given.get(1))
        return Actor(self.evaluator.text(name) if isinstance(name, Place) else ""), meaning

    def composition(self, meaning: Meaning) -> str:
        """`pipeline` or `group` for one of them; `a | b` of two messages is a pipeline."""
        if not isinstance(meaning, Instance):
            return ""
        if isinstance(meaning.of, Member) and meaning.of.name == "__or__":
            first = meaning.of.of
            return "pipeline" if self.message(first) is not None or self.composition(first) else ""
        return _COMPOSITIONS.get(meaning.of.key, "")


def _meta(node: Node) -> Iterator[tuple[str, Node]]:
    """(name, value) of what the class `Meta` within a class sets."""
    body = child(node, "body")
    for inner in body.named_children if body is not None else ():
        name, statements = child(inner, "name"), child(inner, "body")
        if inner.type != "class_definition" or name is None or name.text != b"Meta" or statements is None:
            continue
        for statement in statements.named_children:
            assignment = statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else None
            left, right = child(assignment, "left"), child(assignment, "right")
            if left is not None and right is not None and left.type == "identifier" and left.text is not None:
                yield left.text.decode(), right
