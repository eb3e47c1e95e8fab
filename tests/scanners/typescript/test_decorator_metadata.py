# ruff: noqa: E501, ISC004 - code under test reads better on one line
"""Decorators that only keep what they are told, and packages around a job system: said where they stand, and what is neither."""

from __future__ import annotations

import pytest

from tests.scanners.conftest import Scan

PACKAGE = '{"dependencies": {"pg-boss": "10.1.0", "@nestjs/common": "10.0.0", "@nestjs/core": "10.0.0"}}'
EXPLORER = """
    import { DiscoveryService, Reflector } from "@nestjs/core";
    import PgBoss from "pg-boss";
    import { %s } from "./keep";
    export class Explorer {
      constructor(private discovery: DiscoveryService, private reflector: Reflector, private boss: PgBoss) {}
      async onModuleInit() {
        for (const { instance } of this.discovery.getProviders()) {
          const name = this.reflector.get(%s, instance.run);
          if (name) await this.boss.work(name, (jobs) => instance.run(jobs));
        }
      }
    }
    """
USES = """
    import { %s } from "./keep";
    export class Mails {
      @%s("welcome")
      async run(jobs) { await send(jobs); }
    }
    """

KEEPERS = {
    "a key that is a text": (
        'import { SetMetadata } from "@nestjs/common";\nexport const KEY = "handler";\nexport const Handles = (name) => SetMetadata(KEY, name);\n',
        "KEY",
    ),
    "a key that is a symbol": (
        'import { SetMetadata } from "@nestjs/common";\nexport const KEY = Symbol("handler");\n'
        "export function Handles(name) { return applyDecorators(SetMetadata(KEY, { name })); }\n",
        "KEY",
    ),
    "without Nest's function": (
        'export const KEY = "handler";\n'
        "export const Handles = (name) => (target, key) => { Reflect.defineMetadata(KEY, name, target[key]); };\n",
        "KEY",
    ),
    "a decorator that a reflector makes": (
        'import { Reflector } from "@nestjs/core";\nexport const Handles = Reflector.createDecorator<string>();\n',
        "Handles",
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", KEEPERS)
def test_a_decorator_of_which_jobs_are_made_is_said(scan_tree: Scan, form: str) -> None:
    keep, key = KEEPERS[form]
    other = USES.replace("Mails", "Roles") % ("Allows", "Allows")
    inventory = scan_tree(
        {
            "package.json": PACKAGE,
            "keep.ts": keep + 'export const Allows = (role) => SetMetadata("roles", role);\n',
            "explorer.ts": EXPLORER % (key, key),
            "mails.ts": USES % ("Handles", "Handles"),
            "other.ts": other,
        }
    )
    assert [(u.path, u.line, u.system, u.reason) for u in inventory.unresolved] == [
        ("mails.ts", 4, "pg-boss", "explorer.ts:10 makes jobs of pg-boss of what `@Handles` keeps: which, only the run knows")
    ]


def test_a_decorator_is_said_where_another_class_makes_the_job(scan_tree: Scan) -> None:
    keep, _ = KEEPERS["a key that is a text"]
    broker = """
        import PgBoss from "pg-boss";
        export class Broker {
          constructor(private boss: PgBoss) {}
          async subscribeTo(name, run) { await this.boss.work(`${process.env.APP}.${name}`, async ([job]) => { await run(job); }); }
        }
        """
    explorer = EXPLORER.replace("private boss: PgBoss", "private broker: Broker").replace("this.boss.work(", "this.broker.subscribeTo(")
    explorer = explorer.replace('import PgBoss from "pg-boss";', 'import { Broker } from "./broker";') % ("KEY", "KEY")
    files = {
        "package.json": PACKAGE,
        "keep.ts": keep,
        "explorer.ts": explorer,
        "broker.ts": broker,
        "mails.ts": USES % ("Handles", "Handles"),
    }
    assert [(u.path, u.line, u.reason.partition(" ")[0]) for u in scan_tree(files).unresolved] == [("mails.ts", 4, "explorer.ts:10")]


def test_what_is_kept_for_something_else_says_nothing(scan_tree: Scan) -> None:
    keep, _ = KEEPERS["a key that is a text"]
    explorer = EXPLORER.replace("this.boss.work(name,", 'this.boss.work("welcome",') % ("KEY", "KEY")
    files = {"package.json": PACKAGE, "keep.ts": keep, "explorer.ts": explorer, "mails.ts": USES % ("Handles", "Handles")}
    assert scan_tree(files).unresolved == ()


AROUND = {
    "a decorator": (
        'import { PgBossJob } from "@acme/pgboss-nestjs-job";\n@PgBossJob("mail")\nexport class Mail {}\n',
        [(2, "`@PgBossJob` of @acme/pgboss-nestjs-job, a package around pg-boss, is not read: look for its jobs here")],
    ),
    "two decorators": (
        'import * as jobs from "nestjs-pg-boss";\nexport class A {\n  @jobs.Handle("a") a() {}\n  @jobs.Handle("b") b() {}\n}\n',
        [(n, "`@jobs` of nestjs-pg-boss, a package around pg-boss, is not read: look for its jobs here") for n in (3, 4)],
    ),
    "a call": (
        'import { createJob } from "nest-pg-boss";\nexport const mail = createJob("mail");\nexport const sms = createJob("sms");\n',
        [(1, "`createJob` of nest-pg-boss, a package around pg-boss, is not read: look for its jobs here")],
    ),
    "its types alone": ('import type { Job } from "@types/pg-boss";\nexport type Own = Job;\n', []),
    "what shows jobs": ('import { createBullBoard } from "@bull-board/api";\ncreateBullBoard({});\n', []),
    "another word": ('import { Bullet } from "bullet-list";\nexport const b = Bullet();\n', []),
    "one that is read": ('import PgBoss from "pg-boss";\nexport const boss = new PgBoss("postgres://x");\n', []),
    "of the project": ('import { mail } from "./nest-pg-boss";\nexport const own = mail();\n', []),
}  # fmt: skip


@pytest.mark.parametrize("form", AROUND)
def test_a_package_around_a_system_is_said(scan_tree: Scan, form: str) -> None:
    code, expected = AROUND[form]
    assert [(u.line, u.reason) for u in scan_tree({"package.json": PACKAGE, "mail.ts": code}).unresolved] == expected


def test_a_package_around_a_system_is_a_dependency_of_it_unless_it_is_the_projects_own(scan_tree: Scan) -> None:
    listed = '{"dependencies": {"nest-pg-boss": "1.0.0", "@own/bullmq": "workspace:*", "bullet-list": "2", "@acme/nestjs-sqs": "^3"}}'
    found = scan_tree({"package.json": listed}).items
    assert [(i.kind, i.system, i.name) for i in found] == [
        ("dependency", "pg-boss", "nest-pg-boss"),
        ("dependency", "sqs", "@acme/nestjs-sqs"),
    ]
