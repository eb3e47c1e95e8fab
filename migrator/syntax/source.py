"""A source file as bytes plus its syntax tree, in any of the languages that we read. Never runs or imports what it reads."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from operator import attrgetter

from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

from migrator.jobs import Location, Span

#: file suffix -> (grammar, language name used in the inventory)
SUFFIXES = {
    ".py": ("python", "python"),
    ".pyi": ("python", "python"),
    ".ts": ("typescript", "typescript"),
    ".mts": ("typescript", "typescript"),
    ".cts": ("typescript", "typescript"),
    ".tsx": ("tsx", "typescript"),
    ".js": ("javascript", "javascript"),
    ".mjs": ("javascript", "javascript"),
    ".cjs": ("javascript", "javascript"),
    ".jsx": ("javascript", "javascript"),
}


@cache
def _parser(grammar: str) -> Parser:
    # Imported one by one: a Python-only run never loads the TypeScript grammars.
    if grammar == "python":
        import tree_sitter_python

        return Parser(Language(tree_sitter_python.language()))
    if grammar == "javascript":
        import tree_sitter_javascript

        return Parser(Language(tree_sitter_javascript.language()))
    import tree_sitter_typescript

    language = tree_sitter_typescript.language_tsx if grammar == "tsx" else tree_sitter_typescript.language_typescript
    return Parser(Language(language()))


#: code nested deeper than this is not read: looking outwards from a node costs its depth, so that a hostile file would never end
MAX_DEPTH = 1_000
#: of so many nodes in a row one is looked at
_STRIDE = MAX_DEPTH // 4
_start, _end, _size = attrgetter("start_byte"), attrgetter("end_byte"), attrgetter("descendant_count")


#: grammar -> the kinds of nodes that files in it were asked for, beginning with what every file is asked for
_ASKED: dict[str, dict[str, None]] = {
    "python": dict.fromkeys(
        (
            *("identifier", "call", "assignment", "augmented_assignment", "named_expression", "as_pattern", "pair", "keyword_argument"),
            *("function_definition", "lambda", "class_definition", "import_statement", "import_from_statement"),
            *("for_statement", "for_in_clause", "dictionary", "return_statement", "decorator", "attribute", "string"),
        )
    ),
    **{
        grammar: dict.fromkeys(
            (
                *("identifier", "type_identifier", "shorthand_property_identifier", "this", "super", "import", "import_statement"),
                *("call_expression", "new_expression", "member_expression", "subscript_expression", "variable_declarator"),
                *("function_declaration", "arrow_function", "function_expression", "method_definition", "class_declaration"),
                *("generator_function", "generator_function_declaration", "abstract_class_declaration", "enum_declaration"),
                *("assignment_expression", "pair", "decorator", "return_statement", "for_in_statement", "class"),
            )
        )
        for grammar in ("typescript", "tsx", "javascript")
    },
}


class Source:
    """One parsed file. `path` is relative to the root with `/`; all offsets are bytes into `data`.

    `is_python`: of Python, not of TypeScript or JavaScript. `refused` says why a file is treated as empty, and is empty for all others.
    """

    def __init__(self, path: str, data: bytes) -> None:
        self.grammar, self.language = SUFFIXES[path[path.rindex(".") :]]
        self.is_python = self.language == "python"
        self.path, self.data, self.refused = path, data, ""
        self._nodes: dict[tuple[str, ...], list[Node]] = {}
        self._by_type: dict[str, list[Node]] = {}
        self._below: dict[tuple[int, tuple[str, ...]], list[Node]] = {}
        self.tree: Tree = _parser(self.grammar).parse(data)
        if _deeper_than(self.tree, MAX_DEPTH):
            self.refused = f"nested more than {MAX_DEPTH} deep, not read"
            self.data = b""
            self.tree = _parser(self.grammar).parse(b"")

    def __repr__(self) -> str:
        return f"Source({self.path!r})"

    @property
    def root(self) -> Node:
        """The file's outermost node."""
        return self.tree.root_node

    def nodes(self, *types: str) -> list[Node]:
        """Every named node of the file of one of `types`, in document order; remembered until `forget`."""
        found = self._nodes.get(types)
        if found is None:
            self.look_for(*types)
            found = self._nodes[types] = _in_order(self._by_type, types)
        return found

    def look_for(self, *types: str) -> None:
        """Look at once for several kinds of nodes that will be asked for one after the other: it takes as long as one question."""
        missing = [kind for kind in dict.fromkeys(types) if kind not in self._by_type]
        if missing:
            self._capture(missing)

    def study(self) -> None:
        """Look for every kind of node at once that anybody has asked any file for: it takes as long as one question."""
        self._capture(_ASKED.get(self.grammar, ()))

    def _capture(self, types: Iterable[str]) -> None:
        asked = _ASKED.setdefault(self.grammar, {})
        asked.update(dict.fromkeys(types))
        query = _query(self.tree.language, tuple(types))
        self._by_type.update({kind: [] for kind in types})
        if query is not None:
            self._by_type.update(QueryCursor(query).captures(self.root))

    def below(self, outer: Node, *types: str) -> list[Node]:
        """Every node of one of `types` in `outer`, itself included, in document order; remembered until `forget`."""
        if not self._by_type.keys() >= set(types):
            found = self._below.get((outer.id, types))
            if found is None:
                query = _query(self.tree.language, types)
                found = _in_order(QueryCursor(query).captures(outer) if query is not None else {}, types)
                self._below[outer.id, types] = found
            return found
        found = self.nodes(*types)
        first = bisect_left(found, outer.start_byte, key=_start)
        last = bisect_left(found, outer.end_byte, first, key=_start)
        return [n for n in found[first:last] if n.end_byte <= outer.end_byte and _within(n, outer)]

    def at(self, start: int, end: int) -> Node | None:
        """The innermost node with exactly these bytes; None where none has them. What is found by its text needs no look at all nodes."""
        node = self.root.descendant_for_byte_range(start, end)
        return node if node is not None and node.start_byte == start and node.end_byte == end else None

    def forget(self) -> None:
        """Let go of the nodes that were asked for: a file is read once, but kept for what other files ask about it."""
        self._nodes.clear()
        self._by_type.clear()
        self._below.clear()

    def text(self, node: Node | Span) -> str:
        """The source text of a node or span."""
        if isinstance(node, Node):
            return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")
        return self.data[node.start : node.end].decode("utf-8", "replace")

    def location(self, node: Node, *, at: Node | None = None) -> Location:
        """Where `node` stands; with `at`, the line and column of that part of it (a callee's member name, say)."""
        row, column = (at or node).start_point
        return Location(self.path, row + 1, column, max(node.end_point.row + 1, row + 1), span(node))

    @cached_property
    def gaps(self) -> tuple[Location, ...]:
        """Places that the grammar could not read; empty for a file that parsed whole. Nothing inside one may be edited."""
        return tuple(self.location(n) for n in _errors(self.root))


