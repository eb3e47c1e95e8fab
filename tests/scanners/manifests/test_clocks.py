"""Schedules that stand around the code: crontabs, containers, clusters, workflows, hosting services."""

from __future__ import annotations

import pytest

from migrator.jobs import Inventory, Literal, Schedule


def schedules(inventory: Inventory) -> list[tuple[str, str, object, object]]:
    return [
        (
            s.system,
            s.name,
            s.cron.value if isinstance(s.cron, Literal) else s.interval.value if isinstance(s.interval, Literal) else None,
            s.location.line,
        )
        for s in inventory.of(Schedule)
    ]


CRONTABS: dict[str, tuple[dict[str, str], list[tuple[str, str, object, object]]]] = {
    "of a user": (
        {"crontab": "# m h dom mon dow command\nMAILTO=x\n\n*/5 * * * * cd /app && npm run sync >> x.log 2>&1\n@daily /app/purge.sh\n"},
        [("cron", "npm run sync", "*/5 * * * *", 4), ("cron", "/app/purge.sh", "@daily", 5)],
    ),
    "of the system": ({"deploy/cron.d/app": "0 3 * * * www-data php /app/run.php\n"}, [("cron", "php /app/run.php", "0 3 * * *", 1)]),
    "in a container": (
        {
            "docker/crontab": "*/10 * * * * * curl -fsS http://web:3000/api/cron/mail\n",
            "Dockerfile": "COPY docker/crontab /etc/crontabs/root\n",
        },
        [("docker-cron", "/api/cron/mail", "*/10 * * * * *", 1)],
    ),
    "written by a container": (
        {"Dockerfile": 'FROM alpine\nRUN echo "0 * * * * python manage.py send_mail" >> /etc/crontabs/root\n'},
        [("docker-cron", "python manage.py send_mail", "0 * * * *", 2)],
    ),
    "written by a script": (
        {"install.sh": "#!/bin/sh\n(crontab -l; echo '30 2 * * 1 /srv/backup.sh') | crontab -\n"},
        [("cron", "/srv/backup.sh", "30 2 * * 1", 2)],
    ),
    "written at length": (
        {"install.sh": "cat > /etc/cron.d/app <<EOF\n0 1 * * * root /srv/a.sh\n15 1 * * * root /srv/b.sh\nEOF\n"},
        [("cron", "/srv/a.sh", "0 1 * * *", 2), ("cron", "/srv/b.sh", "15 1 * * *", 3)],
    ),
    "Graphile Worker's": (
        {"worker/crontab": "0 3 * * * sweep ?fill=1d\n", "package.json": '{"dependencies": {"graphile-worker": "^0.16.0"}}'},
        [("graphile-worker", "sweep", "0 3 * * *", 1)],
    ),
    "no crontab": ({"crontab.md": "*/5 * * * * x\n", "notes.txt": "0 3 * * * run\n", "echo.sh": 'echo "0 3 * * * /x"\n'}, []),
}


@pytest.mark.parametrize(("files", "expected"), CRONTABS.values(), ids=CRONTABS)
def test_crontabs(scan_tree, files: dict[str, str], expected: list[tuple[str, str, object, object]]) -> None:
    assert schedules(scan_tree(files)) == expected


COMPOSE = """
    services:
      app:
        image: app
        labels:
          ofelia.enabled: "true"
          ofelia.job-exec.mail.schedule: "@every 5m"
          ofelia.job-exec.mail.command: "npm run mail"
      db:
        labels:
          - "ofelia.job-run.backup.schedule=0 0 3 * * *"
          - "ofelia.job-run.backup.command=pg_dump"
      clock:
        image: curlimages/curl
        command: >
          sh -c "while true; do
            curl -X POST http://app:3000/api/cron/digest;
            sleep 300;
          done"
      poll:
        entrypoint: ["/bin/sh", "-c", "while :; do python poll.py; sleep 1m; done"]
      wait:
        command: sh -c "while true; do pg_isready && break; sleep 1; done"
      web:
        command: npm start
"""


def test_compose(scan_tree) -> None:
    assert schedules(scan_tree({"compose.yaml": COMPOSE})) == [
        ("docker-cron", "mail", "@every 5m", 7),
        ("docker-cron", "backup", "0 0 3 * * *", 11),
        ("docker-cron", "/api/cron/digest", 300.0, 17),
        ("docker-cron", "poll", 60.0, 21),
    ]


KUBERNETES = {
    "plain": (
        {
            "k8s/mail.yaml": "apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: mail\nspec:\n"
            "  schedule: '0 3 * * *' # nightly\n  timeZone: Europe/Oslo\n"
            "---\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  schedule: no\n"
        },
        [("docker-cron", "mail", "0 3 * * *", 6)],
    ),
    "chart": (
        {
            "chart/templates/mail.yaml": "{{- if .Values.mail.enabled }}\nkind: CronJob\nmetadata:\n  name: {{ .Release.Name }}-mail\n"
            "spec:\n  schedule: {{ .Values.mail.schedule | quote }}\n{{- end }}\n",
            "chart/values.yaml": "mail:\n  enabled: true\n  schedule: '*/5 * * * *'\n",
        },
        [("docker-cron", "mail", "*/5 * * * *", 6)],
    ),
}


