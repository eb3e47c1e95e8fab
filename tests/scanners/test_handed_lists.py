"""Lists that one method is handed and keeps, and that another one goes over; containers that make what is in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from migrator.jobs import Inventory, Job

Scan = Callable[[Mapping[str, str]], Inventory]

SERVICE = """\
import PgBoss from "pg-boss";
export const NAME = Symbol("name");
export class Jobs {
  private readonly boss: PgBoss;
  private handlers?: Handler[];
  constructor(boss?: PgBoss) { this.boss = boss ?? new PgBoss(process.env.DATABASE_URL!); }
  async register(handlers: Handler[]) {
    this.handlers = %s;
  }
  async start() {
    if (!this.handlers) throw new Error("none");
    const all = this.handlers.map(async (handler) => {
      const queue = handler.accepts[NAME];
      await Promise.all(Array.from({ length: 2 }).map(() => this.boss.work(queue, async ([job]) => { await handler.handle(job.data); })));
    });
    await Promise.all(all);
  }
}
"""
HANDLERS = """\
import { NAME } from "./jobs";
export { NAME as EVENT };
export class Mail { static readonly [NAME] = "mail"; }
export class MailHandler { readonly accepts = Mail; async handle(data) {} }
"""
OTHER = """\
import { EVENT } from "./handlers";
export class Push { static readonly [EVENT] = "push"; }
export class PushHandler { readonly accepts = Push; async handle(data) {} }
"""
MAIN = """\
import { Jobs } from "./jobs";
import { MailHandler } from "./handlers";
import { PushHandler } from "./other";
%s
"""


def told(inventory: Inventory) -> list[tuple[str, str, int, str]]:
    return sorted((i.name, i.location.path, i.location.line, i.confidence) for i in inventory.items if isinstance(i, Job) and not i.wrapper)


def tree(main: str, kept: str = "handlers") -> dict[str, str]:
    return {"jobs.ts": SERVICE % kept, "handlers.ts": HANDLERS, "other.ts": OTHER, "main.ts": MAIN % main}


BOTH = [("mail", "main.ts", 5, "certain"), ("push", "main.ts", 6, "certain")]
MADE = "const jobs = new Jobs(); await jobs.register([\n  new MailHandler(),\n  new PushHandler(),\n]); await jobs.start();"
#: how the instances are come by: what is imported, and what makes one of a class
CONTAINERS = {
    "tsyringe": ('import { container } from "tsyringe"', "container.resolve({})"),
    "a child of it": ('import { container } from "tsyringe"', "container.createChildContainer().resolve({})"),
    "TypeDI": ('import { Container } from "typedi"', "Container.get({})"),
    "Inversify": ('import { Container } from "inversify"; const own = new Container()', "own.get({})"),
    "Nest": ('import { NestFactory } from "@nestjs/core"; const app = await NestFactory.create(App)', "app.get({})"),
}


@pytest.mark.parametrize("kept", ["handlers", "handlers.slice(0)", "[...handlers]", "handlers.filter((h) => h)"])
def test_each_element_that_is_handed_over_is_a_job(scan_tree: Scan, kept: str) -> None:
    assert told(scan_tree(tree(MADE, kept))) == BOTH


@pytest.mark.parametrize(("imported", "asks"), CONTAINERS.values(), ids=CONTAINERS)
def test_what_a_container_makes_is_of_its_class(scan_tree: Scan, imported: str, asks: str) -> None:
    main = f"{imported}; await {asks.format('Jobs')}.register([\n  {asks.format('MailHandler')},\n  {asks.format('PushHandler')},\n]);"
    assert told(scan_tree(tree(main))) == BOTH


def test_a_list_that_nobody_hands_over_leaves_the_loop_as_it_is(scan_tree: Scan) -> None:
    assert told(scan_tree(tree("export const jobs = new Jobs(); jobs.start();"))) == [("", "jobs.ts", 14, "certain")]


def test_a_list_that_is_made_in_the_class_is_not_that_of_a_caller(scan_tree: Scan) -> None:
    made = told(scan_tree(tree(MADE, "this.load()")))
    assert made == [("", "jobs.ts", 14, "certain")]


def test_another_symbol_of_the_same_description_is_another_name(scan_tree: Scan) -> None:
    files = tree(MADE) | {"other.ts": OTHER.replace('import { EVENT } from "./handlers";', 'const EVENT = Symbol("name");')}
    assert told(scan_tree(files)) == BOTH[:1]
