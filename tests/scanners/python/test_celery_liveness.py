"""Whether a worker knows a task: by autodiscovery, includes and imports, or not at all."""

from __future__ import annotations

import pytest

from migrator.jobs import Job

TASK = "from celery import shared_task\n@shared_task\ndef f(): ...\n"
APP = "from celery import Celery\napp = Celery('p')\n"


def live(scan_tree, files: dict[str, str]) -> bool | None:
    inventory = scan_tree({"shop/__init__.py": "", "shop/mail/__init__.py": "", **files})
    (job,) = inventory.of(Job, "celery")
    return job.live


KNOWN = {
    "in the module of the application": {"shop/app.py": APP + "@app.task\ndef f(): ...\n"},
    "autodiscovery of Django": {"shop/app.py": APP + "app.autodiscover_tasks()\n", "shop/mail/tasks.py": TASK},
    "autodiscovery of packages": {"shop/app.py": APP + "app.autodiscover_tasks(['shop.mail'])\n", "shop/mail/tasks.py": TASK},
    "another name": {"shop/app.py": APP + "app.autodiscover_tasks(related_name='jobs')\n", "shop/mail/jobs.py": TASK},
    "include": {"shop/app.py": "from celery import Celery\napp = Celery('p', include=['shop.mail.work'])\n", "shop/mail/work.py": TASK},
    "imports": {"shop/app.py": APP + "app.conf.imports = ('shop.mail.work',)\n", "shop/mail/work.py": TASK},
    "imports, in a folder that Python is started in": {
        "back/__init__.py": "",
        "back/shop/__init__.py": "",
        "back/shop/app.py": APP + "app.config_from_object('shop.settings', namespace='CELERY')\n",
        "back/shop/settings.py": "CELERY_IMPORTS = ('shop.work.crawl',)\n",
        "back/shop/work/__init__.py": "",
        "back/shop/work/crawl.py": TASK,
    },
    "import of the application": {"shop/app.py": APP + "from shop.mail import work\n", "shop/mail/work.py": TASK},
    "import at the end": {"shop/app.py": APP + "import shop.mail.work\n", "shop/mail/work.py": TASK},
    "command line": {"shop/app.py": APP, "shop/mail/work.py": TASK, "Procfile": "worker: celery -A shop.app worker -I shop.mail.work\n"},
}


@pytest.mark.parametrize("form", KNOWN)
def test_tasks_that_a_worker_knows(scan_tree, form: str) -> None:
    assert live(scan_tree, KNOWN[form]) is True


UNKNOWN = {
    "nothing imports it": {"shop/app.py": APP, "shop/mail/work.py": TASK},
    "autodiscovery of another name": {"shop/app.py": APP + "app.autodiscover_tasks()\n", "shop/mail/work.py": TASK},
    "autodiscovery of another package": {"shop/app.py": APP + "app.autodiscover_tasks(['shop.bills'])\n", "shop/mail/work.py": TASK},
    "only a test imports it": {"shop/app.py": APP, "shop/mail/work.py": TASK, "tests/test_work.py": "from shop.mail.work import f\nf()\n"},
}


@pytest.mark.parametrize("form", UNKNOWN)
def test_tasks_that_no_worker_knows(scan_tree, form: str) -> None:
    assert live(scan_tree, UNKNOWN[form]) is False


OPEN = {
    "something else imports it": {"shop/app.py": APP, "shop/mail/work.py": TASK, "shop/views.py": "from shop.mail.work import f\n"},
    "named in a file": {"shop/app.py": APP, "shop/mail/work.py": TASK, "settings.yaml": "jobs: [shop.mail.work]\n"},
    "includes that only the run knows": {
        "shop/app.py": "from celery import Celery\napp = Celery('p', include=load())\n",
        "shop/mail/work.py": TASK,
    },
    "modules are looked for": {"shop/app.py": APP + "import pkgutil\nfor m in pkgutil.iter_modules(p): ...\n", "shop/mail/work.py": TASK},
    "no application": {"shop/mail/work.py": TASK},
}


@pytest.mark.parametrize("form", OPEN)
def test_what_cannot_be_told(scan_tree, form: str) -> None:
    assert live(scan_tree, OPEN[form]) is None
