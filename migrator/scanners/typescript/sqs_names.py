"""What names a queue or a function of AWS in TypeScript and JavaScript: its own name, or that of the setting that holds its address."""

from __future__ import annotations

from migrator.jobs import Expression, Literal, Value
from migrator.regex import regex
from migrator.scanners.aws.queue_names import is_of_module, says_nothing
from migrator.scanners.by_name import depends_on_parameter
from migrator.scanners.linking import Instance, Place
from migrator.scanners.reading import View
from migrator.syntax.tree import callee_of, field, walk

_ADDRESS = regex(r"^(https?://|arn:)")
_ENVIRONMENT = regex(r"""(?:process|import\.meta)\.env(?:\.|\[["'])(\w+)""")
_WORD = regex(r"[A-Za-z_$][\w./:${}-]*")
#: what makes one text of another: their arguments name nothing
_OF_TEXTS = frozenset(("replace", "replaceAll", "join", "trim", "toString", "toLowerCase", "toUpperCase", "split", "slice", "substring"))
_HOLE = regex(r"\$\{[^}]*\}|\W")
#: letters that a part of a text must have to name a queue
_SHORTEST = 3
_NAMES = ("identifier", "shorthand_property_identifier")
_AROUND = ("await_expression", "parenthesized_expression", "non_null_expression", "as_expression")
#: how many names that stand for one another are followed
_DEPTH = 6


def queue_name(view: View, place: Place | None) -> tuple[str, Value | None]:
    """(name, value) of what names a queue; no name where it depends on who calls the function around it."""
    if place is None:
        return "", None
    text = view.evaluator.text(place)
    if text:
        return text.rsplit(":", 1)[-1].rsplit("/", 1)[-1] if _ADDRESS.match(text) else text, Literal(text)
    written = _written(view, place)
    asked = _asked_for(view, written)
    origin = view.evaluator.origin(place)
    name = queue_name(view, asked)[0] if asked is not None else _name(view, written) or _of_module(view, origin)
    return name, Expression(origin.text)


def _written(view: View, place: Place) -> Place:
    """The expression that a value goes back to: through parameters whose arguments are known, and through constants."""
    for _ in range(_DEPTH):
        place = view.evaluator.origin(place)
        node = place.node
        while node.type in _AROUND and node.named_children:
            node = node.named_children[0]
        place = Place(place.source, node, place.frame)
        bound = view.project.bindings(place.source.path).lookup(place.text, node) if node.type in _NAMES else []
        value = bound[0].value if bound and bound[0].kind == "value" and not bound[0].path else None
        if value is None:
            break
        place = Place(place.source, value, place.frame)
    return place


def _asked_for(view: View, place: Place) -> Place | None:
    """The name behind an address that SQS is asked for: `QueueUrl` of `new GetQueueUrlCommand({ QueueName })` or `getQueueUrl({ … })`."""
    name = field(place.node, "object") if place.node.type == "member_expression" else place.node
    bound = (
        view.project.bindings(place.source.path).lookup(place.source.text(name), name) if name is not None and name.type in _NAMES else []
    )
    value = bound[0].value if bound and bound[0].kind == "value" else None
    for node in walk(value, ("new_expression", "call_expression")) if value is not None else ():
        callee = callee_of(node)
        if callee is not None and place.source.text(callee).endswith(("GetQueueUrlCommand", "getQueueUrl")):
            given = view.evaluator.arguments(Place(place.source, node, place.frame)).get(0)
            return view.evaluator.entries(given).get("QueueName") if isinstance(given, Place) else None
    return None


def _name(view: View, place: Place) -> str:
    if place.node.type == "template_string" and (filled := _filled(view, place).rpartition("/")[2]):
        # A setting is but a part of it.
        return filled
    meaning = view.evaluator.meaning(place)
    found = _ENVIRONMENT.search(meaning.key) or _ENVIRONMENT.search(place.text)
    if found is not None:
        return found[1]
    call = meaning.call if isinstance(meaning, Instance) and meaning.call is not None else place
    method = field(callee_of(call.node), "property") if call.node.type == "call_expression" else None
    of_texts = method is not None and call.source.text(method) in _OF_TEXTS
    if call.node.type == "call_expression":
        # `config.get("MAIL_QUEUE")`, `await this.urlOf("mail")`.
        given = [p for argument in view.evaluator.arguments(call).values() if isinstance(argument, Place) for p in _named(view, argument)]
        text = (
            next((text for p in given if _WORD.fullmatch(text := view.evaluator.text(p) or _filled(view, p))), "") if not of_texts else ""
        )
        if text or any(depends_on_parameter(view.evaluator.meaning(p)) for p in given):
            return text
    return "" if place.node.type == "template_string" or depends_on_parameter(meaning) else _own_name(view, place)


def _named(view: View, argument: Place) -> list[Place]:
    """An argument, or of an object the entry that says which queue: `{ queue: "mail" }`."""
    entries = view.evaluator.entries(argument)
    return [place for key, place in entries.items() if "queue" in key.lower()] if entries else [argument]


def _filled(view: View, place: Place, depth: int = _DEPTH) -> str:
    """A template with what is known of its holes: `mails-${stage}` names a queue well enough, `${name}` alone does not."""
    place = _written(view, place)
    if place.node.type != "template_string" or not depth:
        return view.evaluator.text(place)
    text = place.text.strip("`")
    for hole in (c for c in place.node.named_children if c.type == "template_substitution" and c.named_children):
        inner = Place(place.source, hole.named_children[0], place.frame)
        text = text.replace(place.source.text(hole), _filled(view, inner, depth - 1) or place.source.text(hole))
    return text if len(_HOLE.sub("", text.rpartition("/")[2])) >= _SHORTEST else ""


def _own_name(view: View, place: Place) -> str:
    """The name that the project has for a value that it keeps in one place: `config.mailQueueUrl`, `MAIL_QUEUE` of the module."""
    if place.node.type == "member_expression":
        owner, name = field(place.node, "object"), field(place.node, "property")
        # What an object was made with, its maker knows; `queueUrl` of what a function is handed, its caller; of a row, only the run.
        if name is None or owner is None or owner.type == "this":
            return ""
        own = place.source.text(name)
        return own if not says_nothing(own) or is_of_module(view, place.source, owner) else ""
    index = field(place.node, "index")
    if index is not None:
        return view.evaluator.text(Place(place.source, index, place.frame))
    return _of_module(view, place)


def _of_module(view: View, place: Place) -> str:
    """The name that a module has for a value, whatever that is."""
    return place.text if place.node.type in _NAMES and is_of_module(view, place.source, place.node) else ""
