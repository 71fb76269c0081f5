"""Draws the outline of the land for the chat's map from a shapefile of Natural Earth, at authoring time only.

Natural Earth (naturalearthdata.com) is in the public domain. Any of its 1:110m shapefiles of countries or of land
will do: `pip install -e '.[authoring]'`, then `python corpus/land.py FILE.shp`. Borders are not drawn.
"""

import itertools
from pathlib import Path
from typing import Annotated

import shapefile
import typer

TARGET = Path(__file__).parent.parent / "assistant" / "static" / "chat" / "land.js"
UNITS_A_DEGREE = 2  # the map is 720 by 280 units
SOUTH = -60.0  # no member city lies in Antarctica
SMALLEST = 6.0  # area of the smallest island that is drawn, in square units
TOLERANCE = 0.7  # how far the outline may leave the original, in units
HEADER = (
    "// The land as one SVG path, two units a degree from 180° W and 80° N: Natural Earth, drawn by corpus/land.py.\n"
)

Point = tuple[float, float]


def main(file: Annotated[Path, typer.Argument(help="A shapefile of Natural Earth.")]) -> None:
    """Write the path."""
    pieces = []
    for shape in shapefile.Reader(str(file)).shapes():
        ends = [*shape.parts[1:], len(shape.points)]
        for start, end in zip(shape.parts, ends, strict=True):
            ring = [((x + 180) * UNITS_A_DEGREE, (80 - y) * UNITS_A_DEGREE) for x, y in shape.points[start:end]]
            if max(y for _, y in shape.points[start:end]) > SOUTH and area(ring) >= SMALLEST:
                pieces.append(path(simplified(ring)))
    TARGET.write_text(f'{HEADER}export const LAND =\n  "{"".join(pieces)}";\n', encoding="utf-8")


def area(ring: list[Point]) -> float:
    """Return the area inside a ring, by the shoelace formula."""
    after = [*ring[1:], ring[0]]
    return abs(sum(x * b - a * y for (x, y), (a, b) in zip(ring, after, strict=True))) / 2


def simplified(ring: list[Point]) -> list[Point]:
    """Leave out points by Ramer, Douglas and Peucker, each half of a ring for itself."""
    middle = len(ring) // 2
    return [*_kept(ring[: middle + 1])[:-1], *_kept(ring[middle:])]


def _kept(line: list[Point]) -> list[Point]:
    (x, y), (a, b) = line[0], line[-1]
    length = ((a - x) ** 2 + (b - y) ** 2) ** 0.5
    away = [
        abs((a - x) * (y - q) - (x - p) * (b - y)) / length if length else ((p - x) ** 2 + (q - y) ** 2) ** 0.5
        for p, q in line
    ]
    far = max(range(len(line)), key=away.__getitem__)
    if away[far] <= TOLERANCE:
        return [line[0], line[-1]]
    return [*_kept(line[: far + 1])[:-1], *_kept(line[far:])]


def path(ring: list[Point]) -> str:
    """Return a ring as a closed path of whole units."""
    rounded = [(round(x), round(y)) for x, y in ring[:-1]]
    points = [point for point, before in zip(rounded, [None, *rounded], strict=False) if point != before]
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(points)]
    return f"M{points[0][0]} {points[0][1]}l{' '.join(f'{x} {y}' for x, y in steps)}z"


if __name__ == "__main__":
    typer.run(main)
