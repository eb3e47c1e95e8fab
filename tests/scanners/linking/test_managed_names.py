"""The names of modules in a project of Django's count from the folder of its `manage.py`."""

from __future__ import annotations

import pytest

from migrator.jobs import Job
from tests.scanners.conftest import Scan

TASK = "from celery import shared_task\n@shared_task\ndef send(): ...\n"
MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "conf.settings")\n'
PATHS = "import sys\nsys.path.insert(0, 'apps')\n"


@pytest.mark.parametrize(
    ("files", "name"),
    [
        pytest.param({"backend/manage.py": MANAGE, "backend/mail/tasks.py": TASK}, "mail.tasks.send", id="no packages"),
        pytest.param(
            {"backend/manage.py": MANAGE, "backend/mail/service/__init__.py": "", "backend/mail/service/tasks.py": TASK},
            "mail.service.tasks.send",
            id="a package in a folder that is none",
        ),
        pytest.param(
            {"backend/manage.py": MANAGE, "backend/mail/__init__.py": "", "backend/mail/tasks.py": TASK}, "mail.tasks.send", id="packages"
        ),
        pytest.param({"src/manage.py": MANAGE, "src/mail/tasks.py": TASK}, "mail.tasks.send", id="src"),
        pytest.param({"manage.py": MANAGE, "mail/tasks.py": TASK}, "mail.tasks.send", id="at the root"),
        # Where the project looks in other folders, too, the first one without an `__init__.py` counts as elsewhere.
        pytest.param(
            {"web/manage.py": PATHS + MANAGE, "web/apps/mail/__init__.py": "", "web/apps/mail/tasks.py": TASK},
            "mail.tasks.send",
            id="added",
        ),
        pytest.param(
            {
                "web/manage.py": MANAGE,
                "web/conf/__init__.py": "",
                "web/conf/settings.py": "INSTALLED_APPS = []\n",
                "web/conf/base.py": PATHS,
                "web/apps/mail/__init__.py": "",
                "web/apps/mail/tasks.py": TASK,
            },
            "mail.tasks.send",
            id="added by the settings",
        ),
        pytest.param({"shop/__init__.py": "", "shop/manage.py": MANAGE, "shop/tasks.py": TASK}, "shop.tasks.send", id="within a package"),
        pytest.param({"tools/manage.py": MANAGE, "worker/mail/tasks.py": TASK}, "worker.mail.tasks.send", id="beside it"),
    ],
)
def test_what_a_task_is_called(scan_tree: Scan, files: dict[str, str], name: str) -> None:
    assert [job.name for job in scan_tree(files).of(Job)] == [name]
