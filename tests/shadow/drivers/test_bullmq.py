"""BullMQ's driver used from two threads. Against real servers it is in tests/behaviour."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from migrator.shadow.drivers import open_driver
from migrator.shadow.drivers.bullmq import BullMQ, Options
from migrator.shadow.drivers.interface import Assignment, Target


class Client:
    """In place of BullMQ's queue: an enqueue takes until somebody has asked for the workers."""

    def __init__(self) -> None:
        self.sending = threading.Event()

    async def add(self, *_: Any) -> None:
        self.sending.set()
        await asyncio.sleep(0.05)

    async def get_workers_count(self) -> int:
        return 3


def test_workers_are_counted_while_another_thread_sends() -> None:
    target = Target(arm="new", ledger_id="l", address="redis://127.0.0.1:1/0", name="URL", queue="q", job_name="j", timeout=30)
    driver = open_driver("bullmq", target, Options())
    assert isinstance(driver, BullMQ)
    client: Any = Client()
    driver._queue, driver._version_is_checked = client, True
    sender = threading.Thread(target=driver.enqueue, args=(Assignment(job_key="l-1", payload={}),))
    sender.start()
    assert client.sending.wait(60)
    assert driver.workers() == 3
    sender.join()
