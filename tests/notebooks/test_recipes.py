"""The recipes do what their headings say, in one run, and stay within what an analyst copies."""

from __future__ import annotations

import contract
import pandas as pd
import pytest
from running import Ran, run

RECEIVED = "reconsideration.received"


@pytest.fixture(scope="module")
def ran() -> Ran:
    """The recipes, run."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        return run(contract.read("recipes"), monkeypatch)


def value_of(ran: Ran, source: str) -> object:
    """The value of the one cell with this text."""
    cells = contract.read("recipes").cells
    (number,) = [
        at for at, cell in enumerate(cells, start=1) if cell.cell_type == "code" and source in cell.source
    ]
    return ran.values[number]


def test_the_frame_has_names_residents_and_rates(ran: Ran) -> None:
    frame = value_of(ran, "cases.comparable[[")
    assert isinstance(frame, pd.DataFrame)
    assert {"name", "residents", "rate"} <= set(frame.columns)
    assert "湛江市" in set(frame["name"])
    assert frame["rate"].to_numpy() == pytest.approx(frame["value"] / frame["residents"] * 100_000, abs=0.006)


def test_seaborn_writes_chinese_in_the_house_style(ran: Ran) -> None:
    ax = ran.names["ax"]
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert "湛江市" in labels
    assert ax.get_yticklabels()[0].get_fontname() != "DejaVu Sans"
    assert not ax.spines["top"].get_visible()


def test_without_one_city_the_place_is_another(ran: Ran) -> None:
    rank, n, lower, upper = value_of(ran, "place.rank, place.n")  # type: ignore[misc]
    assert n == len(ran.names["cases"].comparable) - 1
    assert lower <= rank <= upper <= n


def test_the_years_carry_intervals_and_their_method(ran: Ran) -> None:
    points = value_of(ran, "compare.series")
    assert isinstance(points, pd.DataFrame)
    assert points["year"].nunique() >= 3
    assert (points["lower"] <= points["value"]).all()
    assert (points["value"] <= points["upper"]).all()
    assert points["method"].str.len().min() > 0


def test_an_indicator_of_one_s_own_is_a_section(ran: Ran) -> None:
    (table,) = ran.texts("table")
    assert "每件复议申请" in table
    facts = ran.names["page"].facts.set_index("metric_id")["value"]
    assert ran.names["ratio"] == facts["mediation.cases"] / facts[RECEIVED]


def test_the_evidence_names_words_line_and_source(ran: Ran) -> None:
    said = str(value_of(ran, "panel.observations.loc[row]"))
    words, line, publisher, published = said.split(" | ")
    assert "367" in words
    assert line.startswith("observations/44.csv:")
    assert "湛江" in publisher
    assert published.startswith("2021")
