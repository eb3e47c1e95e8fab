"""AWS's clients in Python code: which service one is for, and which queue or function a call names."""

from __future__ import annotations

from migrator.jobs import Expression, Literal, Value
from migrator.regex import regex
from migrator.scanners.aws.queue_names import is_of_module, says_nothing
from migrator.scanners.by_name import depends_on_parameter
from migrator.scanners.linking import Evaluator, Instance, Meaning, Member, Place
from migrator.scanners.reading import Call, View
from migrator.syntax.tree import field as child

#: the packages that make clients, and those that only say what they are
SDKS = ("boto3", "aioboto3", "aiobotocore", "botocore")
TYPES = ("mypy_boto3_sqs", "types_aiobotocore_sqs", "types_boto3_sqs")
_MAKERS = regex(r"(?:^|\.)(client|resource|create_client)\(\)$")
_QUEUE = regex(r"^(https?://|arn:)")
_HOLE = regex(r"\{[^}]*\}|\W")
#: letters that a part of a text must have to name a queue
_SHORTEST = 3
_WORD = regex(r"[A-Za-z_][\w./:-]*")
#: what makes one text of another: their arguments name nothing
_OF_TEXTS = frozenset(
    ("format", "replace", "join", "strip", "rstrip", "lstrip", "lower", "upper", "split", "rsplit", "partition", "rpartition")
)
_ENVIRONMENT = regex(r"""environ(?:\[|\.get\()\s*["'](\w+)|getenv\(\s*["'](\w+)|environ\.(?!get\b)(\w+)|\bconfig\(\s*["'](\w+)""")
#: what a resource of SQS makes queues with -> the argument that names the queue
_QUEUES = {"Queue": "url", "get_queue_by_name": "QueueName", "create_queue": "QueueName"}


def service(evaluator: Evaluator, meaning: Meaning | None) -> str:
    """The service of the client that a meaning is or hangs on: `sqs`; empty where that cannot be told."""
    while isinstance(meaning, Member | Instance):
        if isinstance(meaning, Instance) and meaning.call is not None and _MAKERS.search(meaning.key):
            given = evaluator.arguments(meaning.call)
            place = given.get("service_name", given.get(0))
            return evaluator.text(place) if isinstance(place, Place) else ""
        meaning = meaning.of
    return "sqs" if meaning is not None and meaning.key.split(".")[0] in TYPES else ""


def is_new(call: Call) -> bool:
    """True for the call that makes a client or a resource."""
    return _MAKERS.search(f"{call.key}()") is not None


def queue_of(call: Call) -> tuple[str, Value | None]:
    """(name, value) of the queue that a call goes to: its `QueueUrl`, or what the queue that it is called on was made with."""
    if "QueueUrl" in call.arguments:
        return named(call.view, call.arguments["QueueUrl"])
    made = call.receiver
    while isinstance(made, Member | Instance):
        maker = made.of if isinstance(made, Instance) else None
        if isinstance(made, Instance) and isinstance(maker, Member) and maker.name in _QUEUES and made.call is not None:
            given = call.view.evaluator.arguments(made.call)
            place = given.get(_QUEUES[maker.name], given.get(0))
            return named(call.view, place if isinstance(place, Place) else None)
        made = made.of
    return "", None


def named(view: View, place: Place | None) -> tuple[str, Value | None]:
    """(name, value) of what names a queue: its own name, or that of the setting that holds it; empty where neither can be told."""
    if place is None:
        return "", None
    text = view.evaluator.text(place)
    if text:
        return text.rsplit(":", 1)[-1].rsplit("/", 1)[-1] if _QUEUE.match(text) else text, Literal(text)
    origin = view.evaluator.origin(place)
    return _setting(view, origin), Expression(origin.text)


def _setting(view: View, place: Place) -> str:
    meaning = view.evaluator.meaning(place)
    made = meaning.call.text if isinstance(meaning, Instance) and meaning.call is not None else ""
    found = next((m for text in (f"{meaning.key} ", made, place.text) if (m := _ENVIRONMENT.search(text)) is not None), None)
    if found is not None:
        return next(group for group in found.groups() if group)
    answer = meaning.of if isinstance(meaning, Member) and meaning.name == "QueueUrl" else meaning
    if isinstance(answer, Instance) and isinstance(answer.of, Member) and answer.of.name == "get_queue_url":
        return _asked_for(view, answer)
    call = meaning.call if isinstance(meaning, Instance) else _call_of(view, place)
    attribute = child(call.node, "function", "attribute") if call is not None and call.node.type == "call" else None
    of_texts = attribute is not None and attribute.text is not None and attribute.text.decode() in _OF_TEXTS
    if call is not None and call.node.type == "call":
        # `settings.get("MAIL_QUEUE")`, `self.url_of("mail")`.
        given = [p for key, p in view.evaluator.arguments(call).items() if isinstance(p, Place) and key not in ("*", "**")]
        text = next((text for p in given if _WORD.fullmatch(text := view.evaluator.text(p))), "") if not of_texts else ""
        if text or any(depends_on_parameter(view.evaluator.meaning(p)) for p in given):
            return text
    if place.node.type == "string":
        # f"mails-{stage}": what is written names the queue well enough; f"{name}" alone does not.
        last = place.text.lstrip("fFrR").strip("'\"").rpartition("/")[2]
        return last if len(_HOLE.sub("", last)) >= _SHORTEST else ""
    if depends_on_parameter(meaning):
        return ""
    if place.node.type == "attribute":
        owner, name = child(place.node, "object"), child(place.node, "attribute")
        if name is None or owner is None or owner.text in (b"self", b"cls"):
            # What an object was made with, its maker knows.
            return ""
        own = place.source.text(name)
        # `row.url` of what only the run knows may be any queue's.
        return own if not says_nothing(own) or is_of_module(view, place.source, owner) else ""
    if place.node.type == "identifier":
        # What a function keeps in a variable has a name for that function alone.
        return place.text if is_of_module(view, place.source, place.node) else _kept_there(view, place)
    # `sqs.get_queue_url(QueueName="mail")["QueueUrl"]`, `settings["mail_queue"]`.
    index = child(place.node, "subscript")
    key = view.evaluator.text(Place(place.source, index, place.frame)) if index is not None else ""
    if key and key != "QueueUrl":
        return key
    inner = child(place.node, "value") if place.node.type == "subscript" else None
    return _setting(view, Place(place.source, inner, place.frame)) if inner is not None else ""


def _kept_there(view: View, place: Place) -> str:
    """What names the queue whose address a function keeps in a variable that is given once."""
    bound = view.project.bindings(place.source.path).lookup(place.text, place.node)
    only = bound[0] if len(bound) == 1 and bound[0].kind == "value" and not bound[0].path else None
    value = only.value if only is not None else None
    return _setting(view, Place(place.source, value, place.frame)) if value is not None and value.id != place.node.id else ""


def _call_of(view: View, place: Place) -> Place | None:
    """The call whose answer a value is, by whatever name it goes."""
    node = place.node
    if node.type == "identifier":
        bound = view.project.bindings(place.source.path).lookup(place.text, node)
        node = bound[0].value if bound and bound[0].kind == "value" and bound[0].value is not None else node
    while node.type in ("await", "parenthesized_expression") and node.named_children:
        node = node.named_children[0]
    return Place(place.source, node, place.frame) if node.type == "call" else None


def _asked_for(view: View, answer: Instance) -> str:
    given = view.evaluator.arguments(answer.call).get("QueueName") if answer.call is not None else None
    return named(view, given)[0] if isinstance(given, Place) else ""
