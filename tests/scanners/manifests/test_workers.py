# ruff: noqa: E501 - manifests under test read better on one line
"""Command lines of workers, wherever they stand, and the words that only look like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.jobs import Expression, Inventory, Literal, Worker
from migrator.scanners import scan
from migrator.scanners.manifests.commands import in_script, parse_argv
from migrator.scanners.manifests.shell import commands

LINE = "celery -A p worker -Q a,b"


def workers(inventory: Inventory) -> list[tuple[str, str, str, int]]:
    return [(w.name, w.service, w.role, w.location.line) for w in inventory.of(Worker, "celery")]


@pytest.mark.parametrize(
    ("path", "text", "expected", "entry"),
    [
        pytest.param("Procfile", f"web: gunicorn x\nworker: {LINE}\n", ("worker", "worker", "worker", 2), LINE, id="Procfile"),
        pytest.param("Procfile.dev", f"jobs: cd src && exec {LINE} > log 2>&1\n", ("worker", "jobs", "worker", 1), LINE, id="Procfile, wrapped"),
        pytest.param("docker-compose.yml", f"services:\n  jobs:\n    command: {LINE}\n", ("worker", "jobs", "worker", 3), LINE, id="compose"),
        pytest.param("compose.yaml", f'services:\n  jobs:\n    command: "{LINE}"\n', ("worker", "jobs", "worker", 3), LINE, id="compose, quoted"),
        pytest.param("docker-compose.prod.yml", 'services:\n  jobs:\n    command: ["celery", "-A", "p", "worker", "-Q", "a,b"]\n', ("worker", "jobs", "worker", 3), '"celery", "-A", "p", "worker", "-Q", "a,b"', id="compose, list"),
        pytest.param("compose.yml", "services:\n  jobs:\n    command:\n      - celery\n      - -A\n      - p\n      - worker\n      - -Q\n      - a,b\n", ("worker", "jobs", "worker", 4), "celery\n      - -A\n      - p\n      - worker\n      - -Q\n      - a,b", id="compose, list over lines"),
        pytest.param("compose.yml", f"services:\n  jobs:\n    command: >\n      sh -c '\n      migrate &&\n      {LINE}'\n", ("worker", "jobs", "worker", 6), LINE, id="compose, folded"),
        pytest.param("compose.yml", f'services:\n  jobs:\n    command: bash -c "wait && {LINE}"\n', ("worker", "jobs", "worker", 3), LINE, id="compose, shell"),
        pytest.param("compose.yml", f'services:\n  jobs:\n    command: ["sh", "-c", "{LINE}"]\n', ("worker", "jobs", "worker", 3), LINE, id="compose, shell in a list"),
        pytest.param("compose.yml", 'services:\n  jobs:\n    entrypoint: ["celery"]\n    command: ["-A", "p", "worker", "-Q", "a,b"]\n', ("worker", "jobs", "worker", 3), '"celery"]\n    command: ["-A", "p", "worker", "-Q", "a,b"', id="compose, entrypoint and command"),
        pytest.param("compose.yml", 'services:\n  jobs:\n    entrypoint: "celery"\n    command: "-A p worker -Q a,b"\n', ("worker", "jobs", "worker", 3), 'celery"\n    command: "-A p worker -Q a,b', id="compose, entrypoint and command as texts"),
        pytest.param("compose.yml", "services:\n  jobs:\n    entrypoint: celery -A p\n    command: [worker, -Q, 'a,b']\n", ("worker", "jobs", "worker", 3), "celery -A p\n    command: [worker, -Q, 'a,b'", id="compose, a text and a list"),
        pytest.param("k8s/worker.yaml", 'spec:\n  containers:\n  - name: jobs\n    command: ["celery"]\n    args: ["-A", "p", "worker", "-Q", "a,b"]\n', ("worker", "jobs", "worker", 4), '"celery"]\n    args: ["-A", "p", "worker", "-Q", "a,b"', id="Kubernetes"),
        pytest.param("render.yaml", f"services:\n- type: worker\n  name: jobs\n  startCommand: {LINE}\n", ("worker", "jobs", "worker", 4), LINE, id="Render"),
        pytest.param("Dockerfile", f"FROM x\nCMD {LINE}\n", ("worker", "Dockerfile", "worker", 2), LINE, id="Dockerfile"),
        pytest.param("docker/worker.Dockerfile", 'FROM x\nENTRYPOINT ["celery", "-A", "p", "worker", "-Q", "a,b"]\n', ("worker", "worker.Dockerfile", "worker", 2), '"celery", "-A", "p", "worker", "-Q", "a,b"', id="Dockerfile, list"),
        pytest.param("Dockerfile", 'FROM x\nENTRYPOINT ["celery", "-A", "p"]\nCMD ["worker", "-Q", "a,b"]\n', ("worker", "Dockerfile", "worker", 2), '"celery", "-A", "p"]\nCMD ["worker", "-Q", "a,b"', id="Dockerfile, two parts"),
        pytest.param("supervisord.conf", f"[program:jobs]\ncommand = {LINE}\nuser=x\n", ("worker", "jobs", "worker", 2), LINE, id="supervisor"),
        pytest.param("jobs.service", f"[Service]\nExecStart=/usr/bin/{LINE}\n", ("worker", "jobs", "worker", 2), f"/usr/bin/{LINE}", id="systemd"),
        pytest.param("jobs.service", "[Service]\nExecStart=-celery -A p \\\n  worker -Q a,b\n", ("worker", "jobs", "worker", 2), "celery -A p \\\n  worker -Q a,b", id="systemd over lines"),
        pytest.param("Makefile", f"web:\n\tx\njobs: web\n\t@{LINE}\n", ("worker", "jobs", "worker", 4), LINE, id="Makefile"),
        pytest.param("justfile", f"jobs:\n    {LINE}\n", ("worker", "jobs", "worker", 2), LINE, id="justfile"),
        pytest.param("bin/start", f"#!/bin/bash\nset -e\njobs() {{\n  exec {LINE}\n}}\n", ("worker", "jobs", "worker", 4), LINE, id="script without a suffix"),
        pytest.param("run.sh", f"if true; then\n  nohup {LINE} &\nfi\n", ("worker", "run.sh", "worker", 2), LINE, id="script"),
        pytest.param("package.json", f'{{"scripts": {{"jobs": "{LINE}"}}}}', ("worker", "jobs", "worker", 1), LINE, id="package.json"),
        pytest.param("pyproject.toml", f'[tool.poe.tasks]\njobs = "{LINE}"\n', ("worker", "jobs", "worker", 2), LINE, id="task runner"),
        pytest.param("Procfile", "é: x\njobs: poetry run celery -A p worker -Q a,b\n", ("worker", "jobs", "worker", 2), LINE, id="behind a runner"),
        pytest.param("Procfile", f"jobs: watchmedo auto-restart -d . -p '*.py' -- {LINE}\n", ("worker", "jobs", "worker", 1), LINE, id="behind a watcher"),
        pytest.param("Procfile", f"jobs: C_FORCE_ROOT=1 newrelic-admin run-program {LINE}\n", ("worker", "jobs", "worker", 1), LINE, id="behind an agent"),
        pytest.param("Procfile", f"jobs: python -m {LINE}\n", ("worker", "jobs", "worker", 1), LINE, id="module"),
        pytest.param("Procfile", "jobs: celery worker -A p -Q a,b\n", ("worker", "jobs", "worker", 1), "celery worker -A p -Q a,b", id="old order"),
        pytest.param("Procfile", "jobs: python manage.py celeryd -Q a,b\n", ("celeryd", "jobs", "worker", 1), "celeryd -Q a,b", id="old program"),
        pytest.param("Procfile", "clock: celery -A p beat -S x.y:Z\n", ("beat", "clock", "scheduler", 1), "celery -A p beat -S x.y:Z", id="beat"),
        pytest.param("Procfile", "look: celery -A p flower --port=5555\n", ("flower", "look", "monitor", 1), "celery -A p flower --port=5555", id="flower"),
    ],
)  # fmt: skip
def test_places(tmp_path, path: str, text: str, expected: tuple[str, str, str, int], entry: str) -> None:
    target = tmp_path / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text.encode())
    inventory = scan(tmp_path)
    assert workers(inventory) == [expected]
    (worker,) = inventory.of(Worker)
    assert worker.entry is not None
    assert target.read_bytes()[worker.entry.start : worker.entry.end].decode() == entry
    if expected[2] == "worker":
        assert worker.queues == ("a", "b")
    assert inventory.unresolved == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("run.sh", "echo celery -A p worker\n", id="said"),
        pytest.param("run.sh", "cat <<EOF\nstart every celery worker + beat\nEOF\n", id="shown"),
        pytest.param("run.sh", "cat <<-'END'\n\tcelery -A p worker\n\tEND\n", id="shown and indented"),
        pytest.param("run.sh", "X=1 docker compose -d db celerybeat worker\n", id="services of compose"),
        pytest.param("run.sh", "docker-compose -f a.yml start flower\n", id="a service of docker-compose"),
        pytest.param("run.sh", 'echo "start: celery -A p worker"\n', id="said in quotes"),
        pytest.param("run.sh", "# celery -A p worker\n", id="comment"),
        pytest.param("run.sh", "pkill -f 'celery worker'; pgrep -f celery worker\n", id="looked for"),
        pytest.param("run.sh", "pip install celery flower\nuv add celery worker\n", id="installed"),
        pytest.param("run.sh", "celery -A p inspect ping\ncelery -A p inspect active worker\ncelery -A p status\n", id="asked"),
        pytest.param("run.sh", "celery multi stop worker\n", id="stopped"),
        pytest.param("Dockerfile", "FROM x\nRUN pip install celery\nHEALTHCHECK CMD celery -A p inspect ping\n", id="Dockerfile"),
        pytest.param("compose.yml", "services:\n  celery:\n    image: celery\n    command: python web.py\n", id="a service's name"),
        pytest.param(".github/workflows/ci.yml", f"jobs:\n  test:\n    steps:\n      - run: {LINE}\n", id="a CI's run"),
        pytest.param("notes.md", f"{LINE}\n", id="prose"),
    ],
)
def test_no_worker(scan_tree, path: str, text: str) -> None:
    assert workers(scan_tree({path: text})) == []


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (
            "worker -A p -l info -c 2 -E -B",
            {
                "app": Literal("p"),
                "loglevel": Literal("info"),
                "concurrency": Literal(2),
                "task-events": Literal(True),
                "beat": Literal(True),
            },
        ),
        (
            "worker --app=p -c2 -linfo -Ofair",
            {"app": Literal("p"), "concurrency": Literal(2), "loglevel": Literal("info"), "optimization": Literal("fair")},
        ),
        ("worker -EB --without-gossip", {"task-events": Literal(True), "beat": Literal(True), "without-gossip": Literal(True)}),
        ("worker -c $N --max-tasks-per-child=${M:-1}", {"concurrency": Expression("$N"), "max-tasks-per-child": Expression("${M:-1}")}),
        ("worker --ours 3 --theirs", {"ours": Literal(3), "theirs": Literal(True)}),
        ("worker -S db", {"statedb": Literal("db")}),
        ("beat -S db -s file", {"scheduler": Literal("db"), "schedule": Literal("file")}),
    ],
)
def test_options(words: str, options: dict[str, object]) -> None:
    command = parse_argv("celery", ["celery", *words.split()])
    assert command is not None
    assert command.options == options


def test_queues_that_the_environment_names(scan_tree) -> None:
    (worker,) = scan_tree({"run.sh": "celery -A p worker -Q $QUEUES -c ${N}\n"}).of(Worker)
    assert (worker.queues, worker.concurrency) == (("$QUEUES",), Expression("${N}"))


def test_what_is_merged_in_is_listed_once(scan_tree) -> None:
    text = f"x-jobs: &jobs\n  command: {LINE}\nservices:\n  a:\n    <<: *jobs\n  b:\n    <<: *jobs\n"
    assert workers(scan_tree({"compose.yml": text})) == [("worker", "x-jobs", "worker", 2)]


def test_a_template_is_reported(scan_tree) -> None:
    inventory = scan_tree({"chart/templates/worker.yaml": "spec:\n  {{- if .x }}\n  command: [celery, worker]\n  {{- end }}\n"})
    assert [(u.path, u.line) for u in inventory.unresolved] == [("chart/templates/worker.yaml", 2)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a b; c && d || e | f & g", [["a", "b"], ["c"], ["d"], ["e"], ["f"], ["g"]]),
        ("a 'b c' \"d e\" f\\ g", [["a", "b c", "d e", "f g"]]),
        ("a $(b c) ${d:-e f} `g h`", [["a", "$(b c)", "${d:-e f}", "`g h`"]]),
        ("a > b 2>&1 < c d", [["a", "d"]]),
        ("a \\\n  b # c\nd", [["a", "b"], ["d"]]),
        ("f() { a; }", [["f"], ["{", "a"], ["}"]]),
        ("a 'unclosed b", [["a", "unclosed b"]]),
        ("", []),
    ],
)
def test_the_words_of_a_shell(script: str, expected: list[list[str]]) -> None:
    assert [[w.text for w in words] for words in commands(script)] == expected


@given(st.text(alphabet=" \t\nab'\"\\$(){}`;&|<>#=-", max_size=40))
def test_words_stand_where_they_say(script: str) -> None:
    last = 0
    for words in commands(script):
        for word in words:
            assert last <= word.start < word.end <= len(script)
            last = word.end
            if word.inside >= 0:
                assert script.startswith(word.text, word.inside)


@given(
    st.lists(st.sampled_from(["celery", "-A", "p", "worker", "-c", "2", "--x=1", "beat", "&&", ";", "echo", "'a b'", "-Qa"]), max_size=12)
)
def test_a_command_line_is_found_where_it_stands(words: list[str]) -> None:
    script = " ".join(words)
    for found in in_script(script):
        assert script[found.start : found.end].split()[0] == "celery"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("rq worker high low --with-scheduler", ("rq", "worker", ("high", "low"))),
        ("python manage.py rqworker default", ("rq", "worker", ("default",))),
        ("rqscheduler -i 5", ("rq", "scheduler", ())),
        ("dramatiq app.tasks -p 2 -Q mail bulk -t 1", ("dramatiq", "worker", ("mail", "bulk"))),
        ("python manage.py rundramatiq", ("dramatiq", "worker", ())),
        ("arq app.worker.WorkerSettings --burst", ("arq", "worker", ())),
        ("procrastinate --app=a.b worker -q x,y -c 2", ("procrastinate", "worker", ("x", "y"))),
        ("huey_consumer.py app.huey -w 4", ("huey", "worker", ())),
        ("taskiq worker app:broker -w 2", ("taskiq", "worker", ())),
        ("taskiq scheduler app:s", ("taskiq", "scheduler", ())),
        ("python manage.py qcluster", ("django-q", "worker", ())),
        ("python manage.py db_worker --queue-name a,b", ("django-tasks", "worker", ("a", "b"))),
        ("npx graphile-worker -j 4", ("graphile-worker", "worker", ())),
    ],
)
def test_programs_of_other_systems(line: str, expected: tuple[str, str, tuple[str, ...]]) -> None:
    (found,) = in_script(line)
    assert (found.command.system, found.command.role, found.command.queues) == expected


@pytest.mark.parametrize(
    "line", ["docker compose up arq", "dramatiq", "arq --help", "rq info", "taskiq --version", "procrastinate schema --apply"]
)
def test_what_starts_no_worker_of_other_systems(line: str) -> None:
    assert list(in_script(line)) == []
