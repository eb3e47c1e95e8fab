"""JOB402: how many jobs there are, and how long they take, is measured nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.jobs import Job, Worker
from migrator.jobs.findings import Spot
from migrator.rules.evidence import Evidence, spot, spots
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule
from migrator.rules.written import first, forms
from migrator.systems import SYSTEMS

#: systems that are run by oneself; hosted ones measure on their own pages
_SYSTEMS = ("bullmq", "bull", "pg-boss", "celery", "rq", "dramatiq", "huey", "arq", "procrastinate", "taskiq", "graphile-worker", "agenda")
_PACKAGES = (
    *("prom-client", "@willsoto/nestjs-prometheus", "fastify-metrics", "express-prom-bundle", "bull-exporter", "bullmq-exporter"),
    *("hot-shots", "node-statsd", "statsd-client", "lynx", "dd-trace", "datadog-metrics", "newrelic", "applicationinsights"),
    *(
        "@opentelemetry/sdk-metrics",
        "@opentelemetry/sdk-node",
        "@opentelemetry/api",
        "bullmq-otel",
        "@appsignal/nodejs",
        "elastic-apm-node",
    ),
    *("prometheus-client", "django-prometheus", "celery-exporter", "celery-prometheus-exporter", "rq-exporter", "rq-prometheus"),
    *("starlette-exporter", "prometheus-fastapi-instrumentator", "periodiq-prometheus", "statsd", "datadog", "ddtrace", "elastic-apm"),
    *(
        "opentelemetry-api",
        "opentelemetry-sdk",
        "opentelemetry-distro",
        "opentelemetry-exporter-otlp",
        "opentelemetry-instrumentation-celery",
        "logfire",
        "appsignal",
        "scout-apm",
        "flower",
    ),
    *("aws-embedded-metrics", "@aws-lambda-powertools/metrics", "aws-lambda-powertools", "azure-monitor-opentelemetry"),
)
#: the systems' own means, and calls that hand a number to somebody
_WRITTEN = forms(
    "exportPrometheusMetrics( .getMetrics( MetricsTime BullMQOtel persistQueueStats monitorStateIntervalSeconds monitor-states "
    "utMetric put_metric_data( CloudWatch StatsD( statsd. prometheus_client opentelemetry maxDataPoints",
    r"\bexportPrometheusMetrics\(|\.getMetrics\(|\bMetricsTime\b|\bBullMQOtel\b|\bpersistQueueStats\b|\bmonitorStateIntervalSeconds\b"
    r"|[\"']monitor-states[\"']|\b[pP]utMetric\w*|\bCloudWatchClient\b"
    r"|\bnew (?:AWS\.)?CloudWatch\(|\bput_metric_data\(|\bStatsD\(|\bstatsd\.\w+\("
    r"|\b(?:from|import) (?:prometheus_client|opentelemetry)\b|[\"']@opentelemetry/"
    r"|\bmetrics\s*:\s*\{\s*maxDataPoints",
)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each system that runs jobs here."""
    running = [(system, jobs) for system in _SYSTEMS if (jobs := evidence.of(Job, system))]
    if not running:
        return
    monitor = next((w for w in evidence.of(Worker, *_SYSTEMS) if w.role == "monitor"), None)
    if monitor is not None:
        yield Pass(spot(monitor, "starts what measures the workers"))
        return
    package = evidence.package(*_PACKAGES)
    found = Spot(package.path, package.line, f"has {package.what}") if package is not None else first(evidence, _WRITTEN)
    if found is not None:
        yield Pass(found)
        return
    for system, jobs in running:
        message = f"Nothing measures how many jobs of {SYSTEMS[system].title} wait or fail, or how long they take."
        yield Fail(spot(jobs[0]), message, (system,), spots(jobs[1:]), confidence="likely")


_WORKER = 'import { Worker } from "bullmq";\nnew Worker("mail", async (job) => send(job.data)OPTIONS);\n'
_TASK = "from celery import shared_task\n\n@shared_task\ndef send(to):\n    deliver(to)\n"

RULE = Rule(
    id="JOB402",
    name="no-metrics",
    title="Jobs are measured nowhere",
    severity="high",
    systems=_SYSTEMS,
    what="An application that runs jobs, without any means of metrics: no Prometheus, StatsD, OpenTelemetry or CloudWatch, no agent of a "
    "monitoring service, and none of the means that the system brings (BullMQ's `metrics` and `telemetry`, Flower, `monitor-states`).",
    why="A queue that grows is the first sign of every kind of trouble, long before something fails. Without numbers it is noticed by "
    "those who wait, and whether a change made it better is a matter of opinion. A move to another system cannot be judged at all.",
    how="Packages of the manifests, and names in production code. One finding for each system; any means at all is enough to pass. Systems "
    "that are hosted measure by themselves and are left out.",
    false_alarms="Agents that are put in from outside, and exporters that run beside the application.",
    migration="Measure before the move: what the new system does is compared with what the old one did.",
    fix="none",
    hint="Count completed and failed jobs and measure their duration by queue; show how many wait.",
    effort=Effort(120, 180, "project", "an estimate of an audit made by hand"),
    sources=("BullMQ guide, Metrics, Prometheus", "Celery user guide, Monitoring and management"),
    examples=(
        Example(
            "bullmq",
            bad={"mail.ts": _WORKER.replace("OPTIONS", "")},
            good={"mail.ts": _WORKER.replace("OPTIONS", ", { metrics: { maxDataPoints: MetricsTime.ONE_WEEK } }")},
        ),
        Example(
            "celery", bad={"tasks.py": _TASK}, good={"tasks.py": _TASK, "requirements.txt": "celery==5.4.0\nprometheus-client==0.21\n"}
        ),
    ),
    check=check,
    absence=True,
    anywhere=True,
)
