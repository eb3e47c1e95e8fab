"""Who may call a route: what on the way to a job asks the caller for a secret, a signature or a session."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

import msgspec
from tree_sitter import Node

from migrator.jobs import Job
from migrator.jobs.findings import Spot
from migrator.jobs.redaction import redact_text
from migrator.regex import regex
from migrator.rules.evidence import Evidence
from migrator.scanners.linking import Defined, External, Meaning, Place, Unknown
from migrator.scanners.reading import View
from migrator.syntax.tree import CLASSES, FUNCTIONS, ancestors, callee_of, contains, walk

#: what reads who is calling out of a request
_READS = regex(
    rb"""headers?(?:\(\))?\)?\s*(?:\?\.)?(?:\.get|\.header|\[|\.|\()\s*\(?\s*["'`]?"""
    rb"""(?:authorization|x-[\w-]*(?:secret|token|key|sig|auth|cron)[\w-]*+|[\w-]*-signature|svix-\w+)["'`\])]*+(?!\s*=[^=])"""
    rb"""|HTTP_(?:AUTHORIZATION|X_\w*(?:SECRET|TOKEN|KEY|SIGNATURE|CRON)\w*)"""
    # a name alone may be that of a secret which is sent on; one that is compared is asked for
    rb"""|[!=]==?[^\n;]*\b\w*SECRET\w*|\b\w*SECRET\w*\b[^\n;]*[!=]==?|\b[cC]ronSecret\b[^\n;]*[!=]==?|[!=]==?[^\n;]*\b[cC]ronSecret\b""",
    re.IGNORECASE,
)
#: what a route reads out of its own address
_QUERY = regex(rb"""(?:searchParams|query|args)\)?(?:\.get\(|\.|\[)\s*["'`]?\w*(?:secret|token|key|auth)""", re.IGNORECASE)
#: names of functions that let nobody through but those who may
_ASKS = regex(
    r"^(?!\w*(?:Error|Exception|Headers?)$)(?:auth|authenticate\w*|authori[sz]e\w*|timingSafeEqual|compare_digest|constructEvent(?:Async)?|unauthorized|forbidden|basicAuth|bearerAuth"
    r"|get_?(?:server_?)?(?:session|auth|current_?user)\w*|get_?(?:user|token|claims|identity)|current_?user\w*"
    r"|(?:require|with|ensure|assert|has|is|check|verify|validate|protect|guard|only|needs?)_?\w*"
    r"(?:auth|user|admin|session|login|logged|signature|secret|token|cron|permission|access|webhook|role|workspace|internal|hmac)\w*"
    r"|verify|protect|guard|verify_?(?:request|key|api_?key)\w*|\w*guard"
    r"|login_required|permission_required|staff_member_required|permission_classes|\w+Required)$",
    re.IGNORECASE,
)
_MIDDLEWARE = regex(r"^(?:src/)?(?:middleware|proxy)\.(?:ts|js|mts|mjs)$")
#: a matcher that leaves routes of the API alone
_NOT_API = regex(rb"""\(\?!(?:[^)]*[|(])?/?api(?:[|/)\\]|$)""")


class Door(msgspec.Struct, frozen=True):
    """`guard`: what asks; `doubt`: why it cannot be told whether anything does. Neither: everybody may call."""

    guard: Spot | None = None
    doubt: str = ""


def door(evidence: Evidence, job: Job) -> Door:
    """What stands between the network and the route that a job is."""
    found = evidence.handler(job)
    if found is None:
        return Door(doubt="the code of the route was not found")
    inside, function = found
    statement = evidence.node(job.location.path, job.definition) if job.definition is not None else None
    # Behind a wrapper of the project, the function that is called first is the wrapper's own, and stands elsewhere.
    view, around = (evidence.bodies.view(job.location.path), statement) if statement is not None else (inside, function)
    for at, node in ((view, around), (inside, function), *((inside, c) for c in _classes(function))):
        code = evidence.code(at.source.path)
        match = _READS.search(code, node.start_byte, node.end_byte) or _QUERY.search(code, node.start_byte, node.end_byte)
        if match is not None:
            line = code.count(b"\n", 0, match.start()) + 1
            return Door(Spot(at.source.path, line, f"looks at `{' '.join(match[0].decode('utf-8', 'replace').split())}`"))
    doubt = ""
    for at, callee, meaning in _on_the_way(evidence, (view, around), (inside, function)):
        written = " ".join(at.source.text(callee).split())
        name, own = written.rpartition(".")[2], isinstance(meaning, Defined) or _is_lost(meaning)
        # What a wrapper of the project is called says little: it is followed to what it does.
        asks = _ASKS.match(name) and not (own and name.startswith(("with", "handle")))
        if asks or (isinstance(meaning, Defined) and _reads(evidence, meaning.place)):
            return Door(Spot(at.source.path, callee.start_point.row + 1, f"asks with `{written}`"))
        if _is_lost(meaning) and not doubt:
            doubt = f"`{written}` could not be followed"
    decorated = _decorators(view, around) or _decorators(inside, function)
    if decorated is not None:
        return Door(decorated)
    return Door(doubt=doubt or _in_front(evidence, view))


def _on_the_way(evidence: Evidence, outer: tuple[View, Node], inner: tuple[View, Node]) -> Iterator[tuple[View, Node, Meaning]]:
    """What wraps the handler, what the handler calls, and what its wrappers call: where, what is called, and what that is."""
    (view, around), (inside, function) = outer, inner
    within = inside.source.path == view.source.path
    wrappers: list[Defined] = []
    for call in walk(around, ("call", "call_expression")):
        callee = callee_of(call) if not (within and contains(function, call)) else None
        if callee is None:
            continue
        meaning = view.evaluator.of(view.source, callee)
        yield view, callee, meaning
        if isinstance(meaning, Defined) and meaning.place.node.type in FUNCTIONS:
            wrappers.append(meaning)
    yield from ((c.view, c.callee, c.meaning) for c in evidence.bodies.calls(inside, function))
    for wrapper in wrappers:
        calls = evidence.bodies.calls(evidence.bodies.view(wrapper.place.source.path), wrapper.place.node)
        yield from ((c.view, c.callee, c.meaning) for c in calls)


def _reads(evidence: Evidence, function: Place) -> bool:
    return _READS.search(evidence.code(function.source.path), function.node.start_byte, function.node.end_byte) is not None


def _is_lost(meaning: Meaning) -> bool:
    """True for a function of the project that was not found: an import that leads nowhere."""
    if isinstance(meaning, External):
        return meaning.path[0].startswith(("@/", "~", ".", "#", "$"))
    return isinstance(meaning, Unknown) and "export" in meaning.why


def _classes(function: Node) -> Iterator[Node]:
    """The class around a method: what guards it may stand there."""
    yield from (a for a in ancestors(function) if a.type in CLASSES)


def _decorators(view: View, node: Node) -> Spot | None:
    """A decorator of the function, or of the class around it, that asks."""
    for holder in (node, *(a for a in ancestors(node) if a.type in ("decorated_definition", *CLASSES, "export_statement"))):
        for decorator in (c for c in holder.children if c.type == "decorator"):
            words = re.findall(r"\w+", view.source.text(decorator))
            if any(_ASKS.match(word) or word in ("Depends", "Security", "UseGuards", "dependencies") for word in words):
                return Spot(view.source.path, decorator.start_point.row + 1, f"`{redact_text(view.source.text(decorator))[:60]}`")
    return None


def _in_front(evidence: Evidence, view: View) -> str:
    """What may ask before the route is reached at all; empty if nothing was found."""
    folder = posixpath.dirname(view.source.path)
    while True:
        below = [p for p in evidence.tree.sizes if p.startswith(f"{folder}/" if folder else "") and p.count("/") <= folder.count("/") + 2]
        for path in below if f"{folder}/package.json".lstrip("/") in evidence.tree else ():
            relative = path[len(folder) + 1 :] if folder else path
            if _MIDDLEWARE.match(relative):
                data = evidence.tree.read(path)
                return "" if _NOT_API.search(data) else f"{path} may ask before the route does"
        if not folder:
            break
        folder = posixpath.dirname(folder)
    if view.source.is_python:
        return (
            "what stands in front of the application may ask"
            if evidence.containing(b"MIDDLEWARE", b"add_middleware", b"before_request")
            else ""
        )
    # Routes that code makes: what the application uses for all of them.
    used = view.source.data
    return "what the application uses for all routes may ask" if re.search(rb"\.(?:use|addHook|onRequest)\(", used) else ""
