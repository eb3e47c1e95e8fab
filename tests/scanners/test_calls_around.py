"""Packages that others built around a job system: what they are asked to send is said."""

from __future__ import annotations

import pytest

from tests.scanners.conftest import Scan

WHY = "may put a job on its way: it is of {}, a package around {} that is not in this tree"


@pytest.mark.parametrize(
    ("code", "package", "title"),
    [
        pytest.param("from acme_procrastinate import defer\ndefer.ingest(app, 1)", "acme_procrastinate", "Procrastinate", id="module"),
        pytest.param("from acme_rq.jobs import enqueue_mail\nenqueue_mail(1)", "acme_rq", "RQ", id="function"),
        pytest.param("from acme_dramatiq import Job\nJob('mail').send(1)", "acme_dramatiq", "Dramatiq", id="method"),
        pytest.param("import huey_acme\nhuey_acme.dispatch('mail')", "huey_acme", "Huey", id="whole module"),
    ],
)
def test_what_may_send_is_said(scan_tree: Scan, code: str, package: str, title: str) -> None:
    inventory = scan_tree({"use.py": code})
    assert [(u.line, u.reason) for u in inventory.unresolved] == [(2, WHY.format(package, title))]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("from acme_procrastinate import make_app, status\nmake_app()\nstatus.of(1)", id="nothing that sends"),
        pytest.param("from acme_procrastinate.defer import tasks\ntasks.ingest.tracer(1).add(2)", id="further from it"),
        pytest.param("from acme_mail import enqueue\nenqueue(1)", id="another package"),
        pytest.param("from acme_marquee import send\nsend(1)", id="a word within a word"),
        pytest.param("from shop_rq import enqueue\nenqueue(1)", id="of the tree"),
        pytest.param("import rq_scheduler\nrq_scheduler.utils.send(1)", id="a package that is read"),
    ],
)
def test_other_calls_are_not(scan_tree: Scan, code: str) -> None:
    files = {"use.py": code, "shop_rq.py": "def enqueue(x): ...\n"}
    assert scan_tree(files).unresolved == ()
