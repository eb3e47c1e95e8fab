"""Reading what an expression stands for (`values`), through imports, factories, classes and decorators of the whole project.

It never runs anything: a call of a function of the tree means what its `return` says, with the parameters bound to the arguments;
a call of anything else means an instance of that thing. What cannot be told is `Unknown`, never guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from tree_sitter import Node

from migrator.scanners.linking.classes import attribute_candidates, base_classes, enclosing_class
from migrator.scanners.linking.literals import literal, return_values
from migrator.scanners.linking.project import Project
from migrator.scanners.linking.values import (
    UNKNOWN,
    Defined,
    External,
    Frame,
    Instance,
    Known,
    Meaning,
    Member,
    Namespace,
    Place,
    Structure,
    Unknown,
)
from migrator.syntax.bindings import NAMESPACE, Binding
from migrator.syntax.source import Source
from migrator.syntax.tree import FUNCTIONS, callee_of, field, walk
from migrator.syntax.typescript_bindings import required_module

#: how deep one question may lead through calls, names and imports
DEPTH = 60
#: how often one function is entered from within itself
_RECURSION = 2

#: roots of values that no reading can tell: `process.env`, `os.environ`
_RUN_TIME = frozenset(("globalThis", "builtins", "os"))

#: functions that find a value by a name
_LOOKUPS = frozenset(
    (
        *("builtins.getattr", "builtins.__import__", "builtins.globals", "builtins.locals", "importlib.import_module", "pydoc.locate"),
        *("django.utils.module_loading.import_string", "werkzeug.utils.import_string", "operator.attrgetter"),
    )
)

_TRANSPARENT = frozenset(
    (
        "await",
        "await_expression",
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "type_assertion",
        "expression_statement",
        "type_annotation",
        "type",
        "export_statement",
    )
)


class Evaluator:
    """Answers "what does this stand for?" for one project. `notable` says which outside packages matter (by key)."""

    def __init__(self, project: Project, notable: Callable[[str], bool]) -> None:
        self.project = project
        self._notable = notable
        self._memo: dict[tuple[Source, int], Meaning] = {}
        self._exports: dict[tuple[str, str], Meaning] = {}
        self._candidates = cache(lambda source, node, name: tuple(attribute_candidates(source, node, name)))
        self._attributes: dict[object, tuple[Meaning | None, object]] = {}
        self._depth = 0
        self._entered: Counter[int] = Counter()
        self._handlers: dict[str, Callable[[Place], Meaning]] = {
            "identifier": self._identifier,
            "type_identifier": self._identifier,
            "shorthand_property_identifier": self._identifier,
            "attribute": self._member_access,
            "member_expression": self._member_access,
            "nested_type_identifier": self._nested_type,
            "generic_type": self._generic_type,
            "union_type": self._choice,
            "subscript": self._subscript,
            "subscript_expression": self._subscript,
            "call": self._call,
            "call_expression": self._call,
            "new_expression": self._call,
            "conditional_expression": self._choice,
            "ternary_expression": self._choice,
            "boolean_operator": self._choice,
            "binary_expression": self._binary,
            "binary_operator": self._binary,
            "assignment_expression": self._assigned,
            "named_expression": self._assigned,
            "this": self._this,
            "super": self._super,
            "object": self._structure,
            "dictionary": self._structure,
            "array": self._structure,
            "list": self._structure,
            "tuple": self._structure,
            "set": self._structure,
            "decorated_definition": self._definition,
        }

    # -- the questions ------------------------------------------------------------------------------------------------

    def meaning(self, place: Place) -> Meaning:
        """What the expression at `place` stands for."""
        key = (place.source, place.node.id)
        answers = self._memo if place.frame is None else place.frame.answers
        if key in answers:
            return answers[key]
        if self._depth > DEPTH:
            return Unknown("too many steps")
        self._depth += 1
        # A name that leads back to itself is unknown while it is being answered.
        answers[key] = UNKNOWN
        try:
            answer = self._answer(place)
        finally:
            self._depth -= 1
        answers[key] = answer
        return answer

    def of(self, source: Source, node: Node, frame: Frame | None = None) -> Meaning:
        """Shorthand for `meaning(Place(…))`."""
        return self.meaning(Place(source, node, frame))

    def name(self, source: Source, name: str, at: Node, frame: Frame | None = None) -> Meaning:
        """What the name `name` stands for at the node `at`."""
        bindings = self.project.bindings(source.path).lookup(name, at)
        if not bindings:
            if name == "__name__" and source.is_python:
                return Known(self.project.module_of(source.path))
            return self._star_import(source, name) or External(("builtins" if source.is_python else "globalThis", name))
        return self._first(self._bound(source, b, frame) for b in bindings)

    def export(self, path: str, name: str) -> Meaning:
        """What the file `path` offers under `name`: its own, re-exported, or a submodule of the package."""
        key = (path, name)
        if key in self._exports:
            return self._exports[key]
        if self._depth > DEPTH:
            return Unknown("too many steps")
        self._depth += 1
        # Files that re-export each other in a circle: the name is not there while it is being looked for.
        self._exports[key] = Unknown(f"{name} is not exported by {path}")
        try:
            answer = self._export(path, name)
        finally:
            self._depth -= 1
        self._exports[key] = answer
        return answer

    def member(self, of: Meaning, name: str) -> Meaning:
        """What `.name` of something stands for."""
        match of:
            case External():
                return External((*of.path, name))
            case Namespace():
                return self.export(of.path, name)
            case Structure():
                entry = of.entries.get(name)
                return self.meaning(entry) if entry is not None else Member(of, name)
            case Defined() if of.place.node.type not in FUNCTIONS:
                return self._attribute(of, name, of) or Member(of, name)
            case Instance(of=Defined() as owner) if of.decorated is None:
                return self._attribute(owner, name, of) or Member(of, name)
            case _:
                return Member(of, name)

    def entries(self, place: Place, *, within: frozenset[int] = frozenset()) -> dict[str, Place]:
        """The entries of an object or dictionary that `place` stands for, spreads of known objects included.

        A spread of something unknown leaves the key `...` in the result; so does one that leads back to itself. `within`: the
        nodes of the objects around this one.
        """
        found: dict[str, Place] = {}
        meaning = self.meaning(place)
        if not isinstance(meaning, Structure) or meaning.place.node.id in within:
            return found
        for key, entry in meaning.entries.items():
            if key.startswith("..."):
                inner = self.entries(entry, within=within | {meaning.place.node.id})
                found.update(inner or {"...": entry})
            else:
                found[key] = entry
        return found

    def known(self, place: Place | None) -> object:
        """The literal value that `place` stands for, or None."""
        if place is None:
            return None
        meaning = self.meaning(place)
        return meaning.value if isinstance(meaning, Known) else None

    def text(self, place: Place | None) -> str:
        """The string that `place` stands for, or empty."""
        value = self.known(place)
        return value if isinstance(value, str) else ""

    def known_list(self, place: Place | None) -> tuple[str, ...]:
        """The strings of a list literal that `place` stands for; empty unless every element is one."""
        texts = [self.text(entry) for entry in self.entries(place).values()] if place is not None else []
        return tuple(texts) if all(texts) else ()

    def origin(self, place: Place) -> Place:
        """The expression that a parameter was given, through as many calls as are known; other expressions are their own origin."""
        for _ in range(DEPTH):
            if place.frame is None or place.node.type != "identifier":
                break
            bound = self.project.bindings(place.source.path).lookup(place.text, place.node)
            given = _given(bound[0], place.frame) if bound and bound[0].kind == "parameter" and not bound[0].path else None
            if not isinstance(given, Place):
                break
            place = given
        return place

    def apply(self, callee: Meaning, place: Place, arguments: Mapping[int | str, Place | Meaning]) -> Meaning:
        """What calling `callee` gives."""
        if isinstance(callee, Defined):
            node = callee.place.node
            if node.type in FUNCTIONS:
                if self._entered[node.id] >= _RECURSION:
                    return Unknown(f"what {callee.name}() returns")
                frame = self.enter(callee, arguments)
                results = (self.of(callee.place.source, value, frame) for value in return_values(node))
                self._entered[node.id] += 1
                try:
                    found = self._only(list(results))
                finally:
                    self._entered[node.id] -= 1
                annotation = field(node, "return_type")
                if annotation is not None and vague(found):
                    typed = self._typed(Place(callee.place.source, annotation, frame))
                    found = typed if not isinstance(typed, Unknown) else found
                return found if not isinstance(found, Unknown) else Unknown(f"what {callee.name}() returns")
            return Instance(callee, place)
        if isinstance(callee, Unknown):
            return Unknown(callee.why)
        if isinstance(callee, Member) and callee.name == "bind" and isinstance(callee.of, Defined):
            return callee.of
        if callee.key in _LOOKUPS:
            return self._looked_up(callee.key, arguments)
        return Instance(callee, place)

    def _looked_up(self, lookup: str, arguments: Mapping[int | str, Place | Meaning]) -> Meaning:
        """`getattr(x, "name")` is `x.name`; every other look-up by a name is left to the run."""
        owner, name = arguments.get(0), arguments.get(1)
        if lookup == "builtins.getattr" and isinstance(owner, Place) and isinstance(name, Place):
            text = self.text(name)
            if text:
                return self.member(self.meaning(owner), text)
        return Unknown("looked up by a name at run time")

    def enter(self, callee: Defined, arguments: Mapping[int | str, Place | Meaning]) -> Frame:
        """The frame in which the body of a function of the tree sees those arguments."""
        if callee.owner is not None and callee.place.source.is_python:
            arguments = after_self(arguments, callee.owner)
        return Frame(callee.place.node, arguments, callee.owner, callee.place.frame)

    def arguments(self, place: Place) -> dict[int | str, Place | Meaning]:
        """The arguments of a call: by position and by keyword; unpacked ones under `*` and `**`."""
        found: dict[int | str, Place | Meaning] = {}
        arguments = field(place.node, "arguments")
        if arguments is not None and arguments.type == "generator_expression":
            return {0: Place(place.source, arguments, place.frame)}
        position = 0
        for node in arguments.named_children if arguments is not None else ():
            match node.type:
                case "comment":
                    continue
                case "keyword_argument":
                    name, value = field(node, "name"), field(node, "value")
                    if name is not None and value is not None:
                        found[place.source.text(name)] = Place(place.source, value, place.frame)
                case "list_splat" | "dictionary_splat" | "spread_element":
                    found["**" if node.type == "dictionary_splat" else "*"] = Place(place.source, node.named_children[0], place.frame)
                case _:
                    found[position] = Place(place.source, node, place.frame)
                    position += 1
        return found

    def definition(self, source: Source, node: Node, frame: Frame | None = None) -> Meaning:
        """A function or class, and what its decorators make of it."""
        name = field(node, "name")
        meaning: Meaning = Defined(Place(source, node, frame), source.text(name) if name is not None else "")
        parent = node.parent
        if parent is None or parent.type != "decorated_definition":
            return meaning
        whole = Place(source, parent, frame)
        for decorator in reversed([c for c in parent.named_children if c.type == "decorator"]):
            meaning = self._decorated(whole, Place(source, decorator.named_children[0], frame), meaning)
        return meaning

    # -- how each kind of node is answered ----------------------------------------------------------------------------

    def _answer(self, place: Place) -> Meaning:
        node = place.node
        kind = node.type
        if kind in _TRANSPARENT:
            inner = [c for c in node.named_children if c.type != "comment"]
            chosen = inner[-1] if kind in ("type_assertion", "expression_statement") else inner[0] if inner else None
            return self.meaning(Place(place.source, chosen, place.frame)) if chosen is not None else UNKNOWN
        if kind in FUNCTIONS or kind in ("class_definition", "class_declaration", "class", "abstract_class_declaration"):
            return self.definition(place.source, node, place.frame)
        handler = self._handlers.get(kind)
        return handler(place) if handler else literal(self, place)

    def _identifier(self, place: Place) -> Meaning:
        return self.name(place.source, place.text, place.node, place.frame)

    def _member_access(self, place: Place) -> Meaning:
        owner = field(place.node, "object")
        name = field(place.node, "attribute") or field(place.node, "property")
        if owner is None or name is None:
            return UNKNOWN
        if owner.type == "identifier" and owner.text == b"self" and place.source.is_python:
            base = self._this(place)
        elif owner.type == "super":
            this = self._this(place)
            base = Instance(
                self._super(place), self._built(this.of, this) if isinstance(this, Instance) and isinstance(this.of, Defined) else None
            )
        else:
            base = self.meaning(Place(place.source, owner, place.frame))
        return self.member(base, place.source.text(name))

    def _nested_type(self, place: Place) -> Meaning:
        module, name = field(place.node, "module"), field(place.node, "name")
        if module is None or name is None:
            return UNKNOWN
        return self.member(self.meaning(Place(place.source, module, place.frame)), place.source.text(name))

    def _generic_type(self, place: Place) -> Meaning:
        """`Queue<Data>` is a `Queue`; `Promise<X>` and `Optional[X]` are an X."""
        inner = place.node.named_children
        if inner and place.source.text(inner[0]) in ("Promise", "Awaited", "Readonly", "Optional") and len(inner) > 1:
            return self.meaning(Place(place.source, inner[1].named_children[0], place.frame))
        return self.meaning(Place(place.source, inner[0], place.frame)) if inner else UNKNOWN

    def _subscript(self, place: Place) -> Meaning:
        node = place.node
        owner = field(node, "value") or field(node, "object")
        index = field(node, "subscript") or field(node, "index")
        if owner is None or index is None:
            return UNKNOWN
        base = self.meaning(Place(place.source, owner, place.frame))
        key = self.known(Place(place.source, index, place.frame))
        if isinstance(key, str | int) and not isinstance(key, bool):
            return self.member(base, str(key))
        return Unknown("a key only known at run time")

    def _call(self, place: Place) -> Meaning:
        callee = callee_of(place.node)
        if callee is None:
            return UNKNOWN
        required = "" if place.source.is_python else required_module(place.source, place.node)
        if required:
            path = self.project.resolve(place.source.path, required)
            return self._module(path) if path else External(self.project.package_of(place.source.path, required))
        return self.apply(self.meaning(Place(place.source, callee, place.frame)), place, self.arguments(place))

    def _choice(self, place: Place) -> Meaning:
        """`a if c else b`, `c ? a : b`, `a or b`, `A | None`: the first that can be told."""
        node = place.node
        options = list(node.named_children)
        if node.type == "conditional_expression":
            options = [options[0], options[-1]]
        elif node.type == "ternary_expression":
            options = options[1:]
        meanings = (self.meaning(Place(place.source, o, place.frame)) for o in options)
        # Of `a or "b"` the text is the one that holds where nothing else is said; of `c ? "a" : "b"` either may.
        return self._only(list(meanings)) if node.type in ("conditional_expression", "ternary_expression") else self._first(meanings)

    def _binary(self, place: Place) -> Meaning:
        operator = field(place.node, "operator")
        symbol = place.source.text(operator) if operator is not None else ""
        if symbol == "|" and place.source.is_python:
            joined = self._joined(place)
            if joined is not None:
                return joined
        if symbol in ("??", "||", "|"):
            return self._choice(place)
        return literal(self, place)

    def _joined(self, place: Place) -> Meaning | None:
        """`a | b` of two objects of an outside package that matters: what `a.__or__(b)` gives. None for anything else."""
        left, right = field(place.node, "left"), field(place.node, "right")
        if left is None or right is None:
            return None
        first, second = (self.meaning(Place(place.source, n, place.frame)) for n in (left, right))
        if isinstance(first, Instance) and isinstance(second, Instance) and self._notable(first.key) and self._notable(second.key):
            return Instance(Member(first, "__or__"), place)
        return None

    def _assigned(self, place: Place) -> Meaning:
        value = field(place.node, "right") or field(place.node, "value")
        return self.meaning(Place(place.source, value, place.frame)) if value is not None else UNKNOWN

    def _this(self, place: Place) -> Meaning:
        frame = place.frame
        while frame is not None:
            if frame.this is not None:
                return frame.this
            frame = frame.parent
        owner = enclosing_class(place.node)
        return Instance(Defined(Place(place.source, owner), class_name(place.source, owner))) if owner is not None else UNKNOWN

    def _super(self, place: Place) -> Meaning:
        """The class from which the one around `place` derives: `super("mail")` makes one of it."""
        owner = enclosing_class(place.node)
        bases = base_classes(place.source, owner) if owner is not None and not place.source.is_python else iter(())
        return self._first(self.meaning(Place(place.source, base, place.frame)) for base in bases)

    def _structure(self, place: Place) -> Meaning:
        source, frame = place.source, place.frame
        entries: dict[str, Place] = {}
        position = 0
        for child in place.node.named_children:
            match child.type:
                case "comment":
                    continue
                case "pair":
                    key, value = field(child, "key"), field(child, "value")
                    if key is not None and value is not None:
                        entries[self._entry_key(Place(source, key, frame))] = Place(source, value, frame)
                case "shorthand_property_identifier":
                    entries[source.text(child)] = Place(source, child, frame)
                case "method_definition":
                    name = field(child, "name")
                    if name is not None:
                        entries[source.text(name)] = Place(source, child, frame)
                case "spread_element" | "dictionary_splat" | "list_splat":
                    entries[f"...{position}"] = Place(source, child.named_children[0], frame)
                    position += 1
                case _:
                    entries[str(position)] = Place(source, child, frame)
                    position += 1
        return Structure(place, entries)

    def _entry_key(self, key: Place) -> str:
        if key.node.type in ("property_identifier", "number"):
            return key.text
        inner = key.node.named_children[0] if key.node.type == "computed_property_name" and key.node.named_children else key.node
        value = self.known(Place(key.source, inner, key.frame))
        return str(value) if value is not None else f"[{key.text}]"

    def _definition(self, place: Place) -> Meaning:
        inner = field(place.node, "definition")
        return self.definition(place.source, inner, place.frame) if inner is not None else UNKNOWN

    # -- names --------------------------------------------------------------------------------------------------------

    def _bound(self, source: Source, binding: Binding, frame: Frame | None) -> Meaning:
        match binding.kind:
            case "import":
                return self._imported(source, binding)
            case "function" | "class":
                return self.definition(source, binding.node, frame)
            case "enum":
                return Defined(Place(source, binding.node), binding.name)
            case "parameter":
                return self._parameter(source, binding, frame)
            case "item":
                return self._item(binding, frame)
            case "value":
                return self._value(source, binding, frame)

    def _imported(self, source: Source, binding: Binding) -> Meaning:
        path = self.project.resolve(source.path, binding.module)
        if not path:
            package = self.project.package_of(source.path, binding.module)
            # `from . import x` of a folder without an `__init__.py`.
            submodule = self.project.resolve(source.path, _joined(binding.module, binding.member)) if source.is_python else ""
            if submodule:
                return Namespace(submodule)
            return External(package if binding.member == NAMESPACE else (*package, binding.member))
        if binding.member == NAMESPACE:
            return self._module(path)
        return self.export(path, binding.member)

    def _module(self, path: str) -> Meaning:
        """A module as a whole, which in CommonJS may be a function or class."""
        default = self.project.bindings(path).exports().get("default")
        if default is not None and default.commonjs:
            meaning = self.export(path, "default")
            if isinstance(meaning, Defined):
                return meaning
        return Namespace(path)

    def _value(self, source: Source, binding: Binding, frame: Frame | None) -> Meaning:
        meaning: Meaning = UNKNOWN
        if binding.value is not None:
            meaning = self.of(source, binding.value, frame)
            for key in binding.path:
                meaning = self.member(meaning, key)
        if binding.annotation is not None and (isinstance(meaning, Unknown) or _is_null(meaning)):
            typed = self._typed(Place(source, binding.annotation, frame))
            meaning = typed if not isinstance(typed, Unknown) else meaning
        if isinstance(meaning, Instance) and not meaning.symbol and binding.scope.parent is None:
            return Instance(meaning.of, meaning.call, meaning.decorated, f"{source.path}:{binding.name}")
        return meaning

    def _parameter(self, source: Source, binding: Binding, frame: Frame | None) -> Meaning:
        seen = _frame_of(binding, frame)
        meaning: Meaning = Unknown(f"the parameter {binding.name}")
        if seen is not None:
            given = _given(binding, seen)
            if binding.path == ("...",):
                meaning = _gathered(source, binding, seen)
            elif isinstance(given, Place):
                meaning = self.meaning(given)
            elif given is not None:
                meaning = given
            elif binding.value is not None:
                meaning = self.of(source, binding.value, seen)
            # What is given by the name of a leaf of a pattern is that leaf already.
            for key in () if binding.path == ("...",) or binding.name in seen.arguments else binding.path:
                meaning = self.member(meaning, key)
        if isinstance(meaning, Unknown) and binding.annotation is not None and not binding.path:
            return self._typed(Place(source, binding.annotation, frame))
        return meaning

    def _item(self, binding: Binding, frame: Frame | None) -> Meaning:
        """What a loop's name stands for, in a frame that was made for one round of the loop (see `loops`)."""
        while frame is not None and frame.function.id != binding.node.id:
            frame = frame.parent
        given = frame.arguments.get(binding.name) if frame is not None else None
        if isinstance(given, Place):
            return self.meaning(given)
        return given if given is not None else Unknown("an item of a loop")

    def _typed(self, annotation: Place) -> Meaning:
        kind = self.meaning(annotation)
        if isinstance(kind, External | Member) or (isinstance(kind, Defined) and kind.place.node.type not in FUNCTIONS):
            return Instance(kind)
        return UNKNOWN

    def _export(self, path: str, name: str) -> Meaning:
        source, bindings = self.project.source(path), self.project.bindings(path)
        if source.is_python:
            bound = bindings.module.get(name)
            if bound:
                return self._first(self._bound(source, b, None) for b in bound[::-1])
            submodule = self.project.resolve(path, f".{name}") if path.endswith("__init__.py") else ""
            return Namespace(submodule) if submodule else self._star_import(source, name) or Unknown(f"{name} is not in {path}")
        export = bindings.exports().get(name)
        if export is not None:
            if export.module:
                return self._reexported(path, export.module, export.member)
            if export.local and export.local in bindings.module:
                return self.name(source, export.local, source.root)
            if export.value is not None:
                meaning = self.of(source, export.value)
                if isinstance(meaning, Instance) and not meaning.symbol:
                    return Instance(meaning.of, meaning.call, meaning.decorated, f"{path}:{name}")
                return meaning
        return self._star_import(source, name) or self._commonjs(path, name) or Unknown(f"{name} is not exported by {path}")

    def _reexported(self, path: str, module: str, member: str) -> Meaning:
        target = self.project.resolve(path, module)
        if not target:
            package = self.project.package_of(path, module)
            return External(package if member == NAMESPACE else (*package, member))
        return Namespace(target) if member == NAMESPACE else self.export(target, member)

    def _commonjs(self, path: str, name: str) -> Meaning | None:
        """`require("./x").name` of a file that says `module.exports = something`."""
        default = self.project.bindings(path).exports().get("default")
        if name == "default" or default is None or default.value is None or not default.commonjs:
            return None
        meaning = self.member(self.of(self.project.source(path), default.value), name)
        return None if isinstance(meaning, Unknown) else meaning

    def _star_import(self, source: Source, name: str) -> Meaning | None:
        """A name that only `from x import *` or `export * from "x"` can provide."""
        for module in self.project.bindings(source.path).star_exports():
            target = self.project.resolve(source.path, module)
            if target and target != source.path:
                found = self.export(target, name)
                if not isinstance(found, Unknown):
                    return found
            elif not target and self._notable(".".join(self.project.package_of(source.path, module))):
                return External((*self.project.package_of(source.path, module), name))
        return None

    # -- classes and decorators ---------------------------------------------------------------------------------------

    def _attribute(self, owner: Defined, name: str, seen_on: Meaning) -> Meaning | None:
        """An attribute of a class of the tree, or of an instance of it, base classes included."""
        call = seen_on.call if isinstance(seen_on, Instance) else None
        frames = (owner.place.frame, call.frame if call is not None else None)
        seen = (type(seen_on), call.node.id if call is not None else 0, seen_on.symbol if isinstance(seen_on, Instance) else "")
        key = (owner.place.source.path, owner.place.node.id, name, seen, *map(id, frames))
        if key not in self._attributes:
            # An attribute that leads back to itself is unknown while it is being answered. Frames are kept, so that their ids stay theirs.
            self._attributes[key] = (UNKNOWN, frames)
            self._attributes[key] = (self._own_attribute(owner, name, seen_on), frames)
        return self._attributes[key][0]

    def _own_attribute(self, owner: Defined, name: str, seen_on: Meaning) -> Meaning | None:
        source, node = owner.place.source, owner.place.node
        frame: Frame | None = owner.place.frame
        if isinstance(seen_on, Instance) and seen_on.call is not None:
            arguments = self.arguments(seen_on.call)
        else:
            arguments = {}
        if source.is_python:
            arguments = after_self(arguments, seen_on)
        found: list[Meaning] = []
        for candidate, function in self._candidates(source, node, name):
            inner = Frame(function, arguments, seen_on, frame) if function is not None else frame
            if candidate.type in FUNCTIONS:
                meaning = self.definition(source, candidate, inner)
                found.append(Defined(meaning.place, meaning.name, seen_on) if isinstance(meaning, Defined) else meaning)
            elif candidate.type in ("type_annotation", "type"):
                found.append(self._typed(Place(source, candidate, inner)))
            elif candidate.type == "required_parameter":
                binding = self.project.bindings(source.path).lookup(name, candidate)
                found.extend(self._bound(source, b, inner) for b in binding[:1])
            else:
                found.append(self.of(source, candidate, inner))
        best = self._first(iter(found))
        if not isinstance(best, Unknown):
            return best
        for base in base_classes(source, node):
            inherited = self.of(source, base, frame)
            if isinstance(inherited, Defined):
                meaning = self._attribute(inherited, name, seen_on)
                if meaning is not None:
                    return meaning
            elif isinstance(inherited, External) and self._notable(inherited.key):
                return Member(Instance(inherited, self._built(owner, seen_on)), name)
        return None

    def _built(self, owner: Defined, seen_on: Meaning) -> Place | None:
        """The call with which an instance of a class of the tree makes the outside thing that it is: `super(…)`, or its own."""
        call = seen_on.call if isinstance(seen_on, Instance) else None
        source = owner.place.source
        constructors = self._candidates(source, owner.place.node, "constructor") if not source.is_python else ()
        for constructor, _ in constructors:
            frame = Frame(constructor, self.arguments(call) if call is not None else {}, seen_on, owner.place.frame)
            for inner in walk(constructor, ("call_expression",)):
                callee = field(inner, "function")
                if callee is not None and callee.type == "super":
                    return Place(source, inner, frame)
        return call

    def _decorated(self, whole: Place, decorator: Place, inner: Meaning) -> Meaning:
        meaning = self.meaning(decorator)
        result = self.apply(meaning, decorator, {0: inner})
        # What makes it is the call inside a function of the tree, if one stands behind the decorator.
        call = result.call if isinstance(result, Instance) and result.call is not decorator else None
        while isinstance(result, Instance) and isinstance(result.of, Instance) and result.decorated is None:
            result = result.of
            call = result.call
        if not isinstance(result, Instance) or not self._notable(result.key):
            return inner
        symbol = f"{whole.source.path}:{class_name(whole.source, field(whole.node, 'definition'))}"
        return Instance(result.of, call or (decorator if decorator.node.type == "call" else None), whole, symbol)

    def _only(self, meanings: list[Meaning]) -> Meaning:
        """The first that says something; where several say different things, no more than what they have in common."""
        told = [m for m in meanings if not vague(m) and not (isinstance(m, Known) and m.value is None)]
        if len({repr(m.value) for m in told if isinstance(m, Known)}) > 1:
            return Unknown("one of several values")
        made = [m for m in told if isinstance(m, Instance)]
        places = {(p.source.path, p.node.start_byte, p.node.end_byte) if (p := m.call or m.decorated) is not None else None for m in made}
        if len(made) == len(told) and len(places) > 1 and len({m.key for m in made}) == 1:
            return Instance(made[0].of)
        return self._first(meanings)

    def _first(self, meanings: Iterable[Meaning]) -> Meaning:
        """The first that says something; else the first at all."""
        fallback: Meaning = UNKNOWN
        typed: Instance | None = None
        for meaning in _not_null(meanings):
            if vague(meaning):
                fallback = meaning if fallback is UNKNOWN else fallback
            elif isinstance(meaning, Instance) and meaning.call is None and meaning.decorated is None:
                # Only a type: where it is made says more.
                typed = typed or meaning
            elif typed is None or (isinstance(meaning, Instance) and meaning.key == typed.key):
                return meaning
        return typed or fallback


