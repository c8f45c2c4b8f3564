"""The panel: every observation with its evidence, queried as frames; the one way into `data/`.

It picks between sources and applies reviewed corrections behind their guards. It refuses to fill, interpolate
or guess: an unknown name is an error, never an empty frame, and what is not in the panel is not there.
"""

from collections.abc import Collection, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from html import escape
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
import pandas as pd

from analysis import catalog as catalogs
from analysis import project, tables
from analysis.catalog import LANGUAGES, RELIABILITY, Catalog, Language
from analysis.errors import DataError
from analysis.tables import Identities

FACT = ["region_code", "unit_name", "year", "period", "metric_id", "scope", "scope_as_reported"]
"""The columns that name one fact, whichever source gives it (see `fact_key`)."""
LARGE = 50_000_000
"""Bytes of the files from which an Arrow copy is kept; below it, reading takes less than three seconds."""
_REPEATED = {*FACT, "qualifier", "status", "source_id", "locator", "file"} - {"year"}
"""Columns that repeat: their text is held as categories in a large panel, a tenth of the memory."""
_GUARD = ["region_code", "year", "metric_id", "source_id", "expected"]


@dataclass(frozen=True, eq=False, repr=False)
class Panel:
    """The catalogue, the observations with reviewed corrections applied, and the identities.

    `observations` has one row a fact and source, with the columns of `data/observations/*.csv` and: `printed`
    (the value's digits as text), `derived` (False), `correction` (the action applied, or empty), `file` and
    `line`. At national size text that repeats is held as categories; the methods hand out text.
    """

    catalog: Catalog
    observations: pd.DataFrame
    identities: Identities
    language: Language = "en"

    def __repr__(self) -> str:
        """How much the panel holds, on one line."""
        frame = self.observations
        years = f"{frame['year'].min()}–{frame['year'].max()}" if len(frame) else "no years"
        regions = frame["region_code"].nunique()
        return f"<Panel: {len(frame):,} observations of {regions} regions, {years}; {self.language}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the line, and what to ask."""
        asks = (
            "facts(region, year, metrics), years(region), without(region), metrics.‹domain›.‹name›, catalog"
        )
        return f"<p><code>{escape(repr(self))}</code><br><small>{asks}</small></p>"

    @cached_property
    def metrics(self) -> SimpleNamespace:
        """The ids of all metrics, to be completed: `panel.metrics.reconsideration.received`."""
        found = SimpleNamespace()
        for metric_id in self.catalog.metrics:
            domain, _, name = metric_id.partition(".")
            setattr(vars(found).setdefault(domain, SimpleNamespace()), name, metric_id)
        return found

    def in_language(self, language: Language) -> Self:
        """The same panel, whose names of cities and metrics are in this language."""
        return replace(self, language=language)

    def name(self, region_code: str) -> str:
        """The name of a region in the panel's language."""
        return self.catalog.regions[region_code].name(self.language)

    def label(self, metric_id: str) -> str:
        """The label of a metric in the panel's language."""
        return self.catalog.metrics[metric_id].label(self.language)

    def without(self, *regions: str) -> Self:
        """The same panel holding nothing on these regions, named by code or name."""
        codes = [self.catalog.region(word).region_code for word in regions]
        return replace(self, observations=self.observations[~self.observations["region_code"].isin(codes)])

    def only(self, region: str) -> Self:
        """The same panel holding nothing but the rows of one region, named by code or name."""
        return replace(self, observations=self.facts(region))

    def facts(
        self, region: str | None = None, year: int | Collection[int] | None = None,
        metrics: str | Collection[str] | None = None, whole_area: bool = False,
    ) -> pd.DataFrame:  # fmt: skip
        """The observations that fit, all sources side by side; an `InputError` names what is near a typo.

        `whole_area` leaves out the rows of single departments and courts' units.
        """
        frame, nowhere = self.observations, np.array([], dtype=np.intp)
        words = [metrics] if isinstance(metrics, str) else metrics
        ids = None if words is None else {self.catalog.metric(word).metric_id for word in words}
        if region is not None:
            found = self._places["region_code"].get(self.catalog.region(region).region_code, nowhere)
            if ids is not None:
                found = found[frame["metric_id"].iloc[found].isin(ids)]
        elif ids is not None:
            places = self._places["metric_id"]
            found = np.sort(np.concatenate([nowhere, *(places[one] for one in ids if one in places)]))
        else:
            found = np.arange(len(frame))
        if year is not None:
            years = list(year) if isinstance(year, Collection) else [year]
            found = found[frame["year"].iloc[found].isin(years)]
        if whole_area:
            found = found[frame["unit_name"].iloc[found] == ""]
        chosen: pd.DataFrame = frame.iloc[found]
        held = chosen.select_dtypes("category").columns
        return chosen.astype(dict.fromkeys(held, "str")) if len(held) else chosen

    def years(self, region: str) -> list[int]:
        """The years for which anything but context is known of a region, in order."""
        frame = self.facts(region)
        told = frame.loc[~frame["metric_id"].str.startswith("context."), "year"]
        return sorted(map(int, told.unique()))

    def pick(self, frame: pd.DataFrame) -> pd.DataFrame:
        """One row a fact: what was not read in a copy, the most reliable source, the latest, the first."""
        standing = frame["source_id"].map(self._standing).fillna(np.inf)
        ordered = fact_key(frame).assign(copy=frame["status"] == "U", standing=standing)
        ordered = ordered.sort_index().sort_values(["copy", "standing"], kind="stable")
        return frame.loc[ordered.drop_duplicates(FACT).index].sort_index()

    @cached_property
    def _standing(self) -> dict[str, int]:
        sources = self.catalog.sources
        dates = sorted({item.published for item in sources.values()}, reverse=True)
        late = {date: place for place, date in enumerate(dates)}
        level = {name: place * len(dates) for place, name in enumerate(RELIABILITY)}
        return {key: level[item.reliability] + late[item.published] for key, item in sources.items()}

    @cached_property
    def _places(self) -> dict[str, Mapping[Hashable, Any]]:
        named = ("region_code", "metric_id")
        return {name: self.observations.groupby(name, sort=False, observed=True).indices for name in named}


