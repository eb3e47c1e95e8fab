"""What a run of a job does to the world: the gravest of the calls in its body, which are known by their package and last name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from migrator.jobs import Job, ReasonKind
from migrator.jobs.findings import Spot
from migrator.planning.weights import SIDE_EFFECTS, SideEffect
from migrator.regex import regex
from migrator.rules.database_calls import queries
from migrator.rules.effects import effect
from migrator.rules.evidence import Evidence
from migrator.scanners.bodies import Reached
from migrator.scanners.candidates.slow_calls import kind_of

#: packages that move money, by the first part of their name
_MONEY = frozenset(
    ("stripe", "@stripe", "braintree", "adyen", "@adyen", "mollie", "@mollie", "paypalrestsdk", "@paypal", "square", "plaid")
)
#: packages whose calls reach a person
_MESSAGES = frozenset(
    (
        *("twilio", "web-push", "pywebpush", "firebase-admin", "firebase_admin", "@slack", "slack_sdk", "discord", "discord.js"),
        *("telegram", "telegraf", "expo-server-sdk", "onesignal", "pusher"),
    )
)
#: what only asks
_ASKING = frozenset(("retrieve", "list", "get", "head"))
#: calls that write files
_FILES = regex(
    r"(?:os|shutil|pathlib\.Path\(\).*)\.(?:write|write_text|write_bytes|unlink|rmtree|copy|copyfile|move|rename|replace|remove)"
    r"|(?:node:)?fs(?:/promises)?(?:\.promises|\.default)?\.(?:write|append|rm|unlink|rename|copy)\w*"
)
_BY_KIND: Mapping[ReasonKind, SideEffect] = {
    "mail": "message",
    "service": "external write",
    "model": "external write",
    "program": "internal write",
    "bulk": "internal write",
}


def side_effect(evidence: Evidence, job: Job) -> tuple[SideEffect, Spot] | None:
    """The gravest thing that a job's body is seen to do, with the place; None where nothing is seen, which is not the same as nothing."""
    seen = list(_seen(evidence, job))
    if not seen:
        return None
    gravest, call = max(seen, key=lambda found: SIDE_EFFECTS[found[0]])
    return gravest, Spot(call.view.source.path, call.node.start_point.row + 1, f"`{call.written}`")


def _seen(evidence: Evidence, job: Job) -> Iterator[tuple[SideEffect, Reached]]:
    for call in evidence.calls(job):
        found = effect_of(call.meaning.key, in_loop=call.in_loop) or ("internal write" if effect(call) else None)
        if found is not None:
            yield found, call
    for query in queries(evidence, job):
        if query.doing in ("adds", "changes", "removes"):
            yield "internal write", query.call


def effect_of(key: str, *, in_loop: bool = False) -> SideEffect | None:
    """What the call of `key` (as `scanners.linking` names it) does; None if nothing that we know.

    >>> effect_of("stripe.Stripe().charges.create"), effect_of("stripe.Stripe().charges.list"), effect_of("os.write")
    ('money', None, 'internal write')
    >>> effect_of("nodemailer.createTransport().sendMail"), effect_of("requests.get"), effect_of("lodash.update")
    ('message', None, None)
    """
    package, name = key.split("/")[0].split(".")[0], key.rpartition(".")[2].removesuffix("()")
    if name in _ASKING:
        return None
    kind = kind_of(key, in_loop=in_loop)
    if package in _MONEY:
        return "money" if kind is not None or package != "stripe" else None
    if kind is not None and package in _MESSAGES:
        return "message"
    if kind is not None and kind in _BY_KIND:
        return _BY_KIND[kind]
    return "internal write" if _FILES.fullmatch(key) else None
