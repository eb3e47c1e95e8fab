"""What a finding or a check quotes of the code goes into every report: no password among it, in whichever of its texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.jobs.findings import Spot
from migrator.jobs.redaction import redact_text
from migrator.rules.masking import masked
from migrator.rules.rule import Fail, Outcome, Pass, Undecided
from migrator.rules.secrets import secrets
from tests.reporting.every_output import FORMS, written

PASSWORD = "Zk3vQ9w2LmP0"
ADDRESS = f"redis://:{PASSWORD}@cache/0"
SPOT = Spot("a.py", 3, ADDRESS)
OUTCOMES: tuple[Outcome, ...] = (
    Fail(SPOT, f"Wrong: {ADDRESS}.", (), (Spot("b.py", 4, ADDRESS), SPOT), fix=f"Not {ADDRESS}."),
    Pass(SPOT),
    Undecided(f"who is {ADDRESS}", SPOT),
    Undecided(f"who is {ADDRESS}"),
)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_whatever_a_rule_says_is_masked(outcome: Outcome) -> None:
    assert PASSWORD in repr(outcome)
    assert PASSWORD not in repr(masked(outcome))


#: an application that has its password wherever rules quote what they find
_APPLICATION = {
    "Procfile": f"worker: celery -A app -b {ADDRESS} worker\nold: celery worker -A app -b {ADDRESS}\n",
    "compose.yml": f"services:\n  worker:\n    image: app\n    command: rq worker --url {ADDRESS} mail\n    deploy: {{replicas: 2}}\n",
    "requirements.txt": "celery==5.4.0\nrequests\n",
    "app.py": """\
import requests
from celery import Celery
app = Celery("app", broker="ADDRESS")

@app.task
def mail(users):
    for user in users:
        for one in connect("ADDRESS").every("ADDRESS"):
            requests.get("ADDRESS" + user)
            session("ADDRESS").execute("SELECT * FROM users WHERE id = %s", one)

def later(users):
    mail.apply_async(args=[connect("ADDRESS")], countdown=900_000)
    mail.delay(connect("ADDRESS").all())
""".replace("ADDRESS", ADDRESS),
}


@pytest.mark.parametrize("form", FORMS, ids="-".join)
def test_no_output_has_a_password(tmp_path: Path, form: tuple[str, str]) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    for name, text in _APPLICATION.items():
        (folder / name).write_text(text)
    out = written(folder, *form)
    assert "app.py" in out
    assert PASSWORD not in out


#: what JOB704 finds, by what it takes it for
_SHAPES = {
    "the password of a Redis server": "rediss://default:Zk3vQ9w2LmP0@eu1-cat.upstash.io:6379",
    "a signing key of Inngest": "signkey-prod-" + "0f" * 16,
    "a token of QStash": "eyJVc2VySUQiOiI5" + "aB3" * 20,
    "an access key of AWS with its secret": "AKIA" + "Q7" * 8 + " " + "aB3/" * 10,
    "the key of the role `service_role`": "net.http_post('Bearer eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.abc')",
    "a token of a request": "net.http_post('x', 'Authorization: Bearer a1b2c3d4e5f6a7b8c9')",
}


@pytest.mark.parametrize("what", _SHAPES)
def test_what_a_rule_finds_as_a_secret_is_masked_as_one(what: str) -> None:
    assert [s.what for s in secrets(_SHAPES[what])] == [what]
    assert list(secrets(redact_text(_SHAPES[what]))) == []
