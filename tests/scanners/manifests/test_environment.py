"""Names of environment variables: never their values."""

from __future__ import annotations

import msgspec
import pytest

from migrator.jobs import Inventory, Setting

SECRET = "hunter2"


def names(inventory: Inventory) -> list[tuple[str, str, int]]:
    return [(s.system, s.name, s.location.line) for s in inventory.of(Setting)]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        pytest.param(".env", f"A=1\nCELERY_BROKER_URL={SECRET}\n", ("celery", "CELERY_BROKER_URL", 2), id=".env"),
        pytest.param(".env.example", f"export CELERY_BROKER_URL = '{SECRET}'\n", ("celery", "CELERY_BROKER_URL", 1), id="export"),
        pytest.param("deploy/prod.env", f"INNGEST_EVENT_KEY={SECRET}\n", ("inngest", "INNGEST_EVENT_KEY", 1), id="named"),
        pytest.param(".dev.vars", f"INNGEST_SIGNING_KEY={SECRET}\n", ("inngest", "INNGEST_SIGNING_KEY", 1), id="wrangler"),
        pytest.param("Dockerfile", f"FROM x\nENV A=1 CELERY_BROKER_URL={SECRET}\n", ("celery", "CELERY_BROKER_URL", 2), id="Dockerfile"),
        pytest.param(
            "Dockerfile", f"FROM x\nENV CELERY_BROKER_URL {SECRET}\n", ("celery", "CELERY_BROKER_URL", 2), id="Dockerfile, old form"
        ),
        pytest.param(
            "compose.yml",
            f"services:\n  celery:\n    environment:\n      CELERY_BROKER_URL: {SECRET}\n",
            ("celery", "CELERY_BROKER_URL", 4),
            id="compose",
        ),
        pytest.param(
            "compose.yml",
            f"services:\n  celery:\n    environment:\n      - CELERY_BROKER_URL={SECRET}\n",
            ("celery", "CELERY_BROKER_URL", 4),
            id="compose, list",
        ),
        pytest.param("k8s.yml", f"env:\n- name: CELERY_X\n  value: {SECRET} celery\n", ("celery", "CELERY_X", 2), id="Kubernetes"),
        pytest.param(
            "turbo.json", '{\n  // x\n  "globalEnv": ["INNGEST_EVENT_KEY"],\n}', ("inngest", "INNGEST_EVENT_KEY", 3), id="Turborepo"
        ),
        pytest.param(
            "turbo.json", '{"tasks": {"build": {"env": ["!INNGEST_EVENT_KEY"]}}}', ("inngest", "INNGEST_EVENT_KEY", 1), id="Turborepo task"
        ),
    ],
)
def test_names(scan_tree, path: str, text: str, expected: tuple[str, str, int]) -> None:
    inventory = scan_tree({path: text})
    assert names(inventory) == [expected]
    assert SECRET not in msgspec.json.encode(inventory).decode()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(".env", "# CELERY_BROKER_URL=x\n", id="comment"),
        pytest.param(".env", "MY_CELERY=x\nCELERYX=1\n", id="other names"),
        pytest.param("notes.txt", "CELERY_BROKER_URL=x\n", id="prose"),
    ],
)
def test_no_name(scan_tree, path: str, text: str) -> None:
    assert names(scan_tree({path: text})) == []
