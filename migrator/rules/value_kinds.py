"""What a value of a payload is, where the code tells: a moment, a set, bytes, a row of a database, and so on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from migrator.jobs.redaction import redact_text
from migrator.regex import regex
from migrator.rules.payloads import Given
from migrator.scanners.linking import Defined, Instance, Meaning, Place
from migrator.scanners.linking.classes import base_classes
from migrator.scanners.reading import View
from migrator.syntax.tree import CLASSES, FUNCTIONS, field
from migrator.systems.payload import ValueKind

_KEYS: tuple[tuple[ValueKind, re.Pattern[str]], ...] = (
    (
        "date",
        regex(
            r"globalThis\.Date\(\)|datetime\.(?:datetime|date)(?:\.(?:now|utcnow|today|fromtimestamp|fromisoformat|strptime|combine))?\(\)"
            r"|django\.utils\.timezone\.(?:now|localtime)\(\)"
        ),
    ),
    ("duration", regex(r"datetime\.timedelta\(\)")),
    ("map", regex(r"globalThis\.(?:Weak)?Map\(\)")),
    ("set", regex(r"globalThis\.(?:Weak)?Set\(\)|builtins\.(?:frozen)?set\(\)")),
    ("bigint", regex(r"globalThis\.BigInt\(\)")),
    (
        "bytes",
        regex(
            r"globalThis\.Buffer(?:\.(?:from|alloc|concat))?\(\)|globalThis\.Uint8Array\(\)|builtins\.bytes\(\)|io\.BytesIO\(\)\.getvalue\(\)"
        ),
    ),
    ("decimal", regex(r"decimal\.Decimal\(\)")),
    ("uuid", regex(r"uuid\.(?:uuid[1-7]|UUID)\(\)")),
    (
        "request",
        regex(
            r"django\.http\.(?:request\.)?HttpRequest\(\)|rest_framework\.request\.Request\(\)|(?:fastapi|starlette\.requests)\.Request\(\)|flask\.request"
        ),
    ),
    (
        "record",
        regex(
            r".*:\w+\.objects\.(?:.*\.)?(?:get|create|first|last|latest|earliest|all|filter|exclude)\(\)"
            r"|sqlalchemy\b.*Session\(\)\.(?:get|query\(\).*\.(?:get|first|one|one_or_none|all))\(\)"
            r"|@prisma/client\.PrismaClient\(\)\.\w+\.(?:find(?:Unique|First)(?:OrThrow)?|findMany|create|update|upsert)\(\)"
            r"|mongoose\b.*\.(?:findById|findOne|create|findByIdAndUpdate|findOneAndUpdate)\(\)"
            r"|typeorm\b.*Repository\(\)\.(?:findOne\w*|find|save|create)\(\)"
        ),
    ),
)
_MODELS = regex(
    r"django\.db\.models\.|sqlalchemy|flask_sqlalchemy|sqlmodel\.|peewee\.|mongoengine\.|typeorm\.|objection\.|sequelize|mongoose\.|tortoise\."
)
#: bases that make a class a text or a number
_PLAIN = regex(
    r"builtins\.(?:str|int|float|dict|list|bool)|enum\.|typing\.(?:TypedDict|NamedTuple)|typing_extensions\.TypedDict|django\.db\.models\.(?:\w+Choices|enums\.)"
)
_CALLED = ("call", "call_expression", "new_expression")


def kind_of(value: Given) -> ValueKind | None:
    """What a value is; None for what is plain, and for what cannot be told."""
    node, view = value.place.node, value.view
    if node.type in ("set", "set_comprehension"):
        return "set"
    if node.type in FUNCTIONS:
        return "function"
    text = value.place.text
    if node.type == "number" and text.endswith("n"):
        return "bigint"
    if node.type == "string" and re.match(r"[rR]?[bB]['\"]", text):
        return "bytes"
    meaning = view.evaluator.meaning(value.place)
    kind: ValueKind | None = next((kind for kind, pattern in _KEYS if pattern.fullmatch(meaning.key)), None)
    if kind == "record" and _asks_for_fields(view, meaning):
        return None
    if kind is not None:
        return kind
    return _of_class(view, meaning) if isinstance(meaning, Instance) else None


def _asks_for_fields(view: View, meaning: Meaning) -> bool:
    """True for a query that says which fields it wants."""
    call = meaning.call if isinstance(meaning, Instance) else None
    given = view.evaluator.arguments(call).get(0) if call is not None else None
    return isinstance(given, Place) and "select" in view.evaluator.entries(given)


def _of_class(view: View, meaning: Instance) -> ValueKind | None:
    owner = meaning.of
    if not isinstance(owner, Defined) or owner.place.node.type not in CLASSES or meaning.decorated is not None:
        return None
    bases = set(_bases(view, owner.place, 4))
    if any(_MODELS.match(base) for base in bases if not _PLAIN.match(base)):
        return "record"
    if any(_PLAIN.match(base) for base in bases):
        return None
    # What a type says is not made by it: constants and objects of any origin have types, too.
    return "instance" if meaning.call is not None and meaning.call.node.type in _CALLED else None


def _bases(view: View, place: Place, depth: int) -> Iterator[str]:
    """Keys of the classes that a class is made from, those of the project followed upwards."""
    for node in base_classes(place.source, place.node):
        meaning = view.evaluator.meaning(Place(place.source, node))
        yield meaning.key
        if isinstance(meaning, Defined) and depth:
            yield from _bases(view, meaning.place, depth - 1)
        elif isinstance(meaning, Instance):
            yield meaning.of.key


def text_of(node: Node) -> str:
    """What is handed over, as a finding says it: on one line, forty characters at most."""
    # Masked before it is cut: half an address no longer shows what in it is a password.
    text = redact_text(" ".join((node.text or b"").decode("utf-8", "replace").split()))
    return text if len(text) <= 40 else f"{text[:39]}…"


def is_owner(node: Node) -> bool:
    """True for `self` and `this`, which are what the method is called on."""
    return node.type == "this" or (node.type == "identifier" and node.text == b"self" and field(node.parent, "object") != node)
