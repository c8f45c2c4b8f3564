"""Every kind of file becomes the same paragraphs and tables; bad ones are refused with the reason."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import docx
import opencc
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from analysis.errors import InputError
from analysis.ingest import extract as reader
from analysis.ingest.extract import Extracted, extract

TABLE = [["信息内容", "本年制发件数", "本年废止件数"], ["规章", "2", "0"], ["行政规范性文件", "14", "3"]]


def joined(extracted: Extracted) -> str:
    """All paragraphs, without white space."""
    return "".join(part for part in extracted.parts if isinstance(part, str)).replace(" ", "")


def word(report: str, table: list[list[str]]) -> bytes:
    """The report as a Word document with a table at its end."""
    document = docx.Document()
    for line in report.splitlines():
        document.add_paragraph(line)
    grid = document.add_table(rows=0, cols=3)
    for row in table:
        for cell, words in zip(grid.add_row().cells, row, strict=True):
            cell.text = words
    return saved(document)


def saved(document: object) -> bytes:
    target = io.BytesIO()
    document.save(target)  # type: ignore[attr-defined]
    return target.getvalue()


def portable(lines: list[str], *, locked: bool = False, picture: bool = False) -> bytes:
    """Lines as a PDF, a table with ruled cells below them."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    target = io.BytesIO()
    secret = StandardEncryption("word", ownerPassword="other") if locked else None
    canvas = Canvas(target, encrypt=secret)
    canvas.setFont("STSong-Light", 10)
    if picture:
        from PIL import Image
        from reportlab.lib.utils import ImageReader

        canvas.drawImage(ImageReader(Image.new("L", (60, 60), 128)), 50, 400, 400, 400)
    for at, line in enumerate(lines):
        canvas.drawString(50, 800 - 16 * at, line)
    for row, cells in enumerate(TABLE if lines else []):
        for column, words in enumerate(cells):
            canvas.rect(50 + 120 * column, 100 - 20 * row, 120, 20)
            canvas.drawString(54 + 120 * column, 106 - 20 * row, words)
    canvas.save()
    return target.getvalue()


def wrapped(report: str, width: int = 40) -> list[str]:
    """The lines of a report as a page breaks them."""
    return [line[at : at + width] for line in report.splitlines() for at in range(0, len(line), width)]


# what is refused


@pytest.mark.parametrize("content", [os.urandom(4000), b"\x89PNG\r\n\x1a\n" + os.urandom(2000), b"\0" * 3000])
def test_binary_files_are_refused(content: bytes) -> None:
    with pytest.raises(InputError, match=r"text in one encoding|Chinese text|readable|text, HTML, PDF"):
        extract(content)


def test_two_encodings_in_one_file_are_refused(report: str) -> None:
    half = len(report) // 2
    with pytest.raises(InputError, match=r"one encoding|readable|Chinese text"):
        extract(report[:half].encode() + report[half:].encode("gb18030") + report[:half].encode("utf-16"))


def test_a_text_that_is_not_chinese_is_refused() -> None:
    with pytest.raises(InputError, match="Chinese text"):
        extract(b"The city received 367 applications in 2020." * 20)


def test_a_text_of_characters_without_meaning_is_refused(report: str) -> None:
    with pytest.raises(InputError, match="readable"):
        extract(report.replace("行", "\ue123").encode())


def test_a_page_of_unnamed_glyphs_is_refused() -> None:
    with pytest.raises(InputError, match="readable"):
        extract(("(cid:12)(cid:99)报告" * 200).encode())


def test_old_word_files_are_refused_with_what_to_do() -> None:
    with pytest.raises(InputError, match="DOCX, PDF or plain text"):
        extract(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000)


def test_an_encrypted_pdf_is_refused(report: str) -> None:
    with pytest.raises(InputError, match="without a password"):
        extract(portable(wrapped(report), locked=True))


def test_a_scanned_pdf_is_refused() -> None:
    with pytest.raises(InputError, match="text layer"):
        extract(portable([], picture=True))


