"""What passes SIGTERM on to a worker and what does not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.rules import check
from migrator.scanners import scan

TASKS = "from celery import shared_task\n\n@shared_task\ndef send(to): ...\n"
RUN = "celery -A tasks worker"
LIST = '"celery", "-A", "tasks", "worker"'


def image(command: str, base: str = "python:3.13") -> dict[str, str]:
    return {"Dockerfile": f"FROM {base}\nCOPY . .\n{command}\n"}


def service(command: str, path: str = "compose.yml") -> dict[str, str]:
    return {path: f"services:\n  worker:\n    image: shop\n    command: {command}\n"}


FORMS: dict[str, tuple[Mapping[str, str], str]] = {
    "an image with a line": (image(f"CMD {RUN}"), "fail"),
    "an image with a list": (image(f"CMD [{LIST}]"), "pass"),
    "a line with exec": (image(f"CMD exec {RUN}"), "pass"),
    "a line behind another command": (image(f"CMD python manage.py migrate && {RUN}"), "fail"),
    "exec behind another command": (image(f"CMD python manage.py migrate && exec {RUN}"), "pass"),
    "a list with a shell in it": (image(f'CMD ["sh", "-c", "{RUN}"]'), "fail"),
    "a list with bash in it": (image(f'CMD ["bash", "-c", "{RUN}"]'), "pass"),
    "what passes signals on to all": (image(f'ENTRYPOINT ["dumb-init", "--"]\nCMD {RUN}'), "pass"),
    "tini, to its child alone": (image(f'ENTRYPOINT ["tini", "--"]\nCMD {RUN}'), "fail"),
    "tini, to all": (image(f'ENTRYPOINT ["tini", "-g", "--"]\nCMD {RUN}'), "pass"),
    "the one of another stage": (image(f'ENTRYPOINT ["dumb-init", "--"]\nFROM python:3.13\nCMD {RUN}'), "fail"),
    "an image whose sh is bash": (image(f"CMD {RUN}", "registry.access.redhat.com/ubi9/python-312"), "unknown"),
    "a service with a line": (service(RUN), "pass"),
    "a service with a shell": (service(f'sh -c "{RUN}"'), "fail"),
    "a service with a shell and exec": (service(f'sh -c "cd app && exec {RUN}"'), "pass"),
    "a service with a list of a shell": (service(f'["sh", "-c", "cd app && {RUN}"]'), "fail"),
    "a service with bash": (service(f'bash -c "{RUN}"'), "pass"),
    "a service for development": (service(f'sh -c "{RUN}"', "compose.dev.yml"), "not-applicable"),
    "a platform that signals all": ({"Procfile": f"worker: {RUN}\n"}, "not-applicable"),
}


@pytest.mark.parametrize("form", FORMS)
def test_whether_a_worker_hears_of_it(tmp_path: Path, form: str) -> None:
    files, state = FORMS[form]
    for path, text in {"tasks.py": TASKS, **files}.items():
        (tmp_path / path).write_text(text)
    (found,) = check(scan(tmp_path), tmp_path, select=["JOB803"]).checks
    assert found.state == state, found
