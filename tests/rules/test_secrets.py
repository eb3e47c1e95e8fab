"""Credentials are found by their shape, places for one are not, and the text of one is never shown."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.jobs.findings import Check
from migrator.reporting.audit import render
from migrator.rules import check
from migrator.rules.secrets import secrets
from migrator.scanners import scan

PASSWORD = "kY7wQ2vN9pLx"
TASKS = {"tasks.py": "from celery import shared_task\n\n@shared_task\ndef send(to): ...\n"}


def token(role: str) -> str:
    parts = (json.dumps(part).encode() for part in ({"alg": "HS256"}, {"role": role}))
    return ".".join((*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), "c2lnbmF0dXJl"))


def calls(value: str) -> str:
    return f"select net.http_post(url := 'https://shop.app', headers := '{{\"Authorization\": \"Bearer {value}\"}}');\n"


FOUND = {
    "a broker": f"amqp://shop:{PASSWORD}@mq.shop-prod.com:5671/shop",
    "a driver in the scheme": f"postgresql+psycopg://shop:{PASSWORD}@db.shop-prod.com/shop",
    "a Redis without a user": f"rediss://:{PASSWORD}@eu1.upstash.io:6379",
    "a public address": f"redis://:{PASSWORD}@8.8.4.4:6379",
    "a short password": "amqp://shop:kY7wQ2@mq.shop-prod.com:5671/shop",
    "a signing key": "signkey-prod-" + "0a1b2c3d" * 8,
    "the role that may do everything": calls(token("service_role")),
    "a key of AWS": 'key = "AKIAQ7ZX2MNB4VCL9TRW"\nsecret = "' + "aB3dE5gH7j" * 4 + '"',
}
NOT_FOUND = {
    "this machine": f"redis://:{PASSWORD}@localhost:6379",
    "a container": f"redis://:{PASSWORD}@redis:6379",
    "a private address": f"redis://:{PASSWORD}@10.0.3.7:6379",
    "a variable": "redis://:${REDIS_PASSWORD}@cache.shop.com:6379",
    "a format": "amqp://shop:{password}@mq.shop.com",
    "a place for a password": "postgres://postgres:[YOUR-PASSWORD]@db.abc.supabase.co:5432/postgres",
    "words for none": "postgres://postgres:postgres@db.shop.com postgres://app:changeme@db.shop.com amqp://guest:guest@mq.shop.com",
    "an example": f"redis://:{PASSWORD}@cache.example.com:6379",
    "hardly a password": "amqp://shop:kY7wQ@mq.shop-prod.com:5671/shop",
    "no password": "redis://cache.shop.com:6379/0",
    "the public role": calls(token("anon")),
    "a token in no call of a database": f"curl -H 'Authorization: Bearer {token('service_role')}'",
    "the name of a key of AWS": 'key = "AKIAQ7ZX2MNB4VCL9TRW"',
    "the key of the development server": "QSTASH_TOKEN=eyJVc2VySUQiOiJkZWZhdWx0VXNlciIsIlBhc3N3b3JkIjoiZGVmYXVsdFBhc3N3b3JkIn0=",
}


@pytest.mark.parametrize("form", FOUND)
def test_what_is_a_credential(form: str) -> None:
    assert len(list(secrets(FOUND[form]))) == 1


@pytest.mark.parametrize("form", NOT_FOUND)
def test_what_only_looks_like_one(form: str) -> None:
    assert list(secrets(NOT_FOUND[form])) == []


@given(
    st.text(alphabet="abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=12, max_size=30).filter(
        lambda p: p.swapcase() != p
    )
)
def test_what_is_found_tells_nothing_of_the_text(password: str) -> None:
    told = str(list(secrets(f"redis://:{password}@eu1.upstash.io:6379")))
    assert password not in told


@pytest.mark.parametrize("path", [".env", ".env.production", "deploy/values.yaml", "worker.py", "db/1.sql", "infra/prod.tfvars"])
def test_no_report_shows_it(tmp_path: Path, path: str) -> None:
    found = became(tmp_path, {**TASKS, path: f'broker = "{FOUND["a broker"]}"\n'})
    assert found.state == "fail"
    inventory = scan(tmp_path)
    checked = check(inventory, tmp_path)
    inventory = msgspec.structs.replace(inventory, findings=checked.findings, checks=checked.checks)
    for form in ("text", "json", "markdown", "html"):
        assert PASSWORD not in str(render(inventory, form))


def test_one_credential_in_many_files_is_one_finding(tmp_path: Path) -> None:
    line = f'broker = "{FOUND["a broker"]}"\n'
    found = became(tmp_path, {**TASKS, "a.py": line, "b.py": line, "c.py": 'cache = "rediss://:Zk3vQ9w2LmP0@eu1.upstash.io"\n'})
    assert len(found.evidence) == 2


@pytest.mark.parametrize("path", [".env.example", "tests/conftest.py", ".github/workflows/ci.yml", "docs/setup.py", ".gitleaks.toml"])
def test_templates_tests_and_pipelines_are_left_out(tmp_path: Path, path: str) -> None:
    assert became(tmp_path, {**TASKS, path: f'broker = "{FOUND["a broker"]}"\n'}).state != "fail"


SERVE = (
    'import { Inngest } from "inngest";\nimport { serve } from "inngest/next";\nconst inngest = new Inngest({ id: "shop" });\n'
    'const pay = inngest.createFunction({ id: "pay" }, { event: "made" }, async () => {});\n'
    "export const { GET, POST, PUT } = serve({ client: inngest, functions: [pay] });\n"
)
SWITCHES: dict[str, tuple[Mapping[str, str], str]] = {
    "an image": ({"Dockerfile": "FROM node:22\nENV INNGEST_DEV=1\n"}, "fail"),
    "the environment of production": ({".env.production": "INNGEST_DEV=true\n"}, "fail"),
    "a deployment": ({"k8s/prod/web.yaml": "env:\n  - name: INNGEST_DEV\n    value: '1'\n"}, "fail"),
    "an address is on, too": ({"fly.toml": '[env]\n  INNGEST_DEV = "http://localhost:8288"\n'}, "fail"),
    "any environment": ({".env": "INNGEST_DEV=1\n"}, "unknown"),
    "off, and a key": ({".env.production": "INNGEST_DEV=0\nINNGEST_SIGNING_KEY=x\n"}, "pass"),
    "a comment, and a key": ({"Dockerfile": "FROM node:22\n# ENV INNGEST_DEV=1\nENV INNGEST_SIGNING_KEY=\n"}, "pass"),
    "development, and a key": ({".env.development": "INNGEST_DEV=1\n", ".env": "INNGEST_SIGNING_KEY=x\n"}, "pass"),
    "no key anywhere": ({}, "unknown"),
}


@pytest.mark.parametrize("form", SWITCHES)
def test_the_switch_to_development(tmp_path: Path, form: str) -> None:
    files, state = SWITCHES[form]
    assert became(tmp_path, {"app/api/inngest/route.ts": SERVE, **files}, "JOB702").state == state


def became(folder: Path, files: Mapping[str, str], rule: str = "JOB704") -> Check:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (found,) = check(scan(folder), folder, select=[rule]).checks
    return found
