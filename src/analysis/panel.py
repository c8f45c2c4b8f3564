"""The panel: every observation with its evidence, queried as frames; the one way into `data/`.

It picks between sources, applies reviewed corrections behind their guards, and can be narrowed to some
regions, after which the others cannot be read. It refuses to fill, interpolate or guess: what was not
reported is not there.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import catalog as catalogs
from analysis import project, tables
from analysis.catalog import Catalog
from analysis.errors import DataError

RELIABILITY = ("official", "institution", "dataset", "press", "third_party", "mirror")
"""Kinds of source, the most reliable first."""
STATUS = {
    "A": "normal",
    "P": "provisional",
    "E": "estimated",
    "B": "break",
    "U": "mirrored or third-party copy",
}
"""SDMX observation status codes in use, and U for figures that were read in a copy only."""
FACT = ["region_code", "unit_name", "year", "period", "metric_id", "scope", "scope_as_reported"]
"""The columns that name one fact, whichever source gives it."""


@dataclass(frozen=True)
class Panel:
    """The catalogue, the observations (frame below), the corrections that were applied and the identities.

    `observations` has one row a fact and source, with the columns of `data/observations/*.csv` and:
    `value` (float), `printed` (the digits as text), `resolution` (float, NaN when exact as printed), `year`
    (int), `derived` (False for everything that was reported), `correction` (the action applied, or empty),
    `file`, `line`.
    """

    catalog: Catalog
    observations: pd.DataFrame
    corrections: pd.DataFrame
    identities: Mapping[str, Any]

    def narrowed(self, regions: Collection[str]) -> Panel:
        """The same panel holding nothing on any other region."""
        keep = self.observations["region_code"].isin(list(regions))
        return replace(self, observations=self.observations[keep])

    def facts(
        self,
        region: str | None = None,
        year: int | None = None,
        metrics: Collection[str] | None = None,
        whole_area: bool = False,
    ) -> pd.DataFrame:
        """The observations that fit, all sources side by side; the frame of the class, perhaps empty.

        Args:
            region: A region code; all when None.
            year: A year; all when None.
            metrics: Metric ids; all when None.
            whole_area: Leave out the rows of single departments and courts' units.
        """
        frame = self.observations
        if region is not None:
            frame = frame.loc[self._places(region)]
        if year is not None:
            frame = frame[frame["year"] == year]
        if metrics is not None:
            frame = frame[frame["metric_id"].isin(list(metrics))]
        return frame[frame["unit_name"] == ""] if whole_area else frame

    def years(self, region: str) -> list[int]:
        """The years for which anything but context is known of a region, in order."""
        frame = self.facts(region)
        told = ~frame["metric_id"].str.startswith("context.")
        return sorted({int(year) for year in frame.loc[told, "year"]})

    def pick(self, frame: pd.DataFrame) -> pd.DataFrame:
        """One row a fact: the most reliable source's, then the latest published; order as in the panel."""
        rank = frame["source_id"].map(self._reliability)
        late = frame["source_id"].map(self._published)
        copy = frame["status"] == "U"
        ordered = frame.assign(_copy=copy, _rank=rank, _late=late).sort_values(
            ["_copy", "_rank", "_late"], ascending=[True, True, False], kind="stable"
        )
        return frame.loc[ordered.drop_duplicates(FACT).index.sort_values()]

    @cached_property
    def _reliability(self) -> dict[str, int]:
        return {key: RELIABILITY.index(item.reliability) for key, item in self.catalog.sources.items()}

    @cached_property
    def _published(self) -> dict[str, str]:
        return {key: item.published for key, item in self.catalog.sources.items()}

    @cached_property
    def _index(self) -> dict[str, pd.Index]:
        return {str(code): rows.index for code, rows in self.observations.groupby("region_code", sort=False)}

    def _places(self, region: str) -> pd.Index:
        return self._index.get(region, self.observations.index[:0])


def load(folder: Path | None = None) -> Panel:
    """The whole panel of a data folder (default: the project's).

    Raises:
        DataError: A file is missing or malformed, a number is not one, or a correction's guard does not hold.
    """
    folder = folder or project.data_folder()
    catalog = catalogs.load(folder)
    observations = read_observations(folder)
    corrections = tables.read(folder / "corrections.csv", tables.CORRECTIONS)
    return Panel(catalog, _corrected(observations, corrections), corrections, read_identities(folder))


