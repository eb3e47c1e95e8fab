"""A finding is known again although the file around it has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.jobs.findings import Finding
from migrator.rules import check
from migrator.scanners import scan

BODY = "    try:\n        deliver(order)\n    except Exception:\n        print('lost')\n"
TASKS = f"from celery import shared_task\n\n@shared_task\ndef send(order):\n{BODY}"


def found(folder: Path, text: str, name: str = "tasks.py", rule: str = "JOB105") -> tuple[Finding, ...]:
    for old in folder.iterdir():
        old.unlink()
    (folder / name).write_text(text)
    return check(scan(folder), folder, select=[rule]).findings


@pytest.mark.parametrize(
    "text",
    [
        f"# first\n\n\n{TASKS}",
        TASKS.replace("    except Exception:", "\n    except  Exception :"),
        f"{TASKS}\n@shared_task\ndef other():\n    ...\n",
    ],
)
def test_the_same_one(tmp_path: Path, text: str) -> None:
    (before,) = found(tmp_path, TASKS)
    (after,) = found(tmp_path, text)
    assert (after.symbol, after.fingerprint) == ("send", before.fingerprint)


@pytest.mark.parametrize("text", [TASKS.replace("def send", "def other"), TASKS.replace("Exception:", "Exception as error:")])
def test_another_one(tmp_path: Path, text: str) -> None:
    (before,) = found(tmp_path, TASKS)
    (after,) = found(tmp_path, text)
    assert after.fingerprint != before.fingerprint
    assert found(tmp_path, TASKS, "other.py")[0].fingerprint != before.fingerprint


def test_twice_the_same_line(tmp_path: Path) -> None:
    first, second = found(tmp_path, TASKS + BODY)
    assert second.fingerprint == f"{first.fingerprint}:2"


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ('new Worker("a", async () => { try { await go(); } catch (error) { console.log(error); } });', ""),
        ('export const mail = new Worker("a", async () => { try { await go(); } catch (error) { console.log(error); } });', "mail"),
        ('const { a } = { a: new Worker("a", async () => { try { await go(); } catch (e) { console.log(e); } }) };', ""),
        ('class A { start() { new Worker("a", async () => { try { await go(); } catch (e) { console.log(e); } }); } }', "A.start"),
    ],
)
def test_symbols(tmp_path: Path, text: str, symbol: str) -> None:
    (one,) = found(tmp_path, f'import {{ Worker }} from "bullmq";\n{text}\n', "a.ts")
    assert one.symbol == symbol


def test_what_is_wrong_with_a_system_as_a_whole_does_not_depend_on_its_examples(tmp_path: Path) -> None:
    (before,) = found(tmp_path, TASKS, rule="JOB402")
    (after,) = found(tmp_path, TASKS.replace("send", "a_new_first_one") + TASKS.partition("\n")[2], rule="JOB402")
    assert len(after.places) == 2
    assert (after.symbol, after.fingerprint) == (before.symbol, before.fingerprint)
