"""How an application writes down what its jobs are given: as its system does by itself, or as its settings say."""

from __future__ import annotations

from migrator.jobs import Enqueue, Literal, literal_of
from migrator.rules.celery_configuration import named, settings_away
from migrator.rules.evidence import Evidence
from migrator.rules.receivers import receivers
from migrator.rules.written import first, forms
from migrator.systems.payload import PAYLOADS, PICKLE, Payload

#: how a serializer is set in a file that is not known to hold settings
_SET = forms("task_serializer TASK_SERIALIZER", r"(?i:\btask_serializer)[\"']?\s*[=:]\s*(?![\"']json)")
#: how code puts an encoder of its own in place of the system's
_OWN = {
    "celery": forms("register register_type", r"\bserialization import .*\bregister\b|\bserialization\.register\(|\bregister_type\("),
    "dramatiq": forms("set_encoder", r"\bset_encoder\("),
    "procrastinate": forms("json_dumps", r"\bjson_dumps\s*="),
    "rq": forms("serializer JSONSerializer", r"\bserializer\s*=|\bJSONSerializer\b"),
    "huey": forms("serializer", r"\bserializer\s*="),
    "arq": forms("job_serializer", r"\bjob_serializer\b"),
}


def payload_of(evidence: Evidence, enqueue: Enqueue) -> Payload | str:
    """What becomes of what an enqueue hands over; a text that says why it cannot be told; empty where nothing is known of the system."""
    language = "python" if enqueue.language == "python" else "javascript"
    known = PAYLOADS.get((enqueue.system, language))
    if known is None:
        return ""
    if enqueue.system == "celery":
        return _celery(evidence, enqueue, known)
    own = _OWN.get(enqueue.system)
    if own is not None and first(evidence, own) is not None:
        return "the application puts a serializer of its own in place"
    return known


def _celery(evidence: Evidence, enqueue: Enqueue, known: Payload) -> Payload | str:
    said = [enqueue.options.get("serializer"), *(job.options.get("serializer") for job in receivers(evidence, enqueue))]
    said += [setting.value for setting in named(evidence, "task_serializer")]
    value = next((v for v in said if v is not None), None)
    if value is None:
        if settings_away(evidence) is not None or first(evidence, _SET) is not None:
            return "the settings of Celery were not found"
    elif not isinstance(value, Literal):
        return "the serializer is only known at run time"
    name = literal_of(value)
    if isinstance(name, str) and "pickle" in name:
        return PICKLE
    if name not in (None, "json"):
        return f"what `{name}` does to values is not known"
    return "the application teaches the serializer types of its own" if first(evidence, _OWN["celery"]) is not None else known