def test_a_damaged_pdf_is_refused(report: str) -> None:
    content = portable(wrapped(report))
    with pytest.raises(InputError, match=r"well-formed|Chinese text|limits"):
        extract(content[:200] + content[900:1200])


def test_a_pdf_without_pages_is_refused() -> None:
    with pytest.raises(InputError):
        extract(b"%PDF-1.4\n%%EOF")


def zipped(**files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return target.getvalue()


def test_a_zip_bomb_is_refused() -> None:
    with pytest.raises(InputError, match="small when unpacked"):
        extract(zipped(word__document_xml=b"<a/>", bomb_xml=b"0" * (reader.UNPACKED + 1)))


def test_an_xml_bomb_is_refused(report: str) -> None:
    entities = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 20))
    bomb = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a0 "ha">' + entities + b"]><d>&a19;</d>"
    with zipfile.ZipFile(io.BytesIO(word(report, TABLE))) as packed:
        files = {name: packed.read(name) for name in packed.namelist()} | {"word/document.xml": bomb}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as again:
        for name, content in files.items():
            again.writestr(name, content)
    with pytest.raises(InputError, match="document types"):
        extract(target.getvalue())


def test_a_zip_that_is_no_word_document_is_refused() -> None:
    with pytest.raises(InputError, match="well-formed"):
        extract(zipped(xl__workbook_xml=b"<a/>"))


def test_a_zip_that_lies_about_its_sizes_is_refused(report: str) -> None:
    content = bytearray(word(report, TABLE))
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = (1).to_bytes(4, "little")
    with pytest.raises(InputError):
        extract(bytes(content))


def test_a_text_longer_than_any_report_is_refused(report: str) -> None:
    with pytest.raises(InputError, match="at most 3,000,000 characters"):
        extract((report * 6000).encode()[:20_000_000])


def test_a_parser_that_takes_too_long_is_ended(report: str) -> None:
    with pytest.raises(InputError, match="within 0 seconds"):
        extract(report.encode(), seconds=0.01)


def test_a_page_nested_to_exhaust_readers_is_ended() -> None:
    with pytest.raises(InputError, match=r"limits|within 2 seconds"):
        extract(("<div>" * 2_000_000 + "行政复议" * 100).encode(), seconds=2)


