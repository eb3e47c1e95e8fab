"""Which readers are asked about a call, and what becomes of their answers: items, or a wrapper whose callers are waited for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Mapping

from tree_sitter import Node

from migrator.jobs import Client, Item, Worker
from migrator.scanners.alternatives import alternatives
from migrator.scanners.by_name import ByName, depends_on_parameter
from migrator.scanners.found import Found
from migrator.scanners.handed_lists import HandedLists
from migrator.scanners.in_folders import LeftOpen
from migrator.scanners.leading import root_package
from migrator.scanners.linking import Defined, External, Instance, Member, Place, Unknown, global_object
from migrator.scanners.linking.calls import called_of
from migrator.scanners.linking.names import left_open
from migrator.scanners.linking.values import doubt_of
from migrator.scanners.made_within import report_made_within
from migrator.scanners.reading import Call, Reader, View
from migrator.scanners.registry import folder_of
from migrator.scanners.seen_from import from_folder, in_rounds, passed_up
from migrator.scanners.told import told_by
from migrator.scanners.workspace import Workspace
from migrator.scanners.wrappers import Wrappers, is_handed_in, is_of_own_type
from migrator.syntax.tree import FUNCTIONS, enclosing
from migrator.syntax.tree import field as child

#: what is taken out of a list or a table that was made elsewhere: nothing is known of it
_COLLECTED = ("globalThis.Object.", "globalThis.Array.", "globalThis.Map().get()")
#: how a client is handed over, or an object with one in it
_HANDED = frozenset(("identifier", "member_expression", "object", "call_expression", "await_expression", "non_null_expression"))


class Asking:
    """Asks readers about calls, and keeps what their answers leave open: for callers (`wrappers`), for a name (`by_name`), for the
    files of a folder (`left_open`), or for a list that is handed over elsewhere (`handed_lists`)."""

    def __init__(
        self,
        workspace: Workspace,
        found: Found,
        readers: Mapping[str, tuple[Reader, ...]],
        read: Container[str],
        opened: Callable[[str, Node], None],
    ) -> None:
        """`readers`: those to be asked, by folder; `read`: the files that were read.

        `opened` is told of each function whose callers are waited for, with the path of its file.
        """
        self._evaluator, self._found, self._readers, self._read, self._opened = workspace.evaluator, found, readers, read, opened
        self._packages = {p for listed in readers.values() for r in listed for p in r.packages}
        self._own = self._packages | {"globalThis"}
        self.wrappers = Wrappers(found)
        self.by_name = ByName()
        self.left_open = LeftOpen()
        self.handed_lists = HandedLists()
        #: files with functions that clients are handed to -> the names of the classes among those
        self.handed: defaultdict[str, set[bytes]] = defaultdict(set)

    def call(self, view: View, node: Node) -> Call:
        """The call at `node`, with what it stands for."""
        function = called_of(node) or node
        callee = self._evaluator.of(view.source, function)
        name = child(function, "attribute") or child(function, "property") or function
        doubt = doubt_of(callee.owner) if isinstance(callee, Defined) and callee.owner is not None else ""
        return Call(view, node, callee, callee.key, name, Place(view.source, node), doubt=doubt)

    def ask(self, call: Call) -> None:
        """Ask every reader whose system the call is of, or may be of."""
        package = root_package(call.callee)
        if isinstance(call.callee, Defined):
            self.wrappers.use(call)
            self._hand_over(call, call.callee.place.source.path)
            for each in passed_up(call):
                for reader in self._readers[folder_of(call.view.source.path)]:
                    if root_package(each.callee) in reader.packages:
                        self.follow(reader, each)
            if is_of_own_type(call):
                for reader in self._readers[folder_of(call.view.source.path)]:
                    if call.view.source.text(call.name) in reader.telltales:
                        self.open(reader, call, [])
            return
        if not package and call.view.source.is_python and isinstance(call.callee, Member) and self._used_in_rounds(call):
            return
        function = enclosing(call.node, FUNCTIONS) if self._calls_back(call) else None
        if function is not None:
            self._opened(call.view.source.path, function)
        # What a parameter may be is for the callers to tell.
        untold = not package and not depends_on_parameter(call.callee)
        chosen = {root_package(each.callee) for each in alternatives(call)} - {""} if untold else set[str]()
        if not chosen.isdisjoint(self._packages):
            for reader in self._readers[folder_of(call.view.source.path)]:
                if not chosen.isdisjoint(reader.packages):
                    self.follow(reader, call)
            return
        if not package or package not in self._own:
            self.wrappers.loose(call)
        name = call.view.source.text(call.name)
        for reader in self._readers[folder_of(call.view.source.path)]:
            if call.is_prepared and not reader.prepared:
                continue
            if package in reader.packages or name in reader.methods:
                self.follow(reader, call)
            # A name that nothing in the file binds may still come from somewhere.
            elif (package in ("", "builtins") or call.key.startswith(_COLLECTED)) and name in reader.telltales:
                told = [] if call.view.source.is_python else self._each_round(reader, call)
                if told:
                    self._found.items += told
                    continue
                self.by_name.remember(reader, call)
                # What is gathered to be sent later may be sent as an item of a loop.
                gathered = call.view.source.is_python and self.wrappers.gathered(reader, call)
                if depends_on_parameter(call.callee):
                    self.open(reader, call, [])
                elif call.receiver == Unknown(global_object.SEVERAL):
                    call.view.unresolved(call.node, global_object.SEVERAL, reader.system)
                elif reader.unknown and not gathered:
                    reader.unknown(call)
                elif not gathered:
                    report_made_within(reader, call)
            # `current_app.mails.add(…)`: what hangs on a framework's object may be a client with a name of its own.
            elif name in reader.telltales and isinstance(call.callee, External) and package not in self._own:
                self.by_name.remember(reader, call)

    def follow(self, reader: Reader, call: Call) -> None:
        """Ask one reader, of each round of a loop where the call alone does not tell; what stays open waits for callers."""
        loose = len(self._found.unresolved)
        fresh = told_by(self._found, reader, call, made=True)
        if any(not item.name for item in fresh):
            own = self._found.unresolved[loose:]
            told = self._each_round(reader, call)
            if told:
                # What the call leaves open where it stands, the rounds have told.
                self._found.unresolved[loose:] = [u for u in self._found.unresolved[loose:] if u not in own]
            self.wrappers.fill(reader, call, [] if told else fresh)
            if not told:
                self.left_open.note(reader, call)
                for function in self.handed_lists.note(reader, call):
                    self._opened(call.view.source.path, function)
            fresh = told or fresh
        self._found.items += fresh
        self.by_name.clients(reader, call, fresh)
        self.by_name.stand_ins(reader, call, fresh)
        # Clients and workers stand where they are made.
        if any(not item.name for item in fresh if not isinstance(item, Client | Worker)) or is_handed_in(call, fresh):
            self.open(reader, call, fresh)

    def fill(self) -> None:
        """Look into what is put into lists and registries that a loop goes over, as soon as the file that does so is read."""
        waiting, self.wrappers.fillings = self.wrappers.fillings, []
        for filling in waiting:
            if filling.call.view.source.path not in self._read:
                self.wrappers.fillings.append(filling)
            elif not self.wrappers.filled(filling):
                self.open(filling.reader, filling.call, filling.items, filling.loop)

    def open(self, reader: Reader, call: Call, items: list[Item], filling: tuple[str, int] | None = None) -> None:
        """Wait for the callers of the function around the call, see `Wrappers.watch`."""
        function = self.wrappers.watch(reader, call, items, filling)
        if function is not None:
            self._opened(call.view.source.path, function)

    def _hand_over(self, call: Call, path: str) -> None:
        """Have a file read that never says which system it works with, for the client of one that a function of it is handed.

        A client is something that was made of the system's package, or a class of it to make some of, as such or in an object.
        """
        evaluator = self._evaluator
        given = [] if call.view.source.is_python else [each for each in call.arguments.values() if each.node.type in _HANDED]
        inner = [entry for each in given if each.node.type == "object" for entry in evaluator.entries(each).items()]
        for name, each in (*(("", each) for each in given if each.node.type != "object"), *inner):
            meaning = evaluator.meaning(each)
            if root_package(meaning) not in self._packages:
                continue
            if isinstance(meaning, External) and meaning.path[-1][:1].isupper():
                self.handed[path] |= {(name or meaning.path[-1]).encode()}
            elif isinstance(meaning, Instance) and meaning.call is not None and path not in self._read:
                self.handed[path] |= set()

    def _calls_back(self, call: Call) -> bool:
        """True for a function of JavaScript that hands a client to one that it is handed itself: `callback(boss)`."""
        if call.view.source.is_python or not isinstance(call.callee, Unknown) or not left_open(call.callee):
            return False
        given = (self._evaluator.meaning(each) for each in call.arguments.values())
        return any(isinstance(each, Instance) and root_package(each) in self._packages for each in given)

    def _used_in_rounds(self, call: Call) -> bool:
        """Remember a call of a method on each item of a list of objects of the project; False for any other call."""
        if not isinstance(call.receiver, Unknown):
            return False
        used = [each for each in in_rounds(call) if isinstance(each.callee, Defined)]
        for each in used:
            self.wrappers.use(each)
        return bool(used)

    def _each_round(self, reader: Reader, call: Call) -> list[Item]:
        """What a call in a loop over something known says in each round; nothing if that does not tell more."""
        items: list[Item] = []
        discovered = False
        for each in in_rounds(call):
            if root_package(each.callee) not in reader.packages:
                continue
            discovered = discovered or from_folder(each)
            items += told_by(self._found, reader, each, made=True)
        told = [item for item in items if item.name]
        # Of the files of a folder some may be none of the things that are looked for.
        return told if discovered or len(told) == len(items) else []
