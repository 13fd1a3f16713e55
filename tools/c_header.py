"""Reads a C header of this project: its #defines, structs, callbacks and functions, and nothing else.

The parser is strict on purpose. What it does not understand raises HeaderError with the line, because a declaration
that is skipped in silence is a function that a binding calls with the wrong arguments.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass, field
from typing import Union

# Types that stand for themselves in every language's tables.
SCALARS = frozenset({"void", "char", "double", "int32_t", "uint32_t", "int64_t", "uint64_t", "uint8_t", "size_t"})
Constant = Union[int, str]

LIMITS: dict[str, Constant] = {"SIZE_MAX": "SIZE_MAX", "INT64_MAX": 2**63 - 1, "UINT32_MAX": 2**32 - 1}


class HeaderError(ValueError):
    """The header holds something that this parser does not know."""


@dataclass(frozen=True)
class CType:
    """`const struct djredis_call *` is base "djredis_call", const True, pointers 1."""

    base: str
    const: bool = False
    pointers: int = 0


@dataclass(frozen=True)
class Callback:
    """A pointer to a function that the host passes in."""

    result: CType
    parameters: tuple[Variable, ...]


@dataclass(frozen=True)
class Variable:
    """A field of a struct or a parameter of a function."""

    name: str
    type: CType | Callback


@dataclass(frozen=True)
class Function:
    name: str
    result: CType
    parameters: tuple[Variable, ...]


@dataclass
class Header:
    """What a binding needs to know."""

    constants: dict[str, Constant] = field(default_factory=dict)
    opaque: list[str] = field(default_factory=list)
    structs: dict[str, tuple[Variable, ...]] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)


_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
_DIRECTIVE = re.compile(r"#[ \t]*(\w+)[ \t]*((?:[^\n/]|/(?![*/]))*)")
_EXTERN_C = re.compile(r'extern\s+"C"\s*\{')
_TOKEN = re.compile(r"\s*([A-Za-z_]\w*|[*(),;{}])")
_INTEGER = re.compile(r"\(?(-?(?:0[xX][0-9a-fA-F]+|[1-9][0-9]*|0))[uU]?\)?\Z")
_STRING = re.compile(r'"([^"\\]*)"\Z')
_NAME = re.compile(r"[A-Za-z_]\w*\Z")


def parse(text: str) -> Header:
    """The declarations of a header. Raises HeaderError on anything unknown."""
    reader = _Reader(text)
    reader.run()
    _check_types(reader.header)
    return reader.header


class _Reader:
    """Goes through the text once: comments, directives and declarations."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.in_extern = False
        self.header = Header()

    def run(self) -> None:
        while self._skip_space():
            if not (self._take(_COMMENT) or self._directive() or self._extern()):
                _Declaration(self.header, self._declaration(), self).read()

    def fail(self, what: str) -> HeaderError:
        line = self.text.count("\n", 0, self.at) + 1
        return HeaderError(f"line {line}: {what}")

    def _skip_space(self) -> bool:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at < len(self.text)

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def _directive(self) -> bool:
        found = self._take(_DIRECTIVE)
        if not found:
            return False
        kind, rest = found.group(1), found.group(2).strip()
        if kind == "define":
            self._define(rest)
        elif kind not in ("include", "ifndef", "ifdef", "endif", "pragma"):
            raise self.fail(f"unknown directive #{kind}")
        return True

    def _define(self, rest: str) -> None:
        name, value = (rest.split(None, 1) + [""])[:2]
        if not _NAME.match(name):
            raise self.fail(f"not a plain #define: {rest}")
        if value:  # otherwise it is the include guard
            self.header.constants[name] = self._constant(value)

    def _constant(self, value: str) -> Constant:
        number = _INTEGER.match(value)
        if number:
            return int(number.group(1), 0)
        if value in LIMITS:
            return LIMITS[value]
        string = _STRING.match(value)
        if string:
            return string.group(1)
        raise self.fail(f"a value that is no number, text or known limit: {value}")

    def _extern(self) -> bool:
        if self._take(_EXTERN_C):
            self.in_extern = True
            return True
        if self.in_extern and self.text[self.at] == "}":
            self.in_extern = False
            self.at += 1
            return True
        return False

    def _declaration(self) -> list[str]:
        """The tokens up to the semicolon that ends it, comments left out."""
        tokens: list[str] = []
        depth = 0
        while self._skip_space():
            if self._take(_COMMENT):
                continue
            found = self._take(_TOKEN)
            if not found:
                raise self.fail(f"unexpected {self.text[self.at]!r} in a declaration")
            token = found.group(1)
            depth += (token == "{") - (token == "}")
            if token == ";" and depth == 0:
                return tokens
            tokens.append(token)
        raise self.fail("the file ends inside a declaration")


