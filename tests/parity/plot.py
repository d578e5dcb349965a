"""Draws curves as an SVG: theirs thin, ours strong.

    python plot.py OFFICIAL.json OUT.svg OURS.csv [OURS.csv ...]

OFFICIAL.json is `official.json` beside this file, each OURS.csv what `dino train --curve` wrote.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

PART = 100  # steps of a mean
PANELS = (("loss", "loss", "Loss"), ("entropy", "entropy", "Teacher entropy"), ("std", "featureStd", "Feature deviation"))
WIDTH, HEIGHT, LEFT, TOP, GAP = 230, 150, 46, 26, 60


def means(path: Path, column: str) -> list[float]:
    """The means of a column over every PART steps."""
    with path.open() as file:
        values = [float(row[column]) for row in csv.DictReader(file)]
    return [sum(values[i : i + PART]) / PART for i in range(0, len(values), PART)]


def panel(left: float, title: str, theirs: list[list[float]], ours: list[list[float]]) -> str:
    """One chart."""
    everything = [value for line in theirs + ours for value in line]
    low, high = min(everything), max(everything)
    x = lambda i, n: left + WIDTH * i / (n - 1)
    y = lambda value: TOP + HEIGHT * (high - value) / (high - low)

    def line(values: list[float], style: str) -> str:
        points = " ".join(f"{x(i, len(values)):.1f},{y(value):.1f}" for i, value in enumerate(values))
        return f'<polyline points="{points}" fill="none" {style}/>'

    parts = [f'<text x="{left}" y="16" font-weight="bold">{title}</text>']
    for value in (low, (low + high) / 2, high):
        parts.append(f'<text x="{left - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.3g}</text>')
        parts.append(f'<line x1="{left}" x2="{left + WIDTH}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#ddd"/>')
    for step in (0, 500, 1000):
        parts.append(f'<text x="{left + WIDTH * step / 1000}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{step}</text>')
    parts += [line(values, 'stroke="#999" stroke-width="1"') for values in theirs]
    parts += [line(values, 'stroke="#5b2a86" stroke-width="2"') for values in ours]
    return "\n".join(parts)


def main() -> None:
    official, out, *ours = map(Path, sys.argv[1:])
    numbers = json.loads(official.read_text())
    drawn = []
    for i, (key, column, title) in enumerate(PANELS):
        theirs = [list(line) for line in zip(*numbers[key])]
        drawn.append(panel(LEFT + i * (WIDTH + GAP), title, theirs, [means(path, column) for path in ours]))
    width = LEFT + len(PANELS) * (WIDTH + GAP)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + HEIGHT + 30}" font-family="sans-serif" font-size="12">'
    body = f'<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(drawn)
    out.write_text(f"{head}\n{body}\n</svg>\n")


if __name__ == "__main__":
    main()
