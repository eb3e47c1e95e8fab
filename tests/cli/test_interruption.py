"""Ctrl-C at any time ends a command with status 130 and without a traceback, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

#: interrupts itself when the module named first is about to be loaded, then runs the command that follows
STRIKE = """
import os, signal, sys

class Strike:
    def find_spec(self, name, path=None, target=None):
        if name == wanted:
            os.kill(os.getpid(), signal.SIGINT)

wanted = sys.argv.pop(1)
sys.meta_path.insert(0, Strike())
from migrator.start import main
main()
"""
MODULES = (
    *(
        "migrator.cli",
        "typer",
        "migrator.cli.audit",
        "migrator.errors",
        "migrator.cli.progress",
        "migrator.scanners",
        "migrator.scanners.rounds",
    ),
    *("tree_sitter", "migrator.scanners.manifests.document", "migrator.scanners.python", "migrator.scanners.python.celery"),
    *("tree_sitter_python", "migrator.reporting.audit"),
)


@pytest.mark.parametrize("module", MODULES)
def test_an_interrupt_while_something_is_loaded(tmp_path: Path, module: str) -> None:
    (tmp_path / "jobs.py").write_text("from celery import shared_task\n@shared_task\ndef job(): pass\n")
    done = subprocess.run(
        [sys.executable, "-c", STRIKE, module, "audit", ".", "--output", "report.txt"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "migrate: interrupted\n"
    assert [p.name for p in tmp_path.iterdir()] == ["jobs.py"]


def test_a_command_that_is_deaf_to_interrupts_stays_so(tmp_path: Path) -> None:
    deaf = f"import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n{STRIKE}"
    done = subprocess.run([sys.executable, "-c", deaf, "typer", "--version"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("migrate ")
