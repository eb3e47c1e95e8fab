"""Modules that are found because code of the tree adds a folder to `sys.path`."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.jobs import Enqueue
from migrator.scanners.files import walk
from migrator.scanners.linking.python_modules import PythonModules
from tests.scanners.conftest import Scan

TASKS = "from celery import shared_task\n@shared_task\ndef send(): ...\n"
USE = "from mails.tasks import send\nsend.delay()\n"
FILES = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings.base')\n",
    "config/__init__.py": "",
    "config/settings/__init__.py": "",
    "apps/mails/__init__.py": "",
    "apps/mails/tasks.py": TASKS,
    "scripts/workers/use.py": USE,
}
BASE = "import os, sys\nBASE_DIR = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))\n"
#: what is written -> the file in which it stands
ADDED = {
    "APPS_DIR = os.path.join(BASE_DIR, 'apps')\nsys.path.append(APPS_DIR)\n": "config/settings/base.py",
    "sys.path.insert(0, os.path.join(BASE_DIR, 'apps'))\n": "config/settings/base.py",
    "sys.path.insert(0, str(BASE_DIR / 'apps'))\n": "config/settings/paths.py",
    "sys.path.append('apps')\n": "manage.py",
    "sys.path.append(os.path.join(os.path.dirname(__file__), '..', '..', 'apps'))\n": "scripts/workers/use.py",
}


@pytest.mark.parametrize(("written", "path"), ADDED.items())
def test_a_folder_that_is_added(scan_tree: Scan, written: str, path: str) -> None:
    files = {"config/settings/base.py": BASE, **FILES}
    files[path] = files.get(path, BASE).replace("import os\n", "import os, sys\n") if path == "manage.py" else BASE + files.get(path, "")
    files[path] = f"import os, sys\n{written}{USE}" if path.endswith("use.py") else files[path] + written
    found = scan_tree(files).of(Enqueue)
    assert [(e.name, e.location.path) for e in found] == [("mails.tasks.send", "scripts/workers/use.py")]


def resolved(folder: Path, files: dict[str, str], importer: str, module: str = "mails.tasks") -> str:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return PythonModules(walk(folder), ()).resolve(importer, module)


NOT_ADDED = {
    "nothing": "",
    "another folder": "sys.path.append(os.path.join(BASE_DIR, 'libraries'))\n",
    "what only the run knows": "sys.path.append(os.environ['APPS'])\n",
    "in a comment": "# sys.path.append('apps')\n",
}


@pytest.mark.parametrize("written", NOT_ADDED.values(), ids=NOT_ADDED)
def test_what_is_not_added(tmp_path: Path, written: str) -> None:
    assert resolved(tmp_path, {**FILES, "config/settings/base.py": BASE + written}, "scripts/workers/use.py") == ""


def test_a_file_adds_for_itself_alone(tmp_path: Path) -> None:
    run = "import sys\nsys.path.append('lib')\n" + USE
    files = {"a/lib/mails/__init__.py": "", "a/lib/mails/tasks.py": TASKS, "a/run.py": run, "a/cold/run.py": USE}
    assert resolved(tmp_path, files, "a/run.py") == "a/lib/mails/tasks.py"
    assert resolved(tmp_path, files, "a/cold/run.py") == ""


def test_settings_that_are_nowhere_add_nothing(tmp_path: Path) -> None:
    files = {"manage.py": FILES["manage.py"].replace("config", "mails"), "apps/mails/tasks.py": TASKS, "scripts/use.py": USE}
    assert resolved(tmp_path, files, "scripts/use.py") == ""
