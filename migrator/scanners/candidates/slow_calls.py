"""Calls that make a request wait, as data: by the package that they belong to and the last name in them."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.jobs import ReasonKind

_HTTP = frozenset(("get", "post", "put", "patch", "delete", "head", "request", "fetch", "stream"))
#: what an answer is, or hangs on, in keys that do not say how it was got
_ANSWERS = frozenset(("Response", "ClientResponse", "response", "headers", "cookies"))
_ROWS = frozenset(("create", "createMany", "update", "updateMany", "upsert", "delete", "deleteMany", "insert", "insertOne", "save"))

#: package -> what its calls are, and which; no names: every call of it
SLOW: Mapping[str, tuple[ReasonKind, frozenset[str]]] = {
    # mail
    "nodemailer": ("mail", frozenset(("sendMail",))),
    "@sendgrid/mail": ("mail", frozenset(("send", "sendMultiple"))),
    "resend": ("mail", frozenset(("send", "create"))),
    "postmark": ("mail", frozenset(("sendEmail", "sendEmailBatch", "sendEmailWithTemplate", "sendEmailBatchWithTemplates"))),
    "mailgun.js": ("mail", frozenset(("create",))),
    "mailgun-js": ("mail", frozenset(("send",))),
    "@aws-sdk/client-ses": ("mail", frozenset(("SendEmailCommand", "SendRawEmailCommand", "SendTemplatedEmailCommand", "sendEmail"))),
    "@aws-sdk/client-sesv2": ("mail", frozenset(("SendEmailCommand", "sendEmail"))),
    "django.core.mail": ("mail", frozenset(("send_mail", "send_mass_mail", "mail_admins", "mail_managers", "send", "send_messages"))),
    "smtplib": ("mail", frozenset(("sendmail", "send_message"))),
    "aiosmtplib": ("mail", frozenset(("send", "sendmail", "send_message"))),
    "flask_mail": ("mail", frozenset(("send", "send_message"))),
    "fastapi_mail": ("mail", frozenset(("send_message",))),
    "sendgrid": ("mail", frozenset(("send",))),
    # other services
    "globalThis": ("service", frozenset(("fetch",))),
    "axios": ("service", _HTTP | {"axios", "default"}),
    "got": ("service", _HTTP | {"got", "default"}),
    "ky": ("service", _HTTP | {"ky", "default"}),
    "node-fetch": ("service", frozenset(("fetch", "default"))),
    "undici": ("service", _HTTP),
    "requests": ("service", _HTTP),
    "httpx": ("service", _HTTP),
    "aiohttp": ("service", _HTTP),
    "urllib": ("service", frozenset(("urlopen",))),
    "stripe": (
        "service",
        frozenset(("create", "retrieve", "update", "confirm", "capture", "cancel", "list", "modify", "send_invoice", "pay")),
    ),
    "twilio": ("service", frozenset(("create",))),
    "web-push": ("service", frozenset(("sendNotification",))),
    "pywebpush": ("service", frozenset(("webpush",))),
    "firebase-admin": ("service", frozenset(("send", "sendEach", "sendMulticast", "sendEachForMulticast"))),
    "firebase_admin": ("service", frozenset(("send", "send_each", "send_multicast", "send_each_for_multicast"))),
    "@slack/web-api": ("service", frozenset(("postMessage", "uploadV2"))),
    "slack_sdk": ("service", frozenset(("chat_postMessage", "files_upload_v2", "send"))),
    "@aws-sdk/client-s3": ("service", frozenset(("PutObjectCommand",))),
    "boto3": ("service", frozenset(("upload_file", "upload_fileobj", "put_object", "send_email", "send_raw_email", "invoke"))),
    # language models
    "openai": ("model", frozenset(("create", "parse", "generate", "edit"))),
    "anthropic": ("model", frozenset(("create",))),
    "@anthropic-ai/sdk": ("model", frozenset(("create",))),
    "ai": ("model", frozenset(("generateText", "generateObject", "embedMany"))),
    "replicate": ("model", frozenset(("run",))),
    "@google/generative-ai": ("model", frozenset(("generateContent",))),
    # programs and conversions
    "child_process": ("program", frozenset(("exec", "execSync", "execFile", "execFileSync", "spawn", "spawnSync"))),
    "node:child_process": ("program", frozenset(("exec", "execSync", "execFile", "execFileSync", "spawn", "spawnSync"))),
    "subprocess": ("program", frozenset(("run", "call", "check_call", "check_output", "Popen"))),
    "os": ("program", frozenset(("system",))),
    "puppeteer": ("program", frozenset(("launch",))),
    "puppeteer-core": ("program", frozenset(("launch",))),
    "sharp": ("program", frozenset(("toBuffer", "toFile"))),
    "fluent-ffmpeg": ("program", frozenset(("run", "save"))),
    "weasyprint": ("program", frozenset(("write_pdf",))),
    "pdfkit": ("program", frozenset(("from_string", "from_url", "from_file"))),
    # bulk data
    "pandas": ("bulk", frozenset(("read_csv", "read_excel", "read_json", "to_excel"))),
    "csv": ("bulk", frozenset(("reader", "DictReader"))),
    "openpyxl": ("bulk", frozenset(("load_workbook",))),
    "xlsx": ("bulk", frozenset(("read", "readFile"))),
    "papaparse": ("bulk", frozenset(("parse",))),
    "csv-parse": ("bulk", frozenset(("parse",))),
    "csv-parse/sync": ("bulk", frozenset(("parse",))),
    # waiting
    "time": ("wait", frozenset(("sleep",))),
    "asyncio": ("wait", frozenset(("sleep",))),
    # left to the web process
    "fastapi": ("after", frozenset(("add_task",))),
    "starlette": ("after", frozenset(("add_task", "BackgroundTask"))),
    "threading": ("after", frozenset(("Thread",))),
    "next/server": ("after", frozenset(("after", "unstable_after"))),
    "@vercel/functions": ("after", frozenset(("waitUntil",))),
}
#: calls that are slow only when they are made for each of many
IN_LOOPS: Mapping[str, tuple[ReasonKind, frozenset[str]]] = {
    "@prisma/client": ("bulk", _ROWS),
    "mongoose": ("bulk", _ROWS),
    "sequelize": ("bulk", _ROWS),
    "typeorm": ("bulk", _ROWS),
    "django": ("bulk", frozenset(("create", "get_or_create", "update_or_create"))),
}
#: kinds of calls that take long each time: nothing beside them matters much, and nothing should be held open over them
TAKE_LONG: tuple[ReasonKind, ...] = ("mail", "service", "model", "program", "wait")


def kind_of(key: str, *, in_loop: bool) -> ReasonKind | None:
    """What the call of `key` (as `scanners.linking` names it) costs; None if nothing that we know.

    What an answer is asked costs nothing more. `create_async` is what Stripe's package for Python calls `create` in coroutines.

    >>> kind_of("nodemailer.createTransport().sendMail", in_loop=False), kind_of("requests.Session", in_loop=True)
    ('mail', None)
    >>> kind_of("httpx.AsyncClient().get", in_loop=False), kind_of("httpx.AsyncClient().get().json().get", in_loop=False)
    ('service', None)
    >>> kind_of("httpx.Response().headers.get", in_loop=False), kind_of("stripe.PaymentIntent.create_async", in_loop=False)
    (None, 'service')
    """
    *before, last = key.split(".")
    name = last.removesuffix("()").removesuffix("_async")
    called = {part.removesuffix("()") for part in before if part.endswith("()")}
    if not _ANSWERS.isdisjoint(called.union(before)):
        return None
    for table in (SLOW, IN_LOOPS) if in_loop else (SLOW,):
        for package in _packages(key):
            kind, names = table.get(package, (None, frozenset[str]()))
            if kind is not None and name in names and called.isdisjoint(names):
                return kind
    return None


def _packages(key: str) -> list[str]:
    """The packages that a key may belong to, the longest first: `django.core.mail`, `django.core`, `django`."""
    parts = key.replace("()", "").split(".")
    return [".".join(parts[:length]) for length in range(min(3, len(parts) - 1), 0, -1)]


def packages() -> frozenset[str]:
    """First components of every package of the tables."""
    return frozenset(package.split(".")[0] for table in (SLOW, IN_LOOPS) for package in table)
