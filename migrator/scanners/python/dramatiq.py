"""Dramatiq in Python code, with its modules for Django and Flask. This file only says who reads what."""

from __future__ import annotations

from migrator.regex import regex
from migrator.scanners.linking.calls import LOOKED_UP, LOOKUPS
from migrator.scanners.manifests.packages import of_environment
from migrator.scanners.python import dramatiq_actors, dramatiq_defaults, dramatiq_enqueues, dramatiq_links, dramatiq_workers
from migrator.scanners.python.dramatiq_terms import PACKAGES, SYSTEM
from migrator.scanners.python.named_settings import read_settings
from migrator.scanners.reading import Call, Reader, View
from migrator.syntax.tree import callee_of

#: what is called so is an actor, if anything of the project is: `self.task_class.send()`
_NAMED = regex(r"(?i)(^|[._])(task|actor)(_class)?$")
_APPS = frozenset(("django_dramatiq", "django_dramatiq_pg", "django_dramatiq_postgres", "django_periodiq", "dramatiq_crontab"))
#: of django-dramatiq 0.15.0
_SETTINGS = frozenset(
    f"DRAMATIQ_{name}"
    for name in (
        *("BROKER", "RESULT_BACKEND", "TASKS_DATABASE", "ENCODER", "AUTODISCOVER_MODULES", "IGNORED_MODULES", "RATE_LIMITER_BACKEND"),
        "BROKER_URL",
    )
)


def _call(call: Call) -> None:
    any(read(call) for read in (dramatiq_actors.read_call, dramatiq_enqueues.read, dramatiq_workers.read, dramatiq_defaults.read))


def _file(view: View) -> None:
    dramatiq_actors.read_file(view)
    dramatiq_enqueues.read_references(view)
    dramatiq_workers.read_file(view)
    read_settings(view, SYSTEM, _is_setting, _APPS, (b"DRAMATIQ", b"dramatiq", b"periodiq"), _SETTINGS)


def _is_setting(name: str) -> bool:
    return name.isupper() and of_environment(name) == SYSTEM


def _unknown(call: Call) -> None:
    view, name = call.view, call.view.source.text(call.name)
    found = _found_by_name(call)
    receiver = call.receiver_node
    if name != "send" or found or (receiver is not None and _NAMED.search(view.source.text(receiver))):
        view.unresolved(call.node, f"what {name} is called on could not be told{f': {LOOKED_UP}' if found else ''}", SYSTEM)


def _found_by_name(call: Call) -> bool:
    """True for `import_string(path).send()`: what is found so is a thing of the project; mail and signals are made, or imported by name."""
    made, view = call.receiver_node, call.view
    if made is not None and made.type == "identifier":
        bound = view.evaluator.project.bindings(view.source.path).lookup(view.source.text(made), made)
        made = bound[0].value if len(bound) == 1 and bound[0].kind == "value" and not bound[0].path else None
    called = callee_of(made) if made is not None and made.type == "call" else None
    return called is not None and view.evaluator.of(view.source, called).key in LOOKUPS


READER = Reader(
    system=SYSTEM,
    markers=(b"dramatiq", b"DRAMATIQ", b".send_with_options(", b".message_with_options("),
    packages=PACKAGES,
    call=_call,
    file=_file,
    unknown=_unknown,
    prepared=True,
    finish=dramatiq_links.link,
    # `send` on something unknown may be anything's; on a parameter it is looked at as its callers see it.
    telltales=frozenset(("send", "send_with_options", "message_with_options")),
)