def fact_key(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of `FACT`, without the words for the scope where it is the whole area."""
    words = frame["scope_as_reported"].where(frame["scope"] != "whole", "")
    return frame[FACT].assign(scope_as_reported=words)


def load(folder: Path | None = None) -> Panel:
    """The whole panel of a data folder (default: the project's); a `DataError` where it breaks a rule."""
    folder = folder or project.data_folder()
    corrections = tables.read(folder / "corrections.csv", tables.CORRECTIONS)
    observations = _corrected(reported(folder), corrections)
    return Panel(catalogs.load(folder), observations, tables.identities(folder))


def latest() -> Panel:
    """The project's whole panel, read anew only if a byte of it is new; the frames are the caller's own."""
    kept = shared()
    return replace(kept, observations=kept.observations.copy(deep=False))


def shared(language: Language = "en") -> Panel:
    """The panel that `latest` hands out copies of, one object (for `lru_cache`) while no file changes."""
    folder = project.data_folder()
    files = sorted((*folder.glob("*.csv"), *folder.glob("*.toml"), *folder.glob("observations/*.csv")))
    return _kept(folder, tables.digest(files))[language]


@lru_cache(maxsize=1)
def _kept(folder: Path, digest: str) -> dict[Language, Panel]:
    loaded = load(folder)
    return {language: loaded.in_language(language) for language in LANGUAGES}


def _corrected(frame: pd.DataFrame, corrections: pd.DataFrame) -> pd.DataFrame:
    frame = frame.assign(correction="")
    near = frame[frame["source_id"].isin(corrections["source_id"])].reset_index(names="row")
    near = near.assign(year=near["year"].astype(str), expected=near["printed"])
    met = near[["row", *_GUARD]].merge(corrections.reset_index(names="which"), on=_GUARD)
    met["number"] = pd.to_numeric(met["value"], errors="coerce")
    new, dropped = met[met["action"] == "override"], met.loc[met["action"] == "drop", "row"].tolist()
    for _, row in corrections[~corrections.index.isin(met["which"])].iterrows():
        rule = "A correction must meet a row with the expected value"
        fix = "delete the correction, or write the value that the source now gives into `expected`."
        raise DataError(rule, tables.row_text(row, tables.CORRECTIONS), fix)
    for _, row in corrections.loc[new.loc[new["number"].isna(), "which"]].iterrows():
        rule = "An override must give its value as a plain number"
        fix = "write the number into `value`, or choose the action flag."
        raise DataError(rule, tables.row_text(row, tables.CORRECTIONS), fix)
    frame.loc[met["row"], "correction"] = met["action"].to_numpy()
    frame.loc[new["row"], "printed"] = new["value"].to_numpy()
    frame.loc[new["row"], "value"] = new["number"].to_numpy()
    return frame.drop(index=dropped) if dropped else frame


def reported(folder: Path) -> pd.DataFrame:
    """One row an observation, in the order of the files: the columns of `Panel` but `correction`.

    A large panel is read from an Arrow copy of the same bytes, made where pyarrow (`national`) is there.
    """
    files = tables.files("observations", folder)
    if sum(path.stat().st_size for path in files) < LARGE or not find_spec("pyarrow"):
        return pd.concat(map(_read, files), ignore_index=True)
    import pyarrow as pa
    from pyarrow import feather

    place = folder.parent / ".refresh"
    copy = place / f"observations-{tables.digest(files)[:24]}.arrow"
    with suppress(OSError, ValueError):  # missing, or damaged, which pyarrow tells by either
        # mapped, not read: memory that is touched for the first time costs more than all else
        held: pd.DataFrame = feather.read_table(copy, memory_map=True).to_pandas(split_blocks=True)
        return held
    packed, parts = pa.dictionary(pa.int32(), pa.large_string()), []
    for path in files:  # each packed by itself, so that never all text is held at once
        part = pa.Table.from_pandas(_read(path), preserve_index=False)
        kinds = [field.with_type(packed) if field.name in _REPEATED else field for field in part.schema]
        parts.append(part.cast(pa.schema(kinds)))
    frame: pd.DataFrame = pa.concat_tables(parts).unify_dictionaries().to_pandas()
    with suppress(OSError):  # a disk that refuses costs the time of reading, and nothing else
        place.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=place, prefix="observations-") as draft:
            feather.write_feather(frame, str(Path(draft, copy.name)), compression="uncompressed")
            for old in place.glob("observations-*.*"):
                old.unlink(missing_ok=True)
            Path(draft, copy.name).replace(copy)
    return frame


def _read(path: Path) -> pd.DataFrame:
    frame, numbers = tables.read(path, tables.OBSERVATIONS), {}
    for column, kind in {"value": float, "resolution": float, "year": int}.items():
        found = pd.to_numeric(frame[column], errors="coerce")
        wrong = frame[found.isna() & ((frame[column] != "") | (column != "resolution"))]
        if len(wrong):
            rows = "\n".join(tables.row_text(row, tables.OBSERVATIONS) for _, row in wrong.head().iterrows())
            raise DataError(
                f"Each {column} must be a plain number", f"{len(wrong)} rows:\n{rows}", "mend them."
            )
        numbers[column] = found.astype(kind)
    return frame.assign(printed=frame["value"], derived=False, **numbers)
