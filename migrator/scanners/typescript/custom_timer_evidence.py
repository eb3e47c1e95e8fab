"""What makes a timer a job: where it stands, what it is called, and what the functions that it leads to do."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

import msgspec
from tree_sitter import Node

from migrator.regex import regex
from migrator.scanners.files import area_of
from migrator.scanners.linking import Defined
from migrator.scanners.linking.classes import enclosing_class
from migrator.scanners.reading import View
from migrator.scanners.typescript.custom_timer_shapes import Recurring
from migrator.syntax.source import SUFFIXES
from migrator.syntax.tree import FUNCTIONS, callee_of, walk
from migrator.syntax.tree import field as child

#: folders of code that browsers, phones and desktops run, and of what is only run by hand
_CLIENT = frozenset(
    (
        *("components", "hooks", "public", "static", "assets", "client", "frontend", "front-end", "browser", "extension", "ui", "views"),
        *("renderer", "popup", "content", "mobile", "stores", "composables", "web-ui", "webui", "dist", "vendor", "examples", "example"),
        *("scripts", "benchmark", "benchmarks", "e2e", "mocks", "fixtures", "sdk", "playground", "storybook", "electron", "demo", "cli"),
    )
)
#: what is done for as long as somebody is connected
_CONNECTED = regex(r"(^|[/._-])(stream(s|ing)?|sockets?|web-?sockets?|channels?|gateways?|ws|sse)[/._-]", re.IGNORECASE)
_CLIENT_PACKAGE = regex(
    rb"from\s+[\"'](?:react|react-dom|vue|svelte|preact|solid-js|@angular/core|jquery|lit|electron|vscode|react-native|@react-native[\w/-]*|expo|expo-[\w-]+)[\"'/]"
)
_CLIENT_CODE = regex(
    rb"[\"']use client[\"']|\bdocument\.(?:getElement|querySelector|createElement|addEventListener|body)|\bwindow\.(?!location\.origin)\w"
    rb"|\blocalStorage\b|\bchrome\.\w+\.|\bHTMLElement\b|requestAnimationFrame|\bnavigator\.\w|importScripts\(|\bself\.postMessage"
)
#: bytes of which one stands in all of that, imports left out: looking for each is many times as fast
_CLIENT_WORDS = (
    *(b"use client", b"document.", b"window.", b"localStorage", b"chrome.", b"HTMLElement", b"requestAnimationFrame", b"navigator."),
    *(b"importScripts(", b"self.postMessage"),
)
#: rows that are changed: what only reads them fills a cache
_ROWS = regex(
    r"\b(?:prisma|db|knex|pool|sql|tx|trx|em|entityManager|dataSource|supabase|drizzle|\w*[rR]epo(?:sitory)?|\w*Model|collection\([^)]*\)|[A-Z]\w+)"
    r"(?:\.\w+|\([^()]*\))*\s*\.\s*(?:update\w*|delete\w*|insert\w*|upsert\w*|destroy|create\w*|save\w*|remove\w*|\$execute\w*)\s*[(<`]"
)
_SQL = regex(r"[`\"']\s*(?:UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|INSERT\s+INTO\s)", re.IGNORECASE)
_MAIL = regex(r"\.\s*(?:sendMail|sendEmail|sendMessage|sendNotification)\s*\(|\bsend(?:Mail|Email|Notification)s?\s*\(")
_JOB = regex(
    r"cron|job|task|worker|poll|schedul|clean|purge|sweep|sync|process|digest|remind|retention|expir|reap|scan|runner|janitor|outbox|dispatch"
    r"|queue|rotat|refresh|import|export|archiv|monitor|watch|check|update|fetch|collect",
    re.IGNORECASE,
)
_NO_JOB = regex(
    r"heart_?beat|keep_?alive|ping|pong|web_?socket|\bws\b|socket|spinner|animat|debounc|throttl|metric|gauge|telemetry|stats|memory|heap|flush"
    r"|token|session|presence|typing|lease|lock|renew|extend|progress|reconnect|countdown|cache|rate_?limit|health|log(?:ger|s)?$|wait_?for|until"
    r"|ready|timeout|stream|buffer|typing|drain|shutdown|abort",
    re.IGNORECASE,
)
_LAYERS = 3
_Bytes = tuple[str, int, int]


class Work(msgspec.Struct, frozen=True):
    """What a timer leads to: the bytes of its functions, and signs of a job's work, the strongest first."""

    reached: tuple[_Bytes, ...]
    signs: tuple[str, ...]
    #: calls of methods of the class itself that nothing defines here
    calls: tuple[str, ...]


