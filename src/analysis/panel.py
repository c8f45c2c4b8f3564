"""The panel: every observation with its evidence, queried as frames; the one way into `data/`.

It picks between sources, applies reviewed corrections behind their guards, and can be narrowed to some
regions, after which the others cannot be read. It refuses to fill, interpolate or guess: what was not
reported is not there.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from analysis import catalog as catalogs
from analysis import observations as reported
from analysis import project, store, tables
from analysis.catalog import Catalog, Language
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
Made = TypeVar("Made")
FACT = ["region_code", "unit_name", "year", "period", "metric_id", "scope", "scope_as_reported"]
"""The columns that name one fact, whichever source gives it."""


@dataclass(frozen=True, eq=False)
class Panel:
    """The catalogue, the observations (frame below), the corrections that were applied and the identities.

    `observations` has one row a fact and source, with the columns of `data/observations/*.csv` and:
    `value` (float), `printed` (the digits as text), `resolution` (float, NaN when exact as printed), `year`
    (int), `derived` (False for everything that was reported), `correction` (the action applied, or empty),
    `file`, `line`. `table` is how they are held: at national size with categories for text, which becomes
    text again in all that the panel hands out. `made` is what was computed of it, by owner and name (`once`).
    """

    catalog: Catalog
    table: pd.DataFrame
    corrections: pd.DataFrame
    identities: Mapping[str, Any]
    language: Language = "en"
    made: dict[Hashable, dict[str, Any]] = field(default_factory=dict, init=False, repr=False)

    def once(self, owner: Hashable, name: str, make: Callable[[], Made]) -> Made:
        """What `make` returns, computed on the first call with this owner and name and kept with the panel.

        It must follow from the panel and the owner alone, and nobody may change it.
        """
        known = self.made.setdefault(owner, {})
        if name not in known:
            known[name] = make()
        made: Made = known[name]
        return made

    def in_language(self, language: Language) -> Panel:
        """The same panel, whose names of cities and metrics are in this language."""
        return self if language == self.language else replace(self, language=language)

    def name(self, region_code: str) -> str:
        """The name of a region in the panel's language."""
        return self.catalog.regions[region_code].name(self.language)

    def label(self, metric_id: str) -> str:
        """The label of a metric in the panel's language."""
        return self.catalog.metrics[metric_id].label(self.language)

    def narrowed(self, regions: Collection[str]) -> Panel:
        """The same panel holding nothing on any other region."""
        keep = self.table["region_code"].isin(list(regions))
        return replace(self, table=store.unpacked(self.table[keep]))

    @cached_property
    def observations(self) -> pd.DataFrame:
        """All observations; at national size `facts` and `rows` take a fraction of the time and memory."""
        return store.unpacked(self.table)

    def rows(self, labels: Collection[int]) -> pd.DataFrame:
        """The observations of these index labels, in their order; labels of no observation are left out."""
        known = self.table.index
        return store.unpacked(self.table.loc[[label for label in labels if label in known]])

    def facts(
        self,
        region: str | None = None,
        year: int | Collection[int] | None = None,
        metrics: Collection[str] | None = None,
        whole_area: bool = False,
    ) -> pd.DataFrame:
        """The observations that fit, all sources side by side; the frame of the class, perhaps empty.

        Args:
            region: A region code; all when None.
            year: A year or some years; all when None.
            metrics: Metric ids; all when None.
            whole_area: Leave out the rows of single departments and courts' units.
        """
        places = self._places(region, year, metrics)
        if whole_area:
            places = places[self._is_whole[places]]
        return store.taken(self.table, places)

    def years(self, region: str) -> list[int]:
        """The years for which anything but context is known of a region, in order."""
        frame = self.facts(region)
        told = ~frame["metric_id"].str.startswith("context.")
        return sorted({int(year) for year in frame.loc[told, "year"]})

    def pick(self, frame: pd.DataFrame) -> pd.DataFrame:
        """One row a fact: the most reliable source's, then the latest published; order as in the panel."""
        sources, copies = frame["source_id"].tolist(), (frame["status"] == "U").tolist()

        def preference(place: int) -> tuple[bool, int, str]:
            source = sources[place]
            rank = self._reliability.get(source, len(RELIABILITY))
            return not copies[place], -rank, self._published.get(source, "")

        kept: dict[tuple[Hashable, ...], int] = {}
        for place, fact in enumerate(zip(*(frame[name].tolist() for name in FACT), strict=True)):
            other = kept.setdefault(fact, place)
            if other != place and preference(place) > preference(other):
                kept[fact] = place
        chosen = frame if len(kept) == len(frame) else frame.iloc[sorted(kept.values())]
        return chosen.sort_index()

    @cached_property
    def _reliability(self) -> dict[str, int]:
        return {key: RELIABILITY.index(item.reliability) for key, item in self.catalog.sources.items()}

    @cached_property
    def _published(self) -> dict[str, str]:
        return {key: item.published for key, item in self.catalog.sources.items()}

    @cached_property
    def _by_region(self) -> Mapping[Hashable, Any]:
        return self.table.groupby("region_code", sort=False).indices

    @cached_property
    def _by_metric(self) -> Mapping[Hashable, Any]:
        return self.table.groupby("metric_id", sort=False).indices

    @cached_property
    def _is_whole(self) -> np.ndarray[Any, Any]:
        return (self.table["unit_name"] == "").to_numpy(dtype=bool)

    def _places(
        self, region: str | None, year: int | Collection[int] | None, metrics: Collection[str] | None
    ) -> np.ndarray[Any, Any]:
        """The positions in the table of the observations that fit, in order."""
        nowhere: np.ndarray[Any, Any] = np.array([], dtype=np.intp)
        found = nowhere
        if region is not None:
            found = self._by_region.get(region, nowhere)
        elif metrics is not None:
            parts = [self._by_metric.get(metric, nowhere) for metric in set(metrics)]
            found = np.sort(np.concatenate([nowhere, *parts]))
        else:
            found = np.arange(len(self.table))
        if year is not None:
            years = list(year) if isinstance(year, Collection) else [year]
            found = found[np.isin(self.table["year"].to_numpy()[found], years)]
        if region is not None and metrics is not None:
            found = found[self.table["metric_id"].iloc[found].isin(list(metrics)).to_numpy()]
        return found


