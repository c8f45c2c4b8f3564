"""`save_figure`: what it refuses, what a chart carries, and that its bytes never change by themselves."""

from __future__ import annotations

import base64
import subprocess
import sys
from dataclasses import asdict, replace
from html.parser import HTMLParser
from io import StringIO

import matplotlib
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.figures import FIGURE_MIME, canvas, save_figure, themed

DATA = pd.DataFrame({"城市": ["湛江"], "value": [0.1 + 0.2]})


@pytest.fixture
def figure(sheet_with):
    return sheet_with([(1.0, 1.0, "湛江市 Zhanjiang")])


@pytest.fixture
def save(text):
    def call(figure, **changed):
        given = {"name": "received_2020", "text": text, "data": DATA, "csv_label": "Data (CSV)"}
        return save_figure(figure, **(given | changed))

    return call


@pytest.mark.parametrize("field", ["title", "subtitle", "alt", "source"])
def test_an_empty_word_is_refused_by_its_name(figure, text, save, field):
    with pytest.raises(InputError, match=f"without {field}"):
        save(figure, text=replace(text, **{field: " "}))


def test_an_empty_csv_label_is_refused(figure, save):
    with pytest.raises(InputError, match="csv_label"):
        save(figure, csv_label="")


def test_alt_text_that_only_repeats_the_title_is_refused(figure, text, save):
    with pytest.raises(InputError, match="kind of chart"):
        save(figure, text=replace(text, alt=text.title))


@pytest.mark.parametrize("name", ["Received", "received-2020", "2020", "", "a__b", "湛江", "../a"])
def test_a_name_that_is_not_snake_case_is_refused(figure, save, name):
    with pytest.raises(InputError, match="snake_case"):
        save(figure, name=name)


def test_a_chart_without_data_is_refused(figure, save):
    with pytest.raises(InputError, match="data behind it"):
        save(figure, data=DATA.head(0))


def test_a_glyph_missing_from_the_font_is_refused(sheet_with, save):
    with pytest.raises(InputError, match=r"U\+1F600"):
        save(sheet_with([(1.0, 1.0, "湛江 \U0001f600")]))


def test_small_text_is_refused(figure, save):
    with themed():
        canvas.write(figure.artists[0], 1.0, 1.5, "tiny", size=8.0)
    with pytest.raises(InputError, match="at least 9 points"):
        save(figure)


def test_faint_text_is_refused(figure, save):
    with themed():
        canvas.write(figure.artists[0], 1.0, 1.5, "faint", color="#BFBFBF")
    with pytest.raises(InputError, match="contrast"):
        save(figure)


def test_the_bundle_is_what_the_page_needs(figure, text, save):
    chart = save(figure)
    bundle = chart._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain", FIGURE_MIME}
    assert bundle["text/plain"] == text.alt
    expected = {"name": "received_2020", **asdict(text)}
    expected |= {"csv": chart.csv, "csv_label": "Data (CSV)"}
    assert bundle[FIGURE_MIME] == expected
    assert set(chart._repr_mimebundle_(include=["text/plain"])) == {"text/plain"}
    assert set(chart._repr_mimebundle_(exclude=["text/html"])) == {"text/plain", FIGURE_MIME}


def test_a_front_end_shows_title_image_with_its_alt_text_and_source(figure, text, save):
    chart = save(figure, text=replace(text, alt='Dots: <5 & "more"'))
    images, words = [], []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: images.append(dict(attributes)) if tag == "img" else None
    parser.handle_data = words.append
    parser.feed(chart._repr_mimebundle_()["text/html"])
    assert words == [text.title, text.subtitle, text.source]
    assert [image["alt"] for image in images] == ['Dots: <5 & "more"']
    kind, _, body = images[0]["src"].partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(body).decode() == chart.svg


def test_the_csv_gives_the_data_back(figure, save):
    chart = save(figure)
    assert chart.csv == "城市,value\n湛江,0.3\n"
    pd.testing.assert_frame_equal(pd.read_csv(StringIO(chart.csv)), DATA)


def test_files_hold_the_same_as_the_chart(figure, save, tmp_path):
    chart = save(figure)
    svg, csv = chart.write(tmp_path / "figures")
    assert svg.read_text(encoding="utf-8") == chart.svg
    assert csv.read_bytes() == b"\xef\xbb\xbf" + chart.csv.encode()
    assert [path.name for path in (svg, csv)] == ["received_2020.svg", "received_2020.csv"]


def test_letters_are_outlines_and_no_date_is_stored(figure, save):
    svg = save(figure).svg
    assert "<text" not in svg
    assert "<dc:date>" not in svg
    assert "<dc:title>Finding 发现</dc:title>" in svg


def test_the_same_frame_gives_the_same_bytes(drawing, make_case, save):
    case = make_case([3.0, 40.0, float("nan"), 5.0])
    first, second = save(drawing(case)), save(drawing(case))
    assert first.svg == second.svg


def test_the_name_salts_the_identifiers(drawings, make_case, save):
    case = make_case([3.0, 40.0])
    first = save(drawings["small_multiples"](case), name="one").svg
    second = save(drawings["small_multiples"](case), name="two").svg
    assert first != second


def test_a_users_settings_change_nothing(drawings, make_case, save):
    case = make_case([3.0, 40.0])
    plain = save(drawings["bars"](case))
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "savefig.dpi": 50}):
        own = save(drawings["bars"](case))
        assert matplotlib.rcParams["font.size"] == 30
    assert own.svg == plain.svg


SCRIPT = """
import hashlib, sys
import pandas as pd
from analysis.figures import ChartText, Words, bars, save_figure
frame = pd.DataFrame({"label": ["湛江", "Wuhan"], "value": [3.0, 40.0], "note": "", "role": "focus"})
figure = bars(frame, words=Words(*"abcdef"))
chart = save_figure(figure, name="a", text=ChartText(*"tuvw"), data=frame, csv_label="x")
unwanted = {"matplotlib.pyplot", "pylopdf_fonts_zh_cn"} & set(sys.modules)
digest = hashlib.sha256(chart.svg.encode()).hexdigest()
"""


def test_another_process_gives_the_same_bytes_and_imports_nothing_needless():
    other = [sys.executable, "-c", SCRIPT + "print(digest, *unwanted)"]
    printed = subprocess.run(other, capture_output=True, text=True, check=True).stdout.split()
    here: dict[str, object] = {}
    exec(SCRIPT, here)
    assert printed == [here["digest"]]


def test_a_saved_figure_is_closed(figure, save):
    save(figure)
    assert not figure.artists
