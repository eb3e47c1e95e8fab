"""What an application's settings say of Celery: each by its present name, the broker, and when that hands a task out anew."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Client, Expression, Literal, Setting, Value, literal_of
from migrator.regex import regex
from migrator.rules.evidence import Evidence, number
from migrator.systems.celery import BROKERS, VISIBILITY_TIMEOUTS

_ADDRESSES = frozenset(("broker_url", "broker_write_url"))
_SCHEME = regex(r"\b([a-z]+)(?:\+\w+)?://")
_TIMEOUT = regex(r"""visibility_timeout["']?\s*[:=]\s*(\d+(?:\s*\*\s*\d+)*)""")


def named(evidence: Evidence, *keys: str) -> Iterator[Setting]:
    """The settings of these present names, however they are spelt, where a value is written."""
    yield from (s for s in evidence.of(Setting, "celery") if key(s) in keys and s.value is not None)


def settings_away(evidence: Evidence) -> Setting | None:
    """The call that takes the settings from somewhere, if nothing that is set was found there."""
    settings = evidence.of(Setting, "celery")
    called = next((s for s in settings if s.name in ("config_from_object", "config_from_envvar")), None)
    return called if called is not None and not any("key" in s.options for s in settings) else None


def key(setting: Setting) -> str:
    """The present name of a setting, as its reader knows it: `task_always_eager` for `CELERY_ALWAYS_EAGER`; else its own."""
    known = literal_of(setting.options.get("key"))
    return known if isinstance(known, str) else setting.name


def broker(evidence: Evidence) -> str:
    """`redis`, `sqs`, `amqp` or another of `BROKERS`; empty if that cannot be told."""
    values = [s.value for s in named(evidence, *_ADDRESSES)]
    values += [c.options.get("broker") for c in evidence.of(Client, "celery")]
    said = {_kind(value) for value in values if value is not None}
    return said.pop() if len(said) == 1 else ""


def _kind(value: Value) -> str:
    text = value.source if isinstance(value, Expression) else str(literal_of(value))
    kinds = {BROKERS.get(scheme, "") for scheme in _SCHEME.findall(text)}
    return kinds.pop() if len(kinds) == 1 else ""


def visibility_timeout(evidence: Evidence, kind: str) -> float | None:
    """Seconds after which a broker of this kind hands out anew what nobody has confirmed; None where the code does not say."""
    for setting in named(evidence, "broker_transport_options"):
        known = literal_of(setting.value)
        if isinstance(known, dict):
            if "visibility_timeout" in known:
                return number(Literal(known["visibility_timeout"]))
            continue
        source = setting.value.source if isinstance(setting.value, Expression) else ""
        if (written := _TIMEOUT.search(source)) is not None:
            seconds = 1
            for factor in written[1].split("*"):
                seconds *= int(factor)
            return seconds
        if not source.startswith("{") or "visibility_timeout" in source or "**" in source:
            return None
    return VISIBILITY_TIMEOUTS.get(kind)
