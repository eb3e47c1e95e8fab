"""arq in Python code. This file only says who reads what; each concept has a file of its own beside it."""

from __future__ import annotations

from migrator.scanners.linking import External, Meaning, parts
from migrator.scanners.python import arq_cron, arq_elsewhere, arq_enqueues, arq_functions, arq_links, arq_workers
from migrator.scanners.python.arq_terms import CRON, FROM_SETTINGS, FUNC, MARKERS, POOL, REDIS, SYSTEM, WORKER
from migrator.scanners.python.making import add_client
from migrator.scanners.reading import Call, Reader, View


def _call(call: Call) -> None:
    if parts(call.callee)[1] == arq_enqueues.METHOD:
        arq_enqueues.read(call)
    elif call.view.source.text(call.name) == arq_elsewhere.METHOD:
        arq_elsewhere.remember(call)
    elif call.key in FUNC:
        arq_functions.read(call)
    elif call.key in CRON:
        arq_cron.read(call)
    elif call.key in WORKER | FROM_SETTINGS:
        arq_workers.read_call(call, settings=call.key in FROM_SETTINGS)
    elif _is_pool(call.callee):
        _client(call)


def _is_pool(callee: Meaning) -> bool:
    if callee.key in POOL | REDIS:
        return True
    return isinstance(callee, External) and callee.path[-1] == "from_url" and ".".join(callee.path[:-1]) in REDIS


def _client(call: Call) -> None:
    node = call.node.parent if call.node.parent is not None and call.node.parent.type == "await" else call.node
    add_client(call, SYSTEM, "queue", node)


def _file(view: View) -> None:
    arq_workers.read_file(view)
    arq_functions.read_file(view)


READER = Reader(
    system=SYSTEM,
    markers=MARKERS,
    packages=(SYSTEM,),
    call=_call,
    file=_file,
    finish=arq_links.link,
    methods=frozenset((arq_enqueues.METHOD, arq_elsewhere.METHOD)),
)