def of_programs(paths: Iterable[str]) -> Iterator[str]:
    """Of these files those in which timers are looked for: JavaScript and TypeScript without markup, no tests and no examples."""
    no_code = (".py", ".pyi", ".tsx", ".jsx", ".d.ts")
    return (p for p in paths if p.endswith(tuple(SUFFIXES)) and not p.endswith(no_code) and not area_of(p))


def is_server(path: str, data: bytes) -> bool:
    """True unless a file looks like code of a browser or a phone, or like a script that is run by hand."""
    parts = {part.lower() for part in path.split("/")[:-1]}
    named_so = path.endswith(".min.js") or _CONNECTED.search(path)
    if named_so or not parts.isdisjoint(_CLIENT) or _CLIENT_PACKAGE.search(data):
        return False
    return not (any(word in data for word in _CLIENT_WORDS) and _CLIENT_CODE.search(data))


def work_of(view: View, timer: Recurring, enqueues: set[tuple[str, int]]) -> Work:
    """Follow what a timer runs through the functions of the tree."""
    reached: list[_Bytes] = []
    texts: list[str] = []
    calls: list[str] = []
    waiting, seen = [(timer.callback, 0)], set[int]()
    while waiting:
        place, layer = waiting.pop()
        if place.node.id in seen:
            continue
        seen.add(place.node.id)
        reached.append((place.source.path, place.node.start_byte, place.node.end_byte))
        texts.append(place.text)
        for call in walk(place.node, ("call_expression",)) if layer < _LAYERS else ():
            callee = callee_of(call)
            owner, name = child(callee, "object"), child(callee, "property")
            meaning = view.evaluator.of(place.source, callee, place.frame) if callee is not None else None
            if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
                waiting.append((meaning.place, layer + 1))
            elif owner is not None and name is not None and owner.type == "this" and place.source is view.source:
                calls.append(place.source.text(name))
    text = "\n".join(texts)
    signs: list[str] = []
    if any(path == p and start <= at < end for p, at in enqueues for path, start, end in reached):
        signs.append("puts jobs on their way")
    if _ROWS.search(text) or _SQL.search(text):
        signs.append("works on rows of a database")
    if _MAIL.search(text):
        signs.append("sends messages")
    return Work(tuple(reached), tuple(signs), tuple(calls))


def says_job(name: str, path: str) -> bool:
    """True if what the timer runs, or its file, is called like a job."""
    return bool(_JOB.search(name) or _JOB.search(posixpath.splitext(posixpath.basename(path))[0]))


def says_no_job(name: str, work: Work) -> bool:
    """True if what the timer runs is called like something that keeps the process itself going."""
    return bool(_NO_JOB.search(name)) and work.signs[0] != "puts jobs on their way"


def abstract_method(view: View, timer: Recurring, work: Work) -> Node | None:
    """The abstract class of which the timer runs a method that is left to the classes that derive from it."""
    owner = enclosing_class(timer.at)
    body = child(owner, "body") if owner is not None and owner.type == "abstract_class_declaration" else None
    for member in body.named_children if body is not None else ():
        name = child(member, "name")
        if member.type == "abstract_method_signature" and name is not None and view.source.text(name) in work.calls:
            return owner
    return None
