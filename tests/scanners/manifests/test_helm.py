"""Helm's templates: workers and schedules that a chart makes with its own values, and what is no template."""

from __future__ import annotations

from migrator.jobs import Expression, Schedule, Worker, literal_of
from tests.scanners.conftest import Scan

CHART = {"chart/Chart.yaml": "apiVersion: v2\nname: shop\n", "requirements.txt": "celery==5.4.0\n"}
VALUES = """
workers:
  - name: mail
    queues: mail,default
    concurrency: 4
  - name: reports
    queues: reports
    concurrency: 1
crons:
  nightly:
    schedule: "0 3 * * *"
  hourly:
    schedule: "0 * * * *"
single:
  queue: slow
"""
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $.Release.Name }}-{{ .name }}
  labels:
    {{- include "shop.labels" $ | nindent 4 }}
spec:
  replicas: {{ .replicas | default 1 }}
  template:
    spec:
      containers:
        - name: {{ .name }}
          image: "{{ $.Values.image }}"
          {{- if $.Values.debug }}
          env: [{ name: DEBUG, value: "1" }]
          {{- else }}
          env: []
          {{- end }}
          command: ["celery", "-A", "shop", "worker", "-Q", "{{ .queues }}", "-c", "{{ .concurrency }}"]
"""
CRON = """
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ $name }}
spec:
  schedule: {{ $job.schedule | quote }}
"""


def around(loop: str, body: str) -> str:
    return f"{{{{- range {loop} }}}}\n---{body}{{{{- end }}}}\n"


def test_a_loop_over_workers_makes_one_of_each(scan_tree: Scan) -> None:
    files = {**CHART, "chart/values.yaml": VALUES, "chart/templates/workers.yaml": around(".Values.workers", DEPLOYMENT)}
    inventory = scan_tree(files)
    assert [(w.name, w.service, w.queues, literal_of(w.concurrency), w.location.path, w.location.line) for w in inventory.of(Worker)] == [
        ("mail", "mail", ("mail", "default"), 4, "chart/templates/workers.yaml", 21),
        ("reports", "reports", ("reports",), 1, "chart/templates/workers.yaml", 21),
    ]
    assert inventory.unresolved == ()


def test_a_loop_over_schedules_makes_one_of_each(scan_tree: Scan) -> None:
    files = {**CHART, "chart/values.yaml": VALUES, "chart/templates/jobs.yaml": around("$name, $job := .Values.crons", CRON)}
    found = scan_tree(files).of(Schedule)
    assert [(s.name, literal_of(s.cron), s.confidence, s.location.line) for s in found] == [
        ("hourly", "0 * * * *", "certain", 8),
        ("nightly", "0 3 * * *", "certain", 8),
    ]


def test_a_worker_of_one_value(scan_tree: Scan) -> None:
    template = DEPLOYMENT.replace(".queues", ".Values.single.queue").replace(".name", ".Values.single.name")
    files = {**CHART, "chart/values.yaml": VALUES, "chart/templates/slow.yaml": template}
    inventory = scan_tree(files)
    assert [(w.name, w.queues) for w in inventory.of(Worker)] == [("worker", ("slow",))]
    assert inventory.unresolved == ()


def test_of_what_the_chart_does_not_say_one_is_made(scan_tree: Scan) -> None:
    files = {**CHART, "chart/values.yaml": "a: 1\n", "chart/templates/workers.yaml": around(".Values.workers", DEPLOYMENT)}
    assert [(w.name, w.queues, w.concurrency) for w in scan_tree(files).of(Worker)] == [
        ("worker", ("$queues",), Expression("$concurrency"))
    ]


def test_a_template_of_something_else_makes_nothing(scan_tree: Scan) -> None:
    service = DEPLOYMENT.replace('"celery", "-A", "shop", "worker"', '"gunicorn", "shop.wsgi"')
    files = {**CHART, "chart/values.yaml": VALUES, "chart/templates/web.yaml": around(".Values.workers", service)}
    assert scan_tree(files).of(Worker) == ()
    files["chart/templates/_helpers.tpl"] = '{{- define "shop.worker" }}\ncommand: celery -A shop worker\n{{- end }}\n'
    assert scan_tree(files).of(Worker) == ()


def test_what_has_no_chart_is_no_template_and_is_said(scan_tree: Scan) -> None:
    files = {"requirements.txt": "celery==5.4.0\n", "templates/workers.yaml": around(".Values.workers", DEPLOYMENT)}
    inventory = scan_tree(files)
    assert inventory.of(Worker) == ()
    assert [u.path for u in inventory.unresolved] == ["templates/workers.yaml"]


def test_a_template_without_an_end_and_values_without_one(scan_tree: Scan) -> None:
    endless = "a: &a [celery worker, *a]\nworkers: &w {x: *w, y: *w}\n"
    nested = "{{- range .Values.workers }}\n" * 30 + 'command: {{ toJson .Values.a }}\n- command: "celery -A shop worker"\n'
    inventory = scan_tree({**CHART, "chart/values.yaml": endless, "chart/templates/w.yaml": nested})
    assert [u.path for u in inventory.unresolved if "templates" in u.path] == ["chart/templates/w.yaml"]
