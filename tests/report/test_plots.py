"""Plots: whatever the numbers, the drawing is well-formed and carries no more than the numbers."""

import math
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mores.report.axes import Span
from mores.report.charts import NARROW, WIDE, Bars, Dot, Line, Mark, Painter, Plan, spec
from mores.report.plots import bars, caterpillar, intervals, lines

pytest.importorskip("vl_convert")
NAN = math.nan
HOSTILE = '"><script>alert(1)</script> & datum["x"]'


def drawn(plan: Plan) -> list[ET.Element]:
    """Both widths as XML."""
    drawing = Painter().draw(plan, "words")
    return [ET.fromstring(drawing.wide), ET.fromstring(drawing.narrow)]


def texts(svg: ET.Element) -> list[str]:
    """The texts of a drawing."""
    return [e.text or "" for e in svg.iter("{http://www.w3.org/2000/svg}text")]


def test_rows_and_references_are_drawn() -> None:
    """A dot a row, its name, and the letters of references: of all rows, and of one."""
    dots = [Dot("none", 0.3, 0.2, 0.4), Dot("reputation", 0.5), Dot("nobody", NAN)]
    marks = [
        Mark("A", 0.25, 0.2, 0.3),
        Mark("B", 0.4, rows=("none",)),
        Mark("C", 0.41, rows=("none",)),
    ]
    for svg in drawn(intervals(dots, marks, "share", "Share given")):
        said = texts(svg)
        assert {"none", "reputation", "nobody", "A", "B", "C", "Share given"} <= set(said)
        assert said.count("A") == 1


def test_hostile_labels_stay_text() -> None:
    """A label cannot leave its place in the drawing, nor be read as an expression."""
    plan = intervals([Dot(HOSTILE, 1.0, 0.5, 2.0), Dot("b", 2.0)], [], "", HOSTILE)
    line = lines([Line(HOSTILE, [1, 2], [1, 2], [0, 1], [2, 3])], "", HOSTILE)
    panel = bars([Bars(HOSTILE, ["x", HOSTILE], [0.5, 0.5], [0.1, 0.9])] * 2, HOSTILE)
    for svg in [*drawn(plan), *drawn(line), *drawn(panel)]:
        assert not list(svg.iter("{http://www.w3.org/2000/svg}script"))
        assert not any(k.startswith("on") for e in svg.iter() for k in e.keys())  # noqa: SIM118


def test_drawings_use_the_colours_of_the_page() -> None:
    """Colours are variables, so that the dark page has its own; nothing is styled inline."""
    drawing = Painter().draw(intervals([Dot("a", 1.0), Dot("b", 2.0)], [], "", "x"), "words")
    assert "var(--study)" in drawing.wide
    assert ' style="' not in drawing.wide


@given(
    st.lists(st.floats(-1e9, 1e9) | st.just(NAN), min_size=1, max_size=5),
    st.sampled_from(["", "share", "points"]),
)
@settings(max_examples=15, deadline=None)
def test_any_numbers_can_be_drawn(values: list[float], unit: str) -> None:
    """Negative, equal, huge and missing values make a drawing."""
    dots = [Dot(f"row {k}", v, v - 1, v + 1) for k, v in enumerate(values)]
    for svg in [*drawn(intervals(dots, [], unit, "x")), *drawn(caterpillar(dots, [], unit, "x"))]:
        assert svg.tag.endswith("svg")


def test_axes_are_logarithmic_only_where_small_values_would_vanish() -> None:
    """10 and 30,720 need it; shares and negative values never have it."""
    assert Span.of([10, 30720], "units").log
    assert not Span.of([10, 100], "units").log
    assert not Span.of([0.001, 1.0], "share").log
    assert not Span.of([-1, 1e6], "units").log
    assert Span.of([0.2, 0.7], "share").scale() == {"domain": [0, 1]}
    assert Span.of([], "").scale()


def test_charts_fit_their_width() -> None:
    """Neither width draws beyond itself, long labels or not."""
    plan = intervals([Dot("long " * 30, 1.0), Dot("b", 2.0)], [], "", "x")
    drawing = Painter().draw(plan, "words")
    for svg, width in ((drawing.wide, WIDE), (drawing.narrow, NARROW)):
        assert float(ET.fromstring(svg).attrib["width"]) <= width + 1


def test_rows_are_named_once_in_a_specification() -> None:
    """Layers share their rows instead of repeating them."""
    made = spec(intervals([Dot(f"row {k}", k) for k in range(30)], [], "", "x"), WIDE)
    assert all(set(layer["data"]) == {"name"} for layer in made["layer"])
    assert len(made["datasets"]["ours"]) == 30
