"""Which names a file of TypeScript or JavaScript may export, read off its text: most files that a barrel passes on need not be parsed.

Comments, strings and blocks are read, too, so that the answer errs on the side of too many.
"""

from __future__ import annotations

import msgspec

from migrator.regex import regex

#: what names are made of, in any alphabet
_W = rb"[\w$\x80-\xff]"
#: an `export` and what it exports, as far as its form is known: a declaration, a constant, names in braces, everything of a module
_EXPORT = regex(
    rb"export(?<!%(w)sexport)(?!%(w)s)\s*+(?P<form>"
    rb"(?:default\s++)?+(?:declare\s++)?+(?:abstract\s++)?+(?:async\s++)?+(?:function|class|(?:const\s++)?+enum|interface|type)\s++(?P<declared>%(w)s++)"
    rb"|(?:declare\s++)?+const\s++(?P<constant>%(w)s++)\s*+[:=]"
    rb"|(?:type\s*+)?+\{(?P<listed>[^{}]*+)\}"
    rb"|(?:type\s*+)?+\*(?:\s*+as\s++(?P<whole>%(w)s++))?+"
    rb"|default(?!%(w)s)"
    rb")?+" % {b"w": _W}
)
#: after this, on the same line, no statement begins: the word stands in a comment or a text
_PROSE = regex(rb"[\w,.'\"`-][ \t]*$")
#: how much of the line before an `export` is looked at
_BEFORE = 200
#: what gives a name to others in CommonJS
_COMMONJS = regex(rb"exports\s*[.=]")
_WORD = regex(rb"%s++" % _W)
#: what stands after the name of a constant, perhaps after a comment
_AFTER_A_NAME = (b":", b"=", b"!", b"/", b"")


class ExportText(msgspec.Struct, frozen=True):
    """`names`: those that are exported for all that can be seen; `constants`: some come from `const`, which may declare further ones.

    `anything`: there is an export of another form, which may be of any name.
    """

    names: frozenset[bytes]
    constants: bool
    anything: bool

    def may_export(self, name: str, data: bytes) -> bool:
        """False for a name that the file, which has these bytes, does not export under its own name."""
        written = name.encode()
        if self.anything:
            return written in data
        return written in self.names or (self.constants and _may_be_given(written, data))


def exports_of(data: bytes) -> ExportText:
    """Read a file's text."""
    names: set[bytes] = set()
    constants = False
    anything = _COMMONJS.search(data) is not None
    for match in _EXPORT.finditer(data) if not anything else ():
        if match["form"]:
            names.update(word for word in (match["declared"], match["constant"], match["whole"]) if word)
            names.update(_WORD.findall(match["listed"] or b""))
            constants = constants or match["constant"] is not None
        elif not _in_prose(data, match.start()):
            anything = True
    return ExportText(frozenset(names), constants, anything)


def _in_prose(data: bytes, at: int) -> bool:
    line = data[max(data.rfind(b"\n", 0, at) + 1, at - _BEFORE) : at]
    # `@Injectable export class`
    return b"@" not in line and _PROSE.search(line) is not None


def _may_be_given(name: bytes, data: bytes) -> bool:
    """True if the name is declared or assigned somewhere: `name = …`, `name: Type = …`."""
    at = data.find(name)
    while at >= 0:
        at += len(name)
        if data[at : at + _BEFORE].lstrip()[:1] in _AFTER_A_NAME:
            return True
        at = data.find(name, at)
    return False
