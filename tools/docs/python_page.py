"""Runs the Python blocks of one page, in one namespace, in a process of its own.

Argument: a JSON file with `[[line, code], ...]`, the page's name and the separator that is printed after each block. An expression
whose line ends with `# => ...` is printed; so a page reads like a session.
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any


class Printer(ast.NodeTransformer):
    """Turns `f(x)  # => ...` into `print(repr(f(x)))`; what is a print already stays."""

    def __init__(self, code: str) -> None:
        self._shown = {number for number, line in enumerate(code.splitlines(), 1) if "# =>" in line}

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        value = node.value
        prints = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print"
        if node.end_lineno not in self._shown or prints:
            return node
        wrapped = ast.parse("print(repr(0))", mode="eval").body
        assert isinstance(wrapped, ast.Call) and isinstance(wrapped.args[0], ast.Call)
        wrapped.args[0].args = [value]
        return ast.fix_missing_locations(ast.copy_location(ast.Expr(wrapped), node))


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for line, code in given["blocks"]:
        tree = ast.increment_lineno(Printer(code).visit(ast.parse(code, given["page"])), line - 1)
        exec(compile(tree, given["page"], "exec"), namespace)
        print(given["separator"], flush=True)


if __name__ == "__main__":
    main()
