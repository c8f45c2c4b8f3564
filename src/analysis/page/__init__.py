"""A page while its notebook runs: the only way onto it; both languages are checked, frames are traced.

Refused: bad parameters, a frame without trace, a row that is not in the panel, words or values missing in
either language, a name used twice, a sixth finding.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from html import escape
from itertools import groupby

import pandas as pd
from markdown_it import MarkdownIt
from matplotlib.axes import Axes

from analysis import compare, editions, style, words
from analysis.editions import Edition
from analysis.errors import InputError
from analysis.page import outputs
from analysis.page.outputs import Traced, Words, line_of, link, published, row_tuples, show, traced, word
from analysis.panel import Panel, shared

# pages that see only their own city's rows, so that other cities' new facts do not make them stale
CITY_PAGES = ("02_report", "03_over_time")
_MISSING = re.compile(r"(?<![A-Za-z])(nan|NaN|NaT|None(?! of))(?![A-Za-z])|<NA>|[{}]")
_TAGS = re.compile(r"<sup>.*?</sup>|<[^>]+>")


class Page:
    """One page of one edition: `city` (region code), `year` and `language`; `region` is the city's record.

    `others` says in both languages what stands beside it; `cited` holds the number of each cited row.
    """

    def __init__(self, page_id: str, edition: Edition, panel: Panel) -> None:
        self.page_id, self.edition, self.panel = page_id, edition, panel
        self.city, self.year, self.language = edition.city, edition.year, edition.language
        self.region = panel.catalog.regions[edition.city]
        self.city_en, self.city_zh = self.region.name_en, self.region.name_zh
        self.others, self.metric = words.labels()["others", self.region.level], panel.catalog.metric
        self.cited: dict[int, int] = {}
        self._names: set[str] = set()
        self._findings = 0

    def __repr__(self) -> str:
        """One line: the page, its city, year and language."""
        about = f"{self.city_en} {self.year}, {self.language}, {len(self.cited)} rows cited"
        return f"<Page {self.page_id}: {about}>"

    @cached_property
    def peers(self) -> tuple[str, ...]:
        """The region codes of the peer group."""
        return compare.group(self.panel, self.edition.peers, self.city, self.year)

    @cached_property
    def facts(self) -> pd.DataFrame:
        """The figures of the city and year, one row a fact, context left out; the columns of the panel."""
        frame = self.panel.pick(self.panel.facts(self.city, self.year))
        return frame[~frame["metric_id"].str.startswith("context.")].rename_axis("row")

    def head(self, *, title: Words, lead: Words) -> None:
        """Shows the page's head: its question and, in one or two sentences, the shortest answer."""
        self._once("head")
        question, answer = self._chosen("title", title), self._chosen("lead", lead)
        name = self.city_zh if self.language == "zh" else f"{self.city_en} {self.city_zh}"
        about = {"page_id": self.page_id, "language": self.language, "year": self.year}
        about |= {"city_name": self.panel.name(self.city), "kicker": f"{name} · {self.year}"}
        about |= {"title": question, "lead": answer, "description": _TAGS.sub("", answer)}
        text = {"text/markdown": f"# {question}\n\n{answer}", "text/plain": f"{question}\n{answer}"}
        show("head", {outputs.HEAD_MIME: about, **text})

    def say(self, *, en: str, zh: str) -> None:
        """Shows a sentence or paragraph in the page's language; inline Markdown and marks are allowed."""
        chosen = self._chosen("a sentence", {"en": en, "zh": zh})
        show("text", {"text/markdown": chosen, "text/plain": _TAGS.sub("", chosen)})

    def finding(self, *, en: str, zh: str) -> None:
        """Shows a key finding of at most 60 English words: about law or administration, then digits."""
        self._findings += 1
        count = len(_TAGS.sub("", en).split())
        if self._findings > 5 or count > 60:
            told = f"finding {self._findings} with {count} words"
            raise InputError("A page has at most 5 findings of 60 words", told, "say less, or use page.say.")
        chosen = self._chosen("a finding", {"en": en, "zh": zh})
        inline, plain = MarkdownIt("commonmark", {"html": True}).renderInline(chosen), _TAGS.sub("", chosen)
        bundle = {"text/html": f'<div class="finding"><p>{inline}</p></div>', "text/plain": plain}
        show("finding", bundle, fazhi_text=plain)

    def figure(
        self, ax: Axes | None, name: str, *, data: pd.DataFrame, title: Words, subtitle: Words, alt: Words
    ) -> None:
        """Shows a figure, titled by its finding, with the source line of `data`, its traced rows."""
        self._once(name)
        given = {"title": title, "subtitle": subtitle, "alt": alt}
        chosen = {what: self._chosen(what, text) for what, text in given.items()}
        if traced(data) and ax is not None:
            picture = style.svg(ax, f"{self.page_id}_{name}")
            return show("figure", outputs.figure(self.panel, picture, data, name=name, **chosen))
        return self.say(**words.labels()["word", "nothing_to_draw"])

    def table(
        self, frame: pd.DataFrame, name: str,
        *, title: Words, columns: Mapping[str, Words] | None = None, marks: bool = True,
    ) -> None:  # fmt: skip
        """Shows a frame in words, each row cited, if with `marks`; `columns` are headings words.csv lacks."""
        self._once(name)
        caption, rows = self._chosen("title", title), row_tuples(frame)
        if frame.empty:
            nothing = word(self.panel, "none")
            block = f'<p class="empty"><strong>{escape(caption)}</strong> {escape(nothing)}</p>'
            return show("table", {"text/html": block, "text/plain": f"{caption}\n{nothing}"})
        if marks:
            frame = pd.DataFrame(frame).assign(evidence=[self.cite(row) for row in rows])
        show("table", outputs.table(frame, self.panel, name, caption, "evidence" if marks else "", columns))

    def cite(self, *what: Traced) -> str:
        """Superscript links to the evidence of rows of the panel, for use in a sentence; 4–9 is one link."""
        rows = traced(*what)
        if unknown := [row for row in rows if row not in self.panel.observations.index]:
            fix = "cite the rows that a derived figure follows from."
            raise InputError("Only rows of the panel can be cited", unknown, fix)
        numbers = sorted(self.cited.setdefault(row, len(self.cited) + 1) for row in rows)
        links = []
        for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
            row = [number for _, number in run]
            shown = {row[0]: f"{row[0]}–{row[-1]}"} if len(row) > 2 else {number: number for number in row}
            links += [f'<a href="#e{number}">{text}</a>' for number, text in shown.items()]
        return f"<sup>{' '.join(links)}</sup>" if links else ""

    def evidence(self) -> None:
        """Shows every cited fact by its number, which is its anchor, and where it was read."""
        panel, caption = self.panel, word(self.panel, "evidence")
        facts = panel.observations.loc[[*self.cited]].rename_axis("row")
        facts["number"], facts["printed"] = [str(number) for number in self.cited.values()], facts["evidence"]
        facts["fact"] = [outputs.fact(panel, row) for _, row in facts.iterrows()]
        sources = map(panel.catalog.sources.__getitem__, facts["source_id"])
        facts["source"] = [link(source, published(panel, source)) for source in sources]
        facts = facts[["number", "fact", "value", "printed", "source", "locator"]]
        facts = facts.replace({"printed": "", "locator": ""}, word(panel, "section_unknown"))
        ids = [f' id="e{number}" data-line="{line_of(panel, row)}"' for row, number in self.cited.items()]
        show("evidence", outputs.table(facts, panel, "evidence", caption, "source", None, ids))

    def sources(self) -> None:
        """Shows the sources of the cited facts, the most cited first, with publisher, date and kind."""
        used = self.panel.observations.loc[[*self.cited], "source_id"].value_counts()
        found = [self.panel.catalog.sources[key] for key in used.index]
        frame = pd.DataFrame(found, columns=["title", "publisher", "published", "reliability"])
        copy = words.bracketed(word(self.panel, "mirror_only"), self.language)
        copies = [copy * (one.reliability == "mirror" and not one.link) for one in found]
        titles = [link(one, one.title) + only for one, only in zip(found, copies, strict=True)]
        frame, caption = frame.assign(title=titles, facts=used.to_numpy()), word(self.panel, "sources_used")
        show("evidence", outputs.table(frame, self.panel, "sources", caption, "title"))

    def _chosen(self, what: str, given: Words) -> str:
        """The words in the page's language, when both languages are there and hold no missing value."""
        if set(given) != {"en", "zh"}:
            raise InputError(f"The words of {what} are given as en and zh", [*given], "write both languages.")
        for language, text in given.items():
            if not str(text).strip() or _MISSING.search(_TAGS.sub("", str(text))):
                rule = f"Every word of {what} must be there in both languages"
                raise InputError(rule, f"{language}: {text!r}", "give it, or leave the sentence out (if …).")
        return str(given[self.language])

    def _once(self, name: str) -> None:
        if name in self._names:
            raise InputError("A name stands on a page once", name, "choose another name.")
        self._names.add(name)


def open_page(
    page_id: str, city: str | int, year: int, language: str = "en", peers: str = "province",
    panel: Panel | None = None,
) -> Page:  # fmt: skip
    """A page named as its notebook, in the house style; the panel is the project's when None.

    `city`: region code, Chinese name or pinyin; `peers`: a group of data/, `all`, `province` or `nearest`.
    """
    editions.refuse_undeclared()
    whole = panel or shared()
    edition = editions.check({"city": city, "year": year, "language": language, "peers": peers}, whole)
    style.use()
    spoken = whole.in_language(edition.language) if panel else shared(edition.language)
    return Page(page_id, edition, spoken.only(edition.city) if page_id in CITY_PAGES else spoken)


def warm(edition: Edition) -> None:
    """Computes what the pages of an edition share, and keeps it for processes that fork."""
    panel = shared(edition.language)
    compare.all_fair(panel, edition.city, edition.year, edition.peers)
    style.use()
