"""A bar chart of one language's ratios, as SVG. It has a background of its own in light and in dark mode."""

from __future__ import annotations

from html import escape
from typing import Iterator

from results import Language

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 760, 210, 64, 62, 34
BAR, BETWEEN_BARS, BETWEEN_GROUPS = 13, 3, 12
STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 14px; font-weight: 600; }
.faint { fill: #59636e; }
.page { fill: #ffffff; stroke: #d1d9e0; }
.value { stroke: #ffffff; stroke-width: 4px; paint-order: stroke; }
.grid { stroke: #d1d9e0; }
.one { stroke: #59636e; stroke-dasharray: 4 3; }
.peer0 { fill: #1f6fb2; }
.peer1 { fill: #c4601d; }
.peer2 { fill: #4b8b3b; }
.peer3 { fill: #8250a8; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .faint { fill: #9198a1; }
  .page { fill: #0d1117; stroke: #3d444d; }
  .value { stroke: #0d1117; }
  .grid { stroke: #3d444d; }
  .one { stroke: #9198a1; }
  .peer0 { fill: #58a6ff; }
  .peer1 { fill: #f0883e; }
  .peer2 { fill: #7ee787; }
  .peer3 { fill: #d2a8ff; }
}
"""


def svg(language: Language) -> str:
    bars_high = len(language.peers) * (BAR + BETWEEN_BARS) - BETWEEN_BARS
    bottom = TOP + len(language.workloads) * (bars_high + BETWEEN_GROUPS)
    top_ratio = max(1.2, max(result.ratio for result in language.results))
    scale = (WIDTH - LEFT - RIGHT) / top_ratio
    title = f"{language.title}: how many times as fast as its peers libdjredis is"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + BOTTOM}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>\n{STYLE}</style>",
        f'<rect class="page" x="0.5" y="0.5" width="{WIDTH - 1}" height="{bottom + BOTTOM - 1}" rx="6"/>',
        f'<text class="title" x="16" y="26">{escape(title)}</text>',
        *_legend(language.peers),
        *_grid(top_ratio, scale, bottom),
    ]
    for row, workload in enumerate(language.workloads):
        parts += _group(language, workload, TOP + row * (bars_high + BETWEEN_GROUPS), scale)
    return "\n".join([*parts, "</svg>\n"])


def _legend(peers: list[str]) -> Iterator[str]:
    left = 16.0
    for index, peer in enumerate(peers):
        name = f"beside {peer}"
        yield f'<rect class="peer{index}" x="{left:.0f}" y="37" width="11" height="11" rx="2"/>'
        yield f'<text x="{left + 16:.0f}" y="47">{escape(name)}</text>'
        left += 16 + 7 * len(name) + 18


def _grid(top_ratio: float, scale: float, bottom: int) -> Iterator[str]:
    step = 0.5 if top_ratio < 3 else 1 if top_ratio < 9 else 2
    for tick in range(int(top_ratio / step) + 1):
        ratio, x = tick * step, LEFT + tick * step * scale
        kind = "one" if ratio == 1 else "grid"
        yield f'<line class="{kind}" x1="{x:.1f}" y1="{TOP - 4}" x2="{x:.1f}" y2="{bottom}"/>'
        label = "1: as fast" if ratio == 1 else f"{ratio:g}"
        yield f'<text class="faint" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{label}</text>'


def _group(language: Language, workload: str, top: int, scale: float) -> Iterator[str]:
    middle = top + (len(language.peers) * (BAR + BETWEEN_BARS) - BETWEEN_BARS) / 2 + 4
    yield f'<text x="{LEFT - 10}" y="{middle:.1f}" text-anchor="end">{escape(workload)}</text>'
    for index, peer in enumerate(language.peers):
        result, y = language.of(workload, peer), top + index * (BAR + BETWEEN_BARS)
        if result is None:
            continue
        ratio = result.ratio
        end = LEFT + ratio * scale
        yield f'<rect class="peer{index}" x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{BAR}" rx="2"/>'
        yield f'<text class="value" x="{end + 6:.1f}" y="{y + 11}">{ratio:.2f}</text>'