def latest() -> Panel:
    """The project's whole panel, read anew only if a file of its data folder has other bytes than last time.

    The frames are the caller's own: changing them changes no panel handed out later.

    Raises:
        DataError: As `load`.
    """
    folder = project.data_folder()
    kept = _kept(folder, _fingerprint(folder))
    own = kept.observations.copy(deep=False), kept.corrections.copy(deep=False)
    return Panel(kept.catalog, *own, kept.identities)


@lru_cache(maxsize=1)
def _kept(folder: Path, _fingerprint: bytes) -> Panel:
    """The panel of a folder whose files have this fingerprint; a process that forks shares it."""
    return load(folder)


def _fingerprint(folder: Path) -> bytes:
    """The hash of names and bytes of all tables of a data folder."""
    total = hashlib.sha256()
    for path in sorted((*folder.glob("*.csv"), *folder.glob("*.toml"), *folder.glob("observations/*.csv"))):
        content = path.read_bytes()
        total.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return total.digest()


def read_observations(folder: Path) -> pd.DataFrame:
    """Every observation as reported, before corrections; the frame of `Panel`.

    Raises:
        DataError: A file is malformed or a number is not one; the rows are shown.
    """
    parts = [tables.read(path, tables.OBSERVATIONS) for path in tables.observation_files(folder)]
    frame = pd.concat(parts, ignore_index=True)
    printed = frame["value"]
    frame = frame.assign(
        printed=printed,
        value=_numbers(frame, "value"),
        resolution=_numbers(frame, "resolution"),
        year=_numbers(frame, "year").astype(int),
        derived=False,
        correction="",
    )
    return frame


def read_identities(folder: Path) -> dict[str, Any]:
    """What should add up, from `identities.toml`.

    Raises:
        DataError: The file is missing or not TOML.
    """
    path = folder / "identities.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError("The file identities.toml must exist", str(path), "restore it from git.") from None
    except tomllib.TOMLDecodeError as error:
        raise DataError("The file identities.toml must be TOML", str(error), "mend that line.") from error


def _numbers(frame: pd.DataFrame, column: str) -> pd.Series:
    text = frame[column]
    numbers = pd.to_numeric(text, errors="coerce")
    empty_allowed = text == "" if column == "resolution" else False
    wrong = frame[numbers.isna() & ~empty_allowed]
    if len(wrong):
        rows = "\n".join(tables.row_text(row, tables.OBSERVATIONS) for _, row in wrong.head(5).iterrows())
        raise DataError(f"Each {column} must be a plain number", f"{len(wrong)} rows:\n{rows}", "mend them.")
    return numbers.astype(float)


def _corrected(frame: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    """The frame with each correction applied to its rows: flagged, overridden or dropped."""
    if corrections.empty:
        return frame
    key = ["region_code", "year", "metric_id", "source_id"]
    years = frame["year"].astype(str)
    rows = pd.MultiIndex.from_frame(frame.assign(year=years)[[*key, "printed"]])
    dropped: list[int] = []
    for _, row in corrections.iterrows():
        meant = tuple(row[[*key, "expected"]])
        labels = [int(label) for label in frame.index[rows == meant]]
        if not labels:
            raise DataError(
                "A correction must meet a row with the expected value",
                tables.row_text(row, tables.CORRECTIONS),
                "delete the correction, or write the value that the source now gives into `expected`.",
            )
        if row["action"] == "drop":
            dropped += labels
            continue
        frame.loc[labels, "correction"] = row["action"]
        if row["action"] == "override":
            frame.loc[labels, ["printed", "value"]] = [row["value"], _new_value(row)]
    return frame.drop(index=dropped)


def _new_value(correction: pd.Series) -> float:
    """The value an override puts in place of the reported one."""
    try:
        return float(correction["value"])
    except ValueError:
        raise DataError(
            "An override must give its value as a plain number",
            tables.row_text(correction, tables.CORRECTIONS),
            "write the number into `value`, or choose the action flag.",
        ) from None