def test_the_child_has_limits_of_memory_and_output(tmp_path: Path) -> None:
    code = (
        "from analysis.ingest import extract; extract.limit()\n"
        "try: bytearray(extract.LIMITS['AS'])\n"
        "except MemoryError: print('no memory')\n"
        "import resource; print(*(resource.getrlimit(getattr(resource, f'RLIMIT_{name}')) == (most, most)"
        " for name, most in extract.LIMITS.items()))"
    )
    source = str(Path(reader.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": source}
    )
    assert done.stdout.split("\n")[:2] == ["no memory", "True True True True"]


def test_a_refusal_of_the_child_keeps_its_parts() -> None:
    with pytest.raises(InputError) as caught:
        extract(b"{\\rtf1 text}")
    assert (caught.value.given, caught.value.exit_code) == ("an old or encrypted Office file", 2)


# what is read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_a_text_is_read_in_any_encoding(report: str, encoding: str) -> None:
    assert joined(extract(report.encode(encoding))) == report.replace("\n", "")


def test_a_last_character_that_was_cut_off_is_left_out(report: str) -> None:
    assert "行政复议申请486宗" in joined(extract(report.encode() + "件".encode()[:2]))


@pytest.mark.parametrize("encoding", ["utf-8", "big5"])
def test_traditional_script_is_folded(report: str, encoding: str) -> None:
    traditional = opencc.OpenCC("s2t").convert(report)
    assert "新收行政复议申请486宗" in joined(extract(traditional.encode(encoding, "ignore")))


def test_simplified_script_is_left_as_it_is(report: str) -> None:
    text = report + "乾县干部著作显著"
    assert joined(extract(text.encode())).endswith("乾县干部著作显著")


def test_marks_that_turn_the_direction_of_writing_are_removed(report: str) -> None:
    assert "行政复议申请486宗" in joined(extract(report.replace("486", "\u202e48\u200b6").encode()))


PAGE = """<!doctype html><html><head><meta charset="utf-8"><meta name="PubDate" content="2024-02-18 09:00">
<meta name="ContentSource" content="明川市司法局"><title>报告_明川市人民政府门户网站</title>
<style>p {{ color: red }}</style><script>var figures = "行政处罚99999宗";</script></head><body>
<nav><a href="/">首页</a> 已有88888人次访问</nav><div class="{css}">{text}{table}</div>
<div class="related"><a href="/x">其他市2019年度报告</a></div><footer>版权所有 77777</footer></body></html>"""
GRID = (
    "<table><tr><td colspan=3>第二十条第(一)项</td></tr><tr><td>信息内容</td><td>本年制发件数</td>"
    "<td>本年废止件数</td></tr><tr><td>规章</td><td>2</td><td>0</td></tr>"
    "<tr><td>行政处罚</td><td colspan=2>16293</td></tr></table>"
)


@pytest.mark.parametrize("css", ["TRS_Editor", "pages_content", "nameless"])
def test_a_page_gives_its_article_alone(report: str, css: str) -> None:
    text = "".join(f"<p>{line}</p>" for line in report.splitlines() if line)
    page = extract(PAGE.format(css=css, text=text, table=GRID).encode())
    assert "新收行政复议申请486宗" in joined(page)
    assert not any(sign in joined(page) for sign in ("88888", "99999", "77777", "其他市"))
    assert (page.published, page.publisher) == ("2024-02-18 09:00", "明川市司法局")
    assert "报告" in page.titles


def test_spans_of_a_table_repeat_words_but_no_numbers(report: str) -> None:
    page = extract(PAGE.format(css="TRS_Editor", text=f"<p>{report}</p>", table=GRID).encode())
    tables = [part for part in page.parts if not isinstance(part, str)]
    assert tables == [
        (
            ("第二十条第(一)项",) * 3,
            ("信息内容", "本年制发件数", "本年废止件数"),
            ("规章", "2", "0"),
            ("行政处罚", "16293", ""),
        )
    ]


def test_a_table_that_spans_a_million_columns_stays_small(report: str) -> None:
    grid = GRID.replace("colspan=3", "colspan=1000000000").replace("colspan=2", "rowspan=-7")
    page = extract(PAGE.format(css="TRS_Editor", text=f"<p>{report}</p>", table=grid).encode())
    assert max(len(row) for part in page.parts if not isinstance(part, str) for row in part) <= 50


def test_a_table_for_layout_is_read_as_paragraphs(report: str) -> None:
    cells = "".join(f"<tr><td>{line}</td></tr>" for line in report.splitlines() if line)
    page = extract(PAGE.format(css="TRS_Editor", text=f"<table>{cells}</table>", table="").encode())
    assert "新收行政复议申请486宗" in joined(page)


def test_a_word_document_gives_paragraphs_and_tables(report: str) -> None:
    document = extract(word(report, TABLE))
    assert joined(document) == report.replace("\n", "")
    assert document.parts[-1] == tuple(map(tuple, TABLE))


def test_merged_cells_of_a_word_document_give_a_number_once(report: str) -> None:
    document = docx.Document(io.BytesIO(word(report, [*TABLE, ["行政处罚", "16293", ""]])))
    last = document.tables[0].rows[-1].cells
    last[1].merge(last[2])
    assert extract(saved(document)).parts[-1][-1] == ("行政处罚", "16293", "")


def test_a_pdf_gives_its_broken_lines_as_paragraphs(report: str) -> None:
    document = extract(portable(wrapped(report)))
    assert "撤销52宗,变更3宗,确认违法14宗,责令履行21宗,维持187宗,驳回行政复议申请63宗" in joined(document)
    assert ("行政规范性文件", "14", "3") in document.parts[-1]


def test_the_child_gets_no_more_of_the_environment_than_it_needs(
    report: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "analysis.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONSTARTUP", "nowhere")
    assert joined(extract(report.encode())) == report.replace("\n", "")