@pytest.mark.parametrize(("files", "expected"), KUBERNETES.values(), ids=KUBERNETES)
def test_kubernetes(scan_tree, files: dict[str, str], expected: list[tuple[str, str, object, object]]) -> None:
    assert schedules(scan_tree(files)) == expected


def workflow(*steps: str) -> str:
    listed = "".join(f"      - {step}\n" for step in steps)
    return f"name: Nightly\non:\n  schedule:\n    - cron: '0 3 * * *'\njobs:\n  run:\n    runs-on: x\n    steps:\n{listed}"


WORKFLOWS = {
    "asks the application": (
        workflow('run: |\n          curl -s -o /dev/null -H "Authorization: x" \\\n            ${{ secrets.APP_URL }}/api/cron/mail'),
        "/api/cron/mail",
    ),
    "looks at the status of the answer": (
        workflow("run: |\n          code=$(curl -s -o /tmp/answer -w '%{http_code}' \"$APP_URL/api/cron/mail\")"),
        "/api/cron/mail",
    ),
    "in a function of the shell": (
        workflow('run: |\n          ask() { code=$(curl -sf "$APP_URL$1" -w "%{http_code}" -o /tmp/x); }\n          ask /api/cron/mail'),
        "Nightly",
    ),
    "downloads from the application": (workflow('run: curl -s -o /tmp/dump.sql "$APP_URL/api/jobs/dump"'), ""),
    "runs a job": (workflow("uses: actions/checkout@v4", "run: python manage.py send_reminder_task"), ""),
    "runs a command by its name": (workflow("run: npm run cron:digest"), "npm run cron:digest"),
    "an action that asks": (
        workflow("uses: fjogeleit/http-request-action@v1\n        with:\n          url: 'https://x.org/api/cron/a'"),
        "/api/cron/a",
    ),
    "prunes images": (workflow("run: npm run prune"), ""),
    "tests": (workflow("run: npm run test:jobs"), ""),
    "builds": (workflow("run: npm ci", "run: npm run build"), ""),
    "asks another": (workflow("run: curl -sL https://api.github.com/repos/x/jobs"), ""),
    "downloads": (workflow("run: curl -fsSL https://x.org/api/install | bash"), ""),
    "tells people": (workflow("run: curl -X POST ${{ secrets.SLACK_WEBHOOK_URL }}/api/x"), ""),
}


@pytest.mark.parametrize(("text", "name"), WORKFLOWS.values(), ids=WORKFLOWS)
def test_workflows(scan_tree, text: str, name: str) -> None:
    found = scan_tree({".github/workflows/nightly.yml": text}).of(Schedule)
    assert [(s.system, s.name, s.cron, s.location.line, s.confidence) for s in found] == (
        [("cron", name, Literal("0 3 * * *"), 4, "likely")] if name else []
    )


HOSTED: dict[str, tuple[dict[str, str], list[tuple[str, str, object, object]]]] = {
    "Render": (
        {
            "render.yaml": "services:\n  - type: cron\n    name: mail\n    schedule: '0 3 * * *'\n    startCommand: npm run mail\n"
            "  - type: web\n    name: web\n    startCommand: npm start\n"
        },
        [("cron", "mail", "0 3 * * *", 4)],
    ),
    "Railway": ({"jobs/railway.toml": '[deploy]\nstartCommand = "x"\ncronSchedule = "0 3 * * *"\n'}, [("cron", "jobs", "0 3 * * *", 3)]),
    "Cloudflare": (
        {"wrangler.toml": 'name = "mails"\n[triggers]\ncrons = ["0 3 * * *", "*/5 * * * *"]\n'},
        [("cron", "mails", "0 3 * * *", 3), ("cron", "mails", "*/5 * * * *", 3)],
    ),
    "App Engine": (
        {"cron.yaml": "cron:\n- url: /tasks/mail\n  schedule: every 24 hours\n"},
        [("cron", "/tasks/mail", "every 24 hours", 3)],
    ),
    "systemd": ({"mail.timer": "[Timer]\nOnCalendar=daily\nUnit=mail.service\n"}, [("cron", "mail.service", "daily", 2)]),
    "Clever Cloud": (
        {"clevercloud/cron.json": '[\n  "*/5 * * * MON-FRI $ROOT/run.sh sweep",\n  "no cron",\n  3\n]\n'},
        [("cron", "$ROOT/run.sh sweep", "*/5 * * * MON-FRI", 2)],
    ),
    "Scalingo": (
        {"cron.json": '{"jobs": [\n  {"command": "0 3 * * * python manage.py sweep", "size": "S"}\n]}\n'},
        [("cron", "python manage.py sweep", "0 3 * * *", 2)],
    ),
    "no clock": (
        {
            "cron.json": '{"jobs": [{"name": "0 3 * * * x"}], "list": ["0 3 * * * x"]}',
            "wrangler.toml": 'name = "web"\n',
            "render.yaml": "services:\n  - type: web\n",
        },
        [],
    ),
}


@pytest.mark.parametrize(("files", "expected"), HOSTED.values(), ids=HOSTED)
def test_hosting(scan_tree, files: dict[str, str], expected: list[tuple[str, str, object, object]]) -> None:
    assert schedules(scan_tree(files)) == expected
