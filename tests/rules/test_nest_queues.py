"""Attempts that NestJS says for a whole queue, or for all queues, are no missing policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.rules import check
from migrator.scanners import scan

SEND = (
    'import { InjectQueue } from "@nestjs/PACKAGE";\nimport { Queue } from "PACKAGE";\n'
    'export class Mails {\n  constructor(@InjectQueue("mail") private mails: Queue) {}\n'
    '  async send() { await this.mails.add("welcome", {}); }\n}\n'
)
PLAIN = 'import { Queue } from "PACKAGE";\nnew Queue("mail").add("welcome", {});\n'
MODULE = 'import { BullModule } from "@nestjs/PACKAGE";\n@Module({ imports: [BODY] })\nexport class App {}\n'

FORMS = {
    "nothing said": ('BullModule.forRoot({ connection: {} }), BullModule.registerQueue({ name: "mail" })', "fail"),
    "said of another queue": (
        'BullModule.registerQueue({ name: "mail" }), BullModule.registerQueue({ name: "sms", defaultJobOptions: { attempts: 5 } })',
        "fail",
    ),
    "something else said": ('BullModule.registerQueue({ name: "mail", defaultJobOptions: { priority: 5 } })', "fail"),
    "a factory of connections": ('BullModule.registerQueueAsync({ name: "mail", useFactory: () => ({ connection: {} }) })', "fail"),
    "said of the queue": ('BullModule.registerQueue({ name: "mail", defaultJobOptions: { attempts: 5 } })', "pass"),
    "said by a variable": ('BullModule.registerQueue({ name: "mail", defaultJobOptions: options })', "unknown"),
    "said of all queues": (
        'BullModule.forRoot({ defaultJobOptions: { attempts: 5 } }), BullModule.registerQueue({ name: "mail" })',
        "unknown",
    ),
    "a factory": ('BullModule.registerQueueAsync({ name: "mail", useFactory: () => ({ defaultJobOptions: read() }) })', "unknown"),
    "said of a queue whose name only the run tells": (
        'BullModule.registerQueue({ name: "mail" }), BullModule.registerQueue({ name: process.env.Q, defaultJobOptions: { attempts: 5 } })',
        "unknown",
    ),
    "nothing said of a queue whose name only the run tells": (
        'BullModule.registerQueue({ name: "mail" }), BullModule.registerQueue({ name: process.env.Q, prefix: "p" })',
        "fail",
    ),
    "registered in a loop": ("...names.map((n) => BullModule.registerQueue({ name: n, defaultJobOptions: read(n) }))", "unknown"),
}


def state(folder: Path, send: str, module: str, package: str) -> str:
    (folder / "send.ts").write_text(send.replace("PACKAGE", package))
    (folder / "module.ts").write_text(MODULE.replace("BODY", module).replace("PACKAGE", package))
    (one,) = check(scan(folder), folder, select=["JOB101"]).checks
    return one.state


@pytest.mark.parametrize("package", ["bullmq", "bull"])
@pytest.mark.parametrize("form", FORMS)
def test_what_nest_says_of_attempts(tmp_path: Path, form: str, package: str) -> None:
    module, expected = FORMS[form]
    assert state(tmp_path, SEND, module, package) == expected


def test_a_queue_that_is_made_without_nest_is_asked_itself(tmp_path: Path) -> None:
    assert state(tmp_path, PLAIN, 'BullModule.registerQueue({ name: "sms" })', "bullmq") == "fail"
