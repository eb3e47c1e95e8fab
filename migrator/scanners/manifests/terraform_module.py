"""One module of Terraform, as it stands or as a call of it gives its variables: what names and references in it stand for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from migrator.jobs import Literal, Location, Value
from migrator.regex import regex
from migrator.scanners.aws.lambdas import Function
from migrator.scanners.manifests.hcl import Block, Setting

_REFERENCE = regex(r"(?:(?P<kind>aws_\w+|module)\.(?P<name>[\w-]+)|var\.(?P<variable>\w+)|local\.(?P<local>\w+))")
_PLACE = regex(r"\$\{path\.(module|root|cwd)\}/?")
#: attributes that say where a function's code is
_CODE = (
    "source_dir",
    "source_path",
    "source_file",
    "source_code_path",
    "lambda_source_dir",
    "source",
    "filename",
    "local_existing_package",
)
_HANDLERS = ("handler", "lambda_handler", "function_handler")


@dataclass(frozen=True)
class Given:
    """A call of a module: `block` stands in `caller`."""

    caller: Module
    block: Block


#: the module of the tree that a module's own call, by its name, makes
Child = Callable[["Module", str], "Module | None"]


class Module:
    """The blocks of one folder. `given`: the call that it is read for; `child` knows the modules that it calls."""

    def __init__(self, folder: str, blocks: list[Block], given: Given | None, child: Child) -> None:
        self.folder, self._given, self._child = folder, given, child
        self.resources = {(b.labels[1], b.labels[2]): b for b in blocks if len(b.labels) == 3 and b.labels[0] == "resource"}
        self.modules = {b.labels[1]: b for b in blocks if len(b.labels) == 2 and b.labels[0] == "module"}
        self._data = {(b.labels[1], b.labels[2]): b for b in blocks if len(b.labels) == 3 and b.labels[0] == "data"}
        self._locals = {k: s for b in blocks if b.labels[:1] == ("locals",) for k, s in b.settings.items()}
        self._defaults = {
            b.labels[1]: b.settings["default"]
            for b in blocks
            if b.labels[:1] == ("variable",) and "default" in b.settings and len(b.labels) > 1
        }
        self._borrowed = False

    def where(self, block: Block) -> Location:
        """Where something stands: at the call of the module, if it is the call that says what it is. To be asked after its values."""
        borrowed, self._borrowed = self._borrowed, False
        return self._given.block.location if borrowed and self._given is not None else block.location

    def resolved(self, setting: Setting, depth: int = 6) -> tuple[Module, Setting]:
        """(module, expression) behind a variable or a local."""
        found = _REFERENCE.fullmatch(setting.source.strip('"').removeprefix("${").removesuffix("}"))
        inner: Setting | None = None
        if found is not None and found["variable"]:
            handed = self._given.block.settings.get(found["variable"]) if self._given is not None else None
            if handed is not None and self._given is not None:
                self._borrowed = True
                return self._given.caller.resolved(handed, depth - 1) if depth else (self, setting)
            inner = self._defaults.get(found["variable"])
        elif found is not None and found["local"]:
            inner = self._locals.get(found["local"])
        return self.resolved(inner, depth - 1) if inner is not None and depth else (self, setting)

    def value(self, setting: Setting) -> Value:
        """A literal, or the expression that is left."""
        _, inner = self.resolved(setting)
        known = inner.value
        return known if isinstance(known, Literal) and known.value is not None else setting.value

    def text(self, setting: Setting | None) -> str:
        """A string; empty for anything else and for what is not known."""
        value = self.value(setting) if setting is not None else None
        return value.value if isinstance(value, Literal) and isinstance(value.value, str) else ""

    def named(self, setting: Setting) -> Value:
        """A queue or a function by its resource's name or by its ARN."""
        module, inner = self.resolved(setting)
        found = _REFERENCE.search(inner.source)
        return module.named_as(found["kind"], found["name"]) if found is not None and found["name"] else self.value(setting)

    def named_as(self, kind: str, name: str) -> Value:
        """The name that a resource, or the call of a module, gives to what it makes; else its own."""
        block = self.modules.get(name) if kind == "module" else self.resources.get((kind, name))
        child = self._child(self, name) if kind == "module" else None
        queues = [(k, n) for k, n in child.resources if k == "aws_sqs_queue"] if child is not None else []
        if child is not None and len(queues) == 1:
            return child.named_as(*queues[0])
        key = "function_name" if block is not None and "function_name" in block.settings else "name"
        return Literal((self.text(block.settings.get(key)) if block is not None else "") or name)

    def refers_to(self, setting: Setting, kind: str) -> str:
        """The name of the resource of a kind that an expression refers to; empty if there is none."""
        return next((f["name"] for f in _REFERENCE.finditer(setting.source) if f["kind"] == kind and f["name"]), "")

    def function(self, setting: Setting, depth: int = 4) -> Function | None:
        """The function that an ARN, name or alias refers to, through at most so many aliases."""
        module, inner = self.resolved(setting)
        for found in _REFERENCE.finditer(inner.source):
            kind, name = found["kind"] or "", found["name"] or ""
            if kind == "module" and name in module.modules:
                return module.function_of(name, module.modules[name]) or module.function_within(name)
            block = module.resources.get((kind, name))
            if block is not None and kind == "aws_lambda_function":
                return module.function_of(name, block)
            if block is not None and kind == "aws_lambda_alias" and "function_name" in block.settings and depth:
                return module.function(block.settings["function_name"], depth - 1)
        return None

    def function_within(self, name: str) -> Function | None:
        """The only function of a module of the tree that this one calls."""
        child = self._child(self, name)
        made = [(n, b) for (kind, n), b in child.resources.items() if kind == "aws_lambda_function"] if child is not None else []
        return child.function_of(*made[0]) if child is not None and len(made) == 1 else None

    def function_of(self, name: str, block: Block) -> Function | None:
        """A function by the resource, or the call of a module, that makes it."""
        given = block.settings
        handler = next((text for key in _HANDLERS if (text := self.text(given.get(key)))), "")
        image = next((b for b in block.blocks if b.labels[:1] == ("image_config",)), None)
        command = image.settings.get("command") if image is not None else given.get("image_config_command")
        if not handler and command is not None and command.elements():
            handler = command.elements()[0].text
        if block.labels[0] == "module" and not handler and not any(key in given for key in _CODE[:5]):
            return None
        time, limit = given.get("timeout"), given.get("reserved_concurrent_executions")
        folders = tuple(dict.fromkeys((*self.code_folders(block), self.folder, "")))
        return Function(
            name=self.text(given.get("function_name")) or name,
            where=block.location,
            handler=handler,
            folders=folders,
            timeout=self.value(time) if time is not None else None,
            concurrency=self.value(limit) if limit is not None else None,
            form="Terraform Lambda",
            image=(name,) if "image_uri" in given else (),
        )

    def code_folders(self, block: Block, *, packed_by: bool = False) -> Iterator[str]:
        """Where the code of a function may be: named outright, or packed by `archive_file`, whose own block is then the one asked."""
        for key in _CODE:
            setting = block.settings.get(key)
            if setting is None or (key == "source" and block.labels[0] == "module"):
                continue
            module, inner = self.resolved(setting)
            packed = re.search(r"data\.archive_file\.([\w-]+)", inner.source)
            archive = module.archive(packed[1]) if packed is not None and not packed_by else None
            if archive is not None:
                yield from module.code_folders(archive, packed_by=True)
                continue
            written = _PLACE.sub("", inner.source.strip('"'))
            if "${" in written or "(" in written or not written:
                continue
            for base in (module.folder, ""):
                path = posixpath.normpath(posixpath.join(base, written))
                # A file of code, or a package that is built out of the folder of its name.
                yield posixpath.dirname(path) if posixpath.splitext(path)[1] in (".py", ".js", ".ts", ".mjs", ".zip") else path

    def archive(self, name: str) -> Block | None:
        """What is packed under a name."""
        return self._data.get(("archive_file", name))