def _frame_of(binding: Binding, frame: Frame | None) -> Frame | None:
    """The frame of the call whose parameter `binding` is."""
    while frame is not None and frame.function.id != binding.scope.id:
        frame = frame.parent
    return frame


def _given(binding: Binding, frame: Frame) -> Place | Meaning | None:
    """What a parameter is bound to in `frame` or around it."""
    seen = _frame_of(binding, frame)
    return seen.arguments.get(binding.name, seen.arguments.get(binding.index)) if seen is not None else None


def vague(meaning: Meaning) -> bool:
    """True for something unknown, for what only the running process knows (its environment, a global), and for all that hangs on them."""
    while isinstance(meaning, Member | Instance):
        meaning = meaning.of
    return isinstance(meaning, Unknown) or (isinstance(meaning, External) and meaning.path[0] in _RUN_TIME)


def _gathered(source: Source, binding: Binding, frame: Frame) -> Meaning:
    """What `...names` holds: the arguments from its position on."""
    pattern = field(binding.node, "pattern") or binding.node
    rest = {k - binding.index: v for k, v in frame.arguments.items() if isinstance(k, int) and k >= binding.index}
    given = {str(k): v for k, v in rest.items() if isinstance(v, Place)}
    spread = frame.arguments.get("*")
    if isinstance(spread, Place):
        given["...0"] = spread
    whole = len(given) == len(rest) + isinstance(spread, Place)
    return Structure(Place(source, pattern, frame), given) if whole else Unknown(f"the parameter {binding.name}")


def _is_null(meaning: Meaning) -> bool:
    return isinstance(meaning, Known) and meaning.value is None


def _not_null(meanings: Iterable[Meaning]) -> Iterator[Meaning]:
    """Null literals last: `let queue = null` is followed by the assignment that matters."""
    nulls: list[Meaning] = []
    for meaning in meanings:
        if _is_null(meaning):
            nulls.append(meaning)
        else:
            yield meaning
    yield from nulls


def after_self(arguments: Mapping[int | str, Place | Meaning], this: Meaning) -> dict[int | str, Place | Meaning]:
    """The arguments of a method call as the method's own parameters see them: `self` comes first."""
    return {0: this, **{k + 1 if isinstance(k, int) else k: v for k, v in arguments.items()}}


def class_name(source: Source, node: Node | None) -> str:
    """The name of a class or function definition, empty for an anonymous one."""
    name = field(node, "name")
    return source.text(name) if name is not None else ""


def _joined(module: str, member: str) -> str:
    return f"{module}{member}" if module.endswith(".") else f"{module}.{member}"
