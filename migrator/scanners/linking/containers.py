"""What a container of dependencies makes on demand: `container.resolve(Mailer)` gives a `Mailer`."""

from __future__ import annotations

from migrator.regex import regex
from migrator.scanners.linking.values import Defined, External, Instance, Meaning, Member
from migrator.syntax.tree import CLASSES

_METHODS = frozenset(("resolve", "get", "create"))
#: how the containers of tsyringe, TypeDI, Inversify and Nest are asked for an instance of a class
_ASKED = regex(
    r"tsyringe\.(container|DependencyContainer\(\))(\.createChildContainer\(\))?\.resolve"
    r"|typedi\.(Container(\.of\(\))?|ContainerInstance\(\)|default)\.get"
    r"|inversify\.Container\(\)\.(get|resolve)"
    r"|@nestjs/core\.(ModuleRef\(\)|NestFactory\.create(ApplicationContext|Microservice)?\(\))(\.select\(\))?\.(get|resolve|create)"
    r"|@nestjs/common\.(INestApplication|INestApplicationContext|INestMicroservice)\(\)\.(get|resolve)"
)


def asks_for_instance(callee: Meaning) -> bool:
    """True for the method of a container that makes an instance of the class that it is handed."""
    name = callee.path[-1] if isinstance(callee, External) else callee.name if isinstance(callee, Member) else ""
    return name in _METHODS and _ASKED.fullmatch(callee.key) is not None


def instance_of(asked_for: Meaning | None) -> Instance | None:
    """An instance of a class of the tree; None for anything else that a container is asked for."""
    return Instance(asked_for) if isinstance(asked_for, Defined) and asked_for.place.node.type in CLASSES else None
