"""npm packages that others build around a job system, told by their names: what code does with them is a job that no reader knows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from migrator.regex import regex

#: what stands in the name of such a package, as a word of its own -> the system
_WORDS: Mapping[str, str] = {
    "pg-?boss": "pg-boss",
    "bull-?mq": "bullmq",
    "bull(?:-queue)?": "bull",
    "bee-queue": "bee-queue",
    "graphile-worker": "graphile-worker",
    "inngest": "inngest",
    "qstash": "qstash",
    "agenda": "agenda",
    "sqs": "sqs",
}
#: what else may stand there: frameworks, and what such packages call what they give
_COMPANY = (
    "nest|nestjs|nestjs-enhanced|fastify|express|koa|hono|next|nextjs|nuxt|sveltekit|remix|adonis|adonisjs|moleculer|loopback|elysia|effect|"
    "node|ts|typescript|typed|simple|easy|extra|plus|better|enhanced|queue|queues|job|jobs|task|tasks|worker|workers|consumer|producer|"
    "registry|module|service|manager|router|decorators?|scheduler|cron|core|kit|wrapper|client|plugin|listener|handler|microservice|transport"
)
_NAMES = tuple((regex(rf"(?:@[\w.-]+/)?(?:(?:{_COMPANY})-)*(?:{word})(?:-(?:{_COMPANY}))*"), system) for word, system in _WORDS.items())
#: what only shows, measures or imitates a system
_APART = regex(r"^@(types|bull-board|aws-sdk|opentelemetry|inngest|upstash)/")


@cache
def system_around(package: str) -> str:
    """The system that an npm package is built around, by its name; empty if none.

    >>> system_around("@wisemen/pgboss-nestjs-job"), system_around("fastify-bullmq"), system_around("@acme/nestjs-sqs")
    ('pg-boss', 'bullmq', 'sqs')
    >>> system_around("bull-board"), system_around("@types/pg-boss"), system_around("bullet-list"), system_around("react-agenda-view")
    ('', '', '', '')
    """
    if _APART.match(package):
        return ""
    return next((system for name, system in _NAMES if name.fullmatch(package)), "")
