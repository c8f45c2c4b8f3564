"""Lighter SVG: the same shapes in fewer characters, and nothing touched that is not understood."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from analysis.figures.svg import lighter_svg


def test_an_outline_becomes_relative():
    outline = "M 10 20 \nL 30 -5 \nQ 1 2 3 4 \nC 5 6 7 8 9 -10 \nz\nM 1 1 \nL 2 3 \nz\n"
    light = lighter_svg(f'<!-- 湛 --><path id="a" d="{outline}"/>')
    assert light == '<path id="a" d="m10 20l20-25q-29 7-27 9c2 2 4 4 6-14zm-9-19l1 2z"/>'


@pytest.mark.parametrize(
    "path",
    [
        '<path d="M 0.5 2 \nL 3 4 \n"/>',
        '<path d="M 1 2 \nA 3 4 0 0 1 5 6 \n"/>',
        '<path d="m 1 2 \nl 3 4 \n"/>',
    ],
)
def test_paths_of_another_kind_stay_as_they_are(path):
    assert lighter_svg(path) == path


def test_coordinates_are_rounded_and_scales_are_not():
    given = (
        '<use x="1.23456" transform="translate(-0.0004 12.99999) scale(0.015625)" style="opacity: 0.12345"/>'
    )
    light = '<use x="1.23" transform="translate(0 13) scale(0.015625)" style="opacity: 0.12345"/>'
    assert lighter_svg(given) == light


def test_names_that_are_referred_to_are_kept():
    given = '<g id="text_1">\n  <g clip-path="url(#p1)"/>\n</g> <clipPath id="p1"/>'
    assert lighter_svg(given) == '<g><g clip-path="url(#p1)"/></g><clipPath id="p1"/>'


def test_words_in_the_metadata_stay_as_they_are():
    title = "<dc:title>1.23456 M 1 2 of  湛江 NotoSansSC</dc:title>"
    assert lighter_svg(title) == title


def test_a_saved_figure_is_well_formed_light_and_draws_every_glyph_it_uses(
    drawings, make_case, text, sheet_with
):
    from analysis.figures import save_figure

    case = make_case([3.0, 40.0, 5.0], language="zh")
    frame = case.frame()
    svg = save_figure(drawings["bars"](case), name="a", text=text, data=frame, csv_label="x").svg
    root = ElementTree.fromstring(svg)
    names = {element.get("id") for element in root.iter()} - {None}
    link = "{http://www.w3.org/1999/xlink}href"
    used = {element.get(link) for element in root.iter() if element.get(link)}
    assert used
    assert {name.removeprefix("#") for name in used} <= names
    assert len(svg) < 60_000
