"""Schedules that start a second run beside the first, and clocks of which there is more than one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.test_examples import became

_CELERY = (
    "import requests\nfrom celery import Celery\napp = Celery()\napp.conf.beat_schedule = {\n"
    '    "sync": {"task": "app.sync", "schedule": EVERY},\n}\n\n@app.task(name="app.sync"LIMIT)\ndef sync():\n    BODY\n'
)
_EACH = "for x in load():\n        requests.post(x.url)"
_CRON = 'import cron from "node-cron";\nimport axios from "axios";\ncron.schedule("* * * * *", async () => {\n  BODY\n}OPTIONS);\n'
_ALL = "for (const x of await load()) await axios.post(x.url);"
_INNGEST = (
    'import axios from "axios";\nimport { Inngest } from "inngest";\nconst inngest = new Inngest({ id: "shop" });\n'
    'export const sync = inngest.createFunction({ id: "sync"OPTIONS }, { cron: "* * * * *" }, async () => {\n' + f"  {_ALL}\n}});\n"
)
_NODE = {"package.json": '{"name": "shop"}', "src/server.js": _CRON.replace("BODY", "await axios.post(url);").replace("OPTIONS", "")}
_PM2 = {"ecosystem.config.js": 'module.exports = { apps: [{ name: "shop", script: "src/server.js",\n  instances: "max",\n}] };\n'}
_FLASK = {
    "shop/__init__.py": "",
    "shop/web.py": "from flask import Flask\nfrom shop import clock\napp = Flask(__name__)\n",
    "shop/clock.py": "from apscheduler.schedulers.background import BackgroundScheduler\n\ndef tick():\n    ...\n\n"
    "scheduler = BackgroundScheduler()\nscheduler.add_job(tick, 'interval', minutes=5)\nscheduler.start()\n",
}
_COMPOSE = "services:\n  web:\n    command: gunicorn shop.wsgi -w 4\n  worker:\n    command: celery -A shop worker FLAG\nMORE"
_BEAT = "  clock:\n    command: celery -A shop beat\n"
_TASKS = {"shop/tasks.py": "from celery import shared_task\n\n@shared_task\ndef f(): ...\n"}


def celery(every: str, limit: str, body: str = _EACH) -> dict[str, str]:
    return {"app.py": _CELERY.replace("EVERY", every).replace("LIMIT", limit).replace("BODY", body)}


def cron(body: str, options: str = "") -> dict[str, str]:
    return {"a.ts": _CRON.replace("BODY", body).replace("OPTIONS", options)}


NAMED = 'cron.schedule(process.env.CHARGE_CRON ?? "0 3 * * *", async () => { await charge(); });\n'


def clock(code: str) -> dict[str, str]:
    return _NODE | _PM2 | {"src/server.js": 'import cron from "node-cron";\nimport { charge } from "./charge";\n' + code}


def compose(flag: str, more: str = "") -> dict[str, str]:
    return _TASKS | {"docker-compose.yml": _COMPOSE.replace("FLAG", flag).replace("MORE", more)}


CASES = {
    "a limit above the period": ("JOB303", "fail", celery("60.0", ", time_limit=300")),
    "a limit below the period": ("JOB303", "pass", celery("60.0", ", time_limit=50")),
    "no limit, and many calls": ("JOB303", "fail", celery("60.0", "")),
    "no limit, and seldom": ("JOB303", "unknown", celery("86400.0", "")),
    "no limit, and little to do": ("JOB303", "unknown", celery("60.0", "", "ping()")),
    "a lock": ("JOB303", "pass", celery("60.0", "", 'with cache.lock("sync"):\n        ' + _EACH.replace("\n", "\n    "))),
    "a comment that speaks of a lock": ("JOB303", "fail", celery("60.0", "", "# TODO: take a lock\n    " + _EACH)),
    "a word that has a lock in it": ("JOB303", "fail", celery("60.0", "", "for block in load():\n        requests.post(block.url)")),
    "a period of the run": ("JOB303", "unknown", celery("every()", "")),
    "node-cron": ("JOB303", "fail", cron(_ALL)),
    "node-cron without overlaps": ("JOB303", "pass", cron(_ALL, ", { noOverlap: true }")),
    "Inngest": ("JOB303", "fail", {"a.ts": _INNGEST.replace("OPTIONS", "")}),
    "Inngest with a concurrency of one": ("JOB303", "pass", {"a.ts": _INNGEST.replace("OPTIONS", ", concurrency: { limit: 1 }")}),
    "Inngest with a singleton": ("JOB303", "pass", {"a.ts": _INNGEST.replace("OPTIONS", ', singleton: { mode: "skip" }')}),
    "BullMQ waits for the last run": (
        "JOB303",
        "not-applicable",
        {
            "a.ts": 'import { Queue } from "bullmq";\nnew Queue("a").upsertJobScheduler("a", { every: 1000 });\n',
        },
    ),
    "as many as there are cores": ("JOB305", "fail", _NODE | _PM2),
    "one instance": ("JOB305", "unknown", _NODE | {p: t.replace('"max"', "1") for p, t in _PM2.items()}),
    "another package is replicated": (
        "JOB305",
        "unknown",
        {"jobs/package.json": "{}", "jobs/a.js": _NODE["src/server.js"], "web/package.json": "{}"}
        | {f"web/{p}": t for p, t in _PM2.items()},
    ),
    "a process that is chosen": (
        "JOB305",
        "pass",
        _NODE | _PM2 | {"src/server.js": 'if (process.env.NODE_APP_INSTANCE === "0") start();\n' + _NODE["src/server.js"]},
    ),
    "a comment that speaks of a leader": (
        "JOB305",
        "fail",
        _NODE | _PM2 | {"src/server.js": "// only the leader is to do this\n" + _NODE["src/server.js"]},
    ),
    "a pattern of the environment": ("JOB305", "fail", clock(NAMED)),
    "a pattern of the environment, or none": ("JOB305", "unknown", clock(f"if (process.env.CHARGE_CRON) {{ {NAMED} }}\n")),
    "the name of a job that has a leader in it": ("JOB305", "fail", clock(NAMED.replace("CHARGE", "LEADERBOARD"))),
    "a condition around it": ("JOB305", "pass", clock(f'if (process.env.RUN_CRON === "yes") {{ {NAMED} }}\n')),
    "a name for what the environment says": ("JOB305", "pass", clock(f"const run = process.env.RUN_JOBS;\nif (run) {{ {NAMED} }}\n")),
    "a condition before it": ("JOB305", "pass", clock(f"if (!process.env.RUN_JOBS) process.exit(0);\n{NAMED}")),
    "and": ("JOB305", "pass", clock(f"process.env.RUN_JOBS && {NAMED}")),
    "a ternary": ("JOB305", "pass", clock(f"const task = process.env.RUN_JOBS ? {NAMED.strip().rstrip(';')} : null;\n")),
    "a function that a condition starts": (
        "JOB305",
        "pass",
        clock(f"function start() {{ {NAMED} }}\nif (process.env.RUN_JOBS) start();\n"),
    ),
    "a function that starts anyhow": ("JOB305", "fail", clock(f"function start() {{ {NAMED} }}\nstart();\n")),
    "a job that is left at once elsewhere": (
        "JOB305",
        "pass",
        clock('cron.schedule("0 3 * * *", async () => {\n  if (!process.env.RUN_JOBS) return;\n  await charge();\n});\n'),
    ),
    "a condition that says something else": ("JOB305", "unknown", clock(f"if (process.env.CRON_DEBUG) log();\n{NAMED}")),
    "a clock that a condition of Python starts": (
        "JOB305",
        "pass",
        _FLASK
        | {
            "Procfile": "web: gunicorn shop.web:app -w 4\n",
            "shop/clock.py": "import os\n"
            + _FLASK["shop/clock.py"].replace(
                "scheduler.add_job(tick, 'interval', minutes=5)",
                "if os.environ.get('RUN_JOBS'):\n    scheduler.add_job(tick, 'interval', minutes=5)",
            ),
        },
    ),
    "gunicorn loads the clock": ("JOB305", "fail", _FLASK | {"Procfile": "web: gunicorn shop.web:app -w 4\n"}),
    "gunicorn loads it before it forks": ("JOB305", "unknown", _FLASK | {"Procfile": "web: gunicorn shop.web:app -w 4 --preload\n"}),
    "gunicorn with one worker": ("JOB305", "unknown", _FLASK | {"Procfile": "web: gunicorn shop.web:app -w 1\n"}),
    "gunicorn loads something else": (
        "JOB305",
        "unknown",
        _FLASK | {"shop/web.py": "from flask import Flask\napp = Flask(__name__)\n", "Procfile": "web: gunicorn shop.web:app -w 4\n"},
    ),
    "a commented line": ("JOB305", "unknown", _FLASK | {"Procfile": "# web: gunicorn shop.web:app -w 4\n"}),
    "one clock": ("JOB305", "pass", compose("", _BEAT)),
    "two clocks": ("JOB305", "fail", compose("-B", _BEAT)),
    "two clocks that lock each other out": (
        "JOB305",
        "not-applicable",
        compose("-B", _BEAT + "    environment: redbeat\n") | {"requirements.txt": "celery-redbeat\n"},
    ),
    "a worker as the clock": ("JOB305", "unknown", compose("-B")),
    "a worker as the clock, three times": ("JOB305", "fail", compose("-B", "    deploy:\n      replicas: 3\n")),
    "a clock for each environment": (
        "JOB305",
        "pass",
        compose("", _BEAT) | {"docker-compose.dev.yml": "services:\n  beat:\n    command: celery -A shop beat\n"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_becomes(tmp_path: Path, case: str) -> None:
    rule, state, files = CASES[case]
    assert became(tmp_path, rule, files).state == state