class _Declaration:
    """One declaration: a typedef of a struct, or a function."""

    def __init__(self, header: Header, tokens: list[str], reader: _Reader) -> None:
        self.header = header
        self.tokens = tokens
        self.reader = reader
        self.at = 0

    def read(self) -> None:
        if self._accept("typedef"):
            self._expect("struct")
            self._typedef()
        else:
            self._function()
        if self.at != len(self.tokens):
            raise self._fail("something follows that was not expected")

    def _fail(self, what: str) -> HeaderError:
        return self.reader.fail(f"{what}, in: {' '.join(self.tokens)}")

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self.at += 1
        return token

    def _accept(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self.at += 1
        return True

    def _expect(self, token: str) -> None:
        if not self._accept(token):
            raise self._fail(f"expected {token!r} where {self._peek()!r} stands")

    def _name(self) -> str:
        name = self._next()
        if not _NAME.match(name):
            raise self._fail(f"expected a name where {name!r} stands")
        return name

    def _typedef(self) -> None:
        name = self._name()
        if not self._accept("{"):
            self.header.opaque.append(self._same(name))
            return
        fields: list[Variable] = []
        while not self._accept("}"):
            fields.append(self._variable())
            self._expect(";")
        self.header.structs[self._same(name)] = tuple(fields)

    def _same(self, name: str) -> str:
        alias = self._name()
        if alias != name:
            raise self._fail(f"the typedef of {name} has another name, {alias}")
        return name

    def _type(self) -> CType:
        const = self._accept("const")
        self._accept("struct")
        base = self._name()
        const = self._accept("const") or const
        pointers = 0
        while self._accept("*"):
            pointers += 1
        return CType(base, const, pointers)

    def _variable(self) -> Variable:
        kind = self._type()
        if self._accept("("):
            return self._callback(kind)
        return Variable(self._name(), kind)

    def _callback(self, result: CType) -> Variable:
        self._expect("*")
        name = self._name()
        self._expect(")")
        return Variable(name, Callback(result, self._parameters()))

    def _parameters(self) -> tuple[Variable, ...]:
        self._expect("(")
        if self.tokens[self.at : self.at + 2] == ["void", ")"]:
            self.at += 2
            return ()
        parameters = [self._variable()]
        while not self._accept(")"):
            self._expect(",")
            parameters.append(self._variable())
        return tuple(parameters)

    def _function(self) -> None:
        result = self._type()
        name = self._name()
        self.header.functions[name] = Function(name, result, self._parameters())


def _check_types(header: Header) -> None:
    known = SCALARS | set(header.opaque) | set(header.structs)
    for name, fields in header.structs.items():
        _check_variables(name, fields, known)
    for function in header.functions.values():
        _check_variables(function.name, (Variable("result", function.result), *function.parameters), known)


def _check_variables(place: str, variables: tuple[Variable, ...], known: Set[str]) -> None:
    for variable in variables:
        kind = variable.type
        if isinstance(kind, Callback):
            _check_variables(place, (Variable("result", kind.result), *kind.parameters), known)
        elif kind.base not in known:
            raise HeaderError(f"{place}: {variable.name} has the unknown type {kind.base}")