@cache
def _query(language: Language, types: tuple[str, ...]) -> Query | None:
    """A query for nodes of those types that the language has, each captured under its name; None if it has none of them."""
    known = [t for t in types if language.id_for_node_kind(t, True) is not None]
    return Query(language, " ".join(f"({t}) @{t}" for t in known)) if known else None


def _in_order(captured: Mapping[str, list[Node]], types: Iterable[str]) -> list[Node]:
    """The nodes of `types`, each of which was captured under its name, in document order."""
    found = [node for kind in dict.fromkeys(types) for node in captured.get(kind, ())]
    # By their beginning, the longer one first, and of two with the same range the outer one, which has more in it.
    found.sort(key=_size, reverse=True)
    found.sort(key=_end, reverse=True)
    found.sort(key=_start)
    return found


def _within(node: Node, outer: Node) -> bool:
    """True unless `node`, which has the same range as `outer`, stands around it."""
    same = node.start_byte == outer.start_byte and node.end_byte == outer.end_byte
    return not same or node.descendant_count <= outer.descendant_count


def span(node: Node) -> Span:
    """A node's byte range."""
    return Span(node.start_byte, node.end_byte)


def parse(path: str, data: bytes) -> Source:
    """Parse `data` by the suffix of `path`.

    Raises:
        KeyError: a suffix that is not in `SUFFIXES`.
    """
    return Source(path, data)


def _deeper_than(tree: Tree, limit: int) -> bool:
    """Whether any node is deeper in the tree than that.

    In document order, depth grows by one from a node to the next at most: what is that deep shows in a look at every few hundredth node,
    and only then is every node looked at.
    """
    cursor = tree.walk()
    for index in range(_STRIDE, tree.root_node.descendant_count + _STRIDE, _STRIDE):
        cursor.goto_descendant(min(index, tree.root_node.descendant_count - 1))
        if cursor.depth > limit - _STRIDE:
            return _has_deeper(tree, limit)
    return False


def _has_deeper(tree: Tree, limit: int) -> bool:
    cursor = tree.walk()
    # Asking the cursor for its depth costs as much as it is deep.
    depth = 0
    while True:
        if cursor.goto_first_child():
            depth += 1
            if depth > limit:
                return True
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return False
            depth -= 1


def _errors(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        current = stack.pop()
        if not current.has_error:
            continue
        if current.is_error or current.is_missing:
            yield current
        else:
            stack.extend(reversed(current.children))
