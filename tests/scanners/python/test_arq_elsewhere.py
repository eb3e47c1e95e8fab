"""Queues of other packages on top of arq, whose calls the names of arq's jobs tell; and calls of the same name that are no such thing."""

from __future__ import annotations

import pytest

from migrator.jobs import Enqueue, Inventory
from tests.scanners.conftest import Scan

WORKER = """
async def send_mail(ctx, to): ...
async def tidy(ctx): ...

class WorkerSettings:
    functions = [send_mail, tidy]
"""
ROUTES = """
from fastapi import APIRouter
from platform_kit.arq import KitQueue

router = APIRouter()

@router.post("/mails")
async def mail(to: str, queue: KitQueue):
    await queue.enqueue("send_mail", to, _defer_by=30)
"""


def found(inventory: Inventory) -> list[tuple[str, str, str, int, str]]:
    return [(e.name, e.job, e.location.path, e.location.line, e.confidence) for e in inventory.of(Enqueue)]


def test_a_queue_of_a_package_on_top_of_arq(scan_tree: Scan) -> None:
    inventory = scan_tree({"requirements.txt": "arq\n", "worker.py": WORKER, "routes.py": ROUTES})
    assert found(inventory) == [("send_mail", "worker:send_mail", "routes.py", 9, "likely")]
    [enqueue] = inventory.of(Enqueue)
    assert enqueue.reason == "told by the name of the job: what enqueue is called on is platform_kit.arq.KitQueue of another package"
    assert (enqueue.form, len(enqueue.arguments), getattr(enqueue.delay, "value", None)) == ("enqueue", 1, 30)


def test_the_same_queue_where_nothing_tells_it(scan_tree: Scan) -> None:
    service = "class Service:\n    async def run(self):\n        await self.factory.queue.enqueue('tidy')\n"
    inventory = scan_tree({"worker.py": WORKER, "routes.py": ROUTES, "service.py": service})
    assert ("tidy", "worker:tidy", "service.py", 3, "likely") in found(inventory)


def test_a_name_that_only_the_run_knows_is_said(scan_tree: Scan) -> None:
    inventory = scan_tree({"worker.py": WORKER, "routes.py": ROUTES.replace('"send_mail"', "to.job")})
    assert found(inventory) == []
    assert [(u.path, u.line, "platform_kit.arq.KitQueue" in u.reason) for u in inventory.unresolved] == [("routes.py", 9, True)]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(ROUTES.replace('"send_mail"', '"print_page"'), id="the name of no job"),
        pytest.param("from rq import Queue\nQueue('mail').enqueue('send_mail')\n", id="a queue of RQ"),
        pytest.param("class Player:\n    def enqueue(self, song): ...\nPlayer().enqueue('send_mail')\n", id="a class of one's own"),
        pytest.param("def play(player):\n    player.enqueue('tidy')\n", id="nothing of arq in the file"),
    ],
)
def test_calls_that_are_none_of_arq(scan_tree: Scan, code: str) -> None:
    inventory = scan_tree({"worker.py": WORKER, "other.py": code})
    assert inventory.of(Enqueue, "arq") == ()
