"""Folders that are called as tests are, and hold code of the application."""

from __future__ import annotations

import pytest

from migrator.jobs import Schedule
from tests.scanners.conftest import Scan

TASKS = """
from celery import Celery

app = Celery("runs")

@app.task
def sweep(): ...

app.conf.beat_schedule = {"sweep": {"task": "%s.tasks.sweep", "schedule": 30.0}}
"""


def areas(scan_tree: Scan, folder: str, others: dict[str, str]) -> list[str]:
    files = {f"{folder}/__init__.py": "", f"{folder}/tasks.py": TASKS % folder.replace("/", "."), **others}
    return [s.area for s in scan_tree(files).of(Schedule)]


@pytest.mark.parametrize("folder", ["testing", "shop/test_runs", "shop/load_test"])
@pytest.mark.parametrize(
    "other",
    [
        {"web/views.py": "from {module}.tasks import sweep\n\ndef go():\n    sweep.delay()\n"},
        {"web/celery_views.py": "from {module} import tasks\n\ndef go():\n    tasks.sweep.delay()\n"},
        {"web/settings.py": 'INSTALLED_APPS = ["{module}"]\n'},
    ],
)
def test_code_that_the_application_needs(scan_tree: Scan, folder: str, other: dict[str, str]) -> None:
    others = {path: text.format(module=folder.replace("/", ".")) for path, text in other.items()}
    assert areas(scan_tree, folder, others) == [""]


@pytest.mark.parametrize(
    ("folder", "others"),
    [
        ("testing", {}),
        ("testing", {"tests/test_runs.py": "from testing.tasks import sweep\n\ndef test():\n    sweep.delay()\n"}),
        ("testing", {"tests/settings.py": 'INSTALLED_APPS = ["testing"]\n'}),
        ("tests", {"web/views.py": "from tests.tasks import sweep\n\ndef go():\n    sweep.delay()\n"}),
        ("tests/testing", {"web/views.py": "from tests.testing.tasks import sweep\n\ndef go():\n    sweep.delay()\n"}),
    ],
)
def test_code_that_is_only_for_tests(scan_tree: Scan, folder: str, others: dict[str, str]) -> None:
    assert areas(scan_tree, folder, others) == ["test"]
