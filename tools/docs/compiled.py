"""C, Rust and Go: the blocks of a page become one program, or several."""

from __future__ import annotations

import subprocess
from pathlib import Path

from blocks import Block
from workshop import BUILD_SECONDS, LIBRARIES, ROOT, Problems, Workshop, alone, compare, split

C_HEAD = """\
#include <djredis.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    djredis_value out = {0};
    djredis_cache *cache = NULL;
    int32_t status = djredis_cache_open("127.0.0.1:%d:0", DJREDIS_NUL, NULL, &cache, &out);
    (void)status;
"""
C_TAIL = """\
    djredis_value_clear(&out);
    djredis_cache_free(cache);
    return 0;
}
"""
CARGO = """\
[package]
name = "docs"
version = "0.0.0"
edition = "2024"

[dependencies]
djredis = {{ path = "{root}", default-features = false }}
redis = {{ version = "=1.8.1", default-features = false }}

[workspace]
"""
GO_MODULE = """\
module docs

go 1.21

require djredis v0.0.0

replace djredis => {root}/bindings/go
"""
GO_HEAD = """\
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"time"

	"djredis"
)

var _, _, _, _ = json.Marshal, errors.New, fmt.Println, time.Now

func main() {
	if err := page(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func page(ctx context.Context) error {
	cache, err := djredis.Open("127.0.0.1:%d:1", djredis.Options{KeyPrefix: "shop"})
	if err != nil {
		return err
	}
"""
GO_TAIL = """\
	return cache.Close()
}
"""


def run_c(blocks: list[Block], workshop: Workshop) -> Problems:
    programs, parts = split(blocks, r"^int main\(")
    problems: Problems = {}
    for block in programs:
        built = _build_c(f'#line {block.line} "{block.page}"\n{block.code}', workshop)
        failed, program = built.returncode != 0, workshop.folder / "program"
        problems[block] = built.stderr if failed else alone(block, workshop.call(program))
    if parts:
        text = C_HEAD % workshop.port
        for block in parts:
            end = f'puts("\\x1e"); fflush(stdout);\n'
            text += f'{{\n#line {block.line} "{block.page}"\n{block.code}}}\n{end}'
        built = _build_c(text + C_TAIL, workshop)
        if built.returncode:
            return {**problems, **dict.fromkeys(parts, built.stderr)}
        problems.update(compare(parts, workshop.call(workshop.folder / "program")))
    return problems


def _build_c(text: str, workshop: Workshop) -> "subprocess.CompletedProcess[str]":
    source, program = workshop.folder / "program.c", workshop.folder / "program"
    source.write_text(text, encoding="utf-8")
    warnings = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}"]
    return workshop.call("cc", *warnings, "-o", program, source, f"-L{LIBRARIES}", "-ldjredis")


def run_rust(blocks: list[Block], workshop: Workshop) -> Problems:
    programs, parts = split(blocks, r"^fn main\(")
    sources = {f"docs-program{index}": block.code for index, block in enumerate(programs)}
    if parts:
        body = "".join(f'{block.code}println!("\\x1e");\n' for block in parts)
        sources["docs-page"] = f"fn main() -> Result<(), Box<dyn std::error::Error>> {{\n{body}Ok(())\n}}\n"
    crate = ROOT / "build" / "docs" / Path(blocks[0].page).stem.lower()
    built = _build_rust(crate, sources, workshop)
    if built.returncode:
        return dict.fromkeys(blocks, built.stderr)
    binaries = ROOT / "target" / "debug"
    problems: Problems = {}
    if parts:
        problems.update(compare(parts, workshop.call(binaries / "docs-page")))
    for index, block in enumerate(programs):
        problems[block] = alone(block, workshop.call(binaries / f"docs-program{index}"))
    return problems


def _build_rust(crate: Path, sources: dict[str, str], workshop: Workshop) -> "subprocess.CompletedProcess[str]":
    (crate / "src/bin").mkdir(parents=True, exist_ok=True)
    for old in (crate / "src/bin").iterdir():
        old.unlink()
    for name, text in sources.items():
        (crate / "src/bin" / f"{name}.rs").write_text(text, encoding="utf-8")
    (crate / "Cargo.toml").write_text(CARGO.format(root=ROOT), encoding="utf-8")
    (crate / "Cargo.lock").write_text((ROOT / "Cargo.lock").read_text(encoding="utf-8"), encoding="utf-8")
    cargo = ["cargo", "build", "--quiet", "--manifest-path", crate / "Cargo.toml", "--target-dir", ROOT / "target"]
    return workshop.call(*cargo, seconds=BUILD_SECONDS)


def run_go(blocks: list[Block], workshop: Workshop) -> Problems:
    programs, parts = split(blocks, r"^func main\(")
    problems: Problems = {}
    for block in programs:
        built = _build_go(block.code, workshop)
        failed, program = built.returncode != 0, workshop.folder / "program"
        problems[block] = built.stderr if failed else alone(block, workshop.call(program))
    if parts:
        marked = (f'{{\n//line {block.page}:{block.line}\n{block.code}}}\nfmt.Println("\\x1e")\n' for block in parts)
        built = _build_go(GO_HEAD % workshop.port + "".join(marked) + GO_TAIL, workshop)
        if built.returncode:
            return {**problems, **dict.fromkeys(parts, built.stderr)}
        problems.update(compare(parts, workshop.call(workshop.folder / "program")))
    return problems


def _build_go(text: str, workshop: Workshop) -> "subprocess.CompletedProcess[str]":
    module = workshop.folder / "go"
    module.mkdir(exist_ok=True)
    (module / "go.mod").write_text(GO_MODULE.format(root=ROOT), encoding="utf-8")
    (module / "main.go").write_text(text, encoding="utf-8")
    return workshop.call("go", "build", "-C", module, "-o", workshop.folder / "program", seconds=BUILD_SECONDS)