def load(folder: Path | None = None) -> Panel:
    """The whole panel of a data folder (default: the project's).

    Raises:
        DataError: A file is missing or malformed, a number is not one, or a correction's guard does not hold.
    """
    folder = folder or project.data_folder()
    catalog = catalogs.load(folder)
    observations = reported.load(folder)
    corrections = tables.read(folder / "corrections.csv", tables.CORRECTIONS)
    return Panel(catalog, _corrected(observations, corrections), corrections, read_identities(folder))


def latest() -> Panel:
    """The project's whole panel, read anew only if a file of its data folder has other bytes than last time.

    The frames are the caller's own: changing them changes no panel handed out later. What was computed of the
    kept panel comes with it; nobody may change that.

    Raises:
        DataError: As `load`.
    """
    kept = shared()
    own = kept.table.copy(deep=False), kept.corrections.copy(deep=False)
    panel = Panel(kept.catalog, *own, kept.identities)
    panel.made.update({owner: dict(values) for owner, values in kept.made.items()})
    return panel


def shared() -> Panel:
    """The panel that `latest` hands out copies of, with all that was made of it; not to be changed.

    Raises:
        DataError: As `load`.
    """
    folder = project.data_folder()
    return _kept(folder, _fingerprint(folder))


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


def read_identities(folder: Path) -> dict[str, Any]:
    """What should add up, from `identities.toml`.

    Raises:
        DataError: The file is missing or not TOML.
    """
    path = folder / "identities.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise DataError("The file identities.toml must exist", str(path), "restore it from git.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError("The file identities.toml must be TOML", str(error), "mend that line.") from error


def _corrected(frame: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    """The frame with each correction applied to its rows: flagged, overridden or dropped."""
    frame = frame.assign(correction="")
    if corrections.empty:
        return frame
    frame = frame.assign(printed=store.admitting(frame["printed"], corrections["value"]))
    key = ["region_code", "year", "metric_id", "source_id"]
    near = frame["region_code"].isin(corrections["region_code"])
    few = store.unpacked(frame.loc[near, [*key, "printed"]])
    rows = pd.MultiIndex.from_frame(few.assign(year=few["year"].astype(str)))
    dropped: list[int] = []
    for _, row in corrections.iterrows():
        meant = tuple(row[[*key, "expected"]])
        labels = [int(label) for label in few.index[rows == meant]]
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
            frame.loc[labels, "printed"] = row["value"]
            frame.loc[labels, "value"] = _new_value(row)
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
