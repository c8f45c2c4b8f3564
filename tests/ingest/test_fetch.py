"""Documents come from files, standard input and addresses; whatever a server does, it is said."""

from __future__ import annotations

import io
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from misbehaving import Server

from analysis import ingest as reader
from analysis.catalog import Catalog
from analysis.errors import FazhiError, InputError
from analysis.ingest import fetch

PUBLIC = "93.184.215.14"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """A name server of our own: host -> the numbers it gives."""
    known: dict[str, list[str]] = {}

    def answer(host: str, port: Any, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        numbers = known.get(host, [host])
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return known


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://172.16.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://[2002:7f00:1::]/",
        "http://[64:ff9b::7f00:1]/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://2130706433/",
        "http://127.1/",
    ],
)
def test_addresses_of_private_networks_are_refused(address: str) -> None:
    with pytest.raises(InputError, match="public network"):
        fetch.read(address)


@pytest.mark.parametrize("address", ["ftp://example.org/a", "file:///etc/passwd", "gopher://x"])
def test_other_schemes_are_refused(address: str) -> None:
    with pytest.raises(InputError, match=r"http:// or https://"):
        fetch.read(address)


@pytest.mark.parametrize("address", ["http://", "http://user:word@example.org/", "http:///x"])
def test_addresses_without_host_or_with_a_user_are_refused(address: str) -> None:
    with pytest.raises(InputError, match="a host and no user"):
        fetch.read(address)


def test_a_name_that_leads_to_a_private_number_is_refused(names: dict[str, list[str]]) -> None:
    names["report.example"] = [PUBLIC, "10.0.0.7"]
    with pytest.raises(InputError, match=r"leads to 10\.0\.0\.7"):
        fetch.resolve("https://report.example/a")


def test_a_name_that_is_public_gives_its_number(names: dict[str, list[str]]) -> None:
    names["report.example"] = [PUBLIC]
    assert fetch.resolve("https://report.example/a") == PUBLIC


def test_a_redirect_into_a_private_network_is_refused(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fetch.resolve
    hops: list[str] = []

    def only_the_first(address: str, private: bool = False) -> str:
        hops.append(address)
        return first(address, private=len(hops) == 1)

    monkeypatch.setattr(fetch, "resolve", only_the_first)
    with pytest.raises(InputError, match="public network"):
        fetch.read(f"{server.address}/to//secret")
    assert [path for path, _ in server.asked] == ["/to//secret"]


def test_the_connection_goes_to_the_number_that_was_checked(
    server: Server, names: dict[str, list[str]]
) -> None:
    names["report.example"] = ["127.0.0.1"]
    server.pages["/a"] = (b"text", {})
    address = f"http://report.example:{server.server_port}/a"
    assert fetch.read(address, private=True) == b"text"
    assert server.asked[0][1]["Host"] == f"report.example:{server.server_port}"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/loop", "redirect"),
        ("/truncated", "whole document"),
        ("/broken", "HTTP 500"),
        ("/nowhere", "HTTP 404"),
        ("/to/ftp://x/", "http"),
    ],
)
def test_trouble_of_a_server_is_one_clear_message(server: Server, path: str, words: str) -> None:
    with pytest.raises(FazhiError, match=words):
        fetch.read(f"{server.address}{path}", private=True)


def test_a_slow_server_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "PATIENCE", 0.3)
    with pytest.raises(FazhiError, match="may take"):
        fetch.read(f"{server.address}/slow", private=True)


def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "SILENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(FazhiError, match="Timeout"):
        fetch.read(f"http://127.0.0.1:{silent.getsockname()[1]}/", private=True)


def test_a_huge_page_is_refused_while_it_comes(server: Server) -> None:
    with pytest.raises(InputError, match="at most 30 MB"):
        fetch.read(f"{server.address}/huge", private=True)


def test_a_packed_page_that_unpacks_too_large_is_refused(server: Server) -> None:
    import gzip

    body = gzip.compress(b"\0" * (fetch.LARGEST + 1))
    server.pages["/packed"] = (body, {"Content-Encoding": "gzip"})
    with pytest.raises(InputError, match="at most 30 MB"):
        fetch.read(f"{server.address}/packed", private=True)


def test_a_second_visit_asks_whether_the_page_changed(server: Server, tmp_path: Path) -> None:
    server.pages["/a"] = (b"one", {"ETag": '"1"'})
    address = f"{server.address}/a"
    first = fetch.read(address, cache=tmp_path, private=True)
    again = fetch.read(address, cache=tmp_path, private=True)
    server.pages["/a"] = (b"two", {"ETag": '"2"'})
    changed = fetch.read(address, cache=tmp_path, private=True)
    assert [first, again, changed] == [b"one", b"one", b"two"]
    assert server.asked[1][1]["If-None-Match"] == '"1"'


def test_a_damaged_cache_is_not_believed(server: Server, tmp_path: Path) -> None:
    server.pages["/a"] = (b"one", {"ETag": '"1"'})
    fetch.read(f"{server.address}/a", cache=tmp_path, private=True)
    for kept in tmp_path.iterdir():
        kept.write_bytes(b"other")
    assert fetch.read(f"{server.address}/a", cache=tmp_path, private=True) == b"one"
    assert "If-None-Match" not in server.asked[1][1]


def test_the_reader_says_who_it_is(server: Server) -> None:
    server.pages["/a"] = (b"text", {})
    fetch.read(f"{server.address}/a", private=True)
    assert server.asked[0][1]["User-Agent"] == fetch.AGENT


def test_the_environment_sends_no_request_elsewhere(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.pages["/a"] = (b"text", {})
    assert fetch.read(f"{server.address}/a", private=True) == b"text"


@pytest.mark.parametrize("content", [b"", b"x" * (fetch.LARGEST + 1)])
def test_an_empty_or_too_large_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "report.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"must not be empty|at most 30 MB"):
        fetch.read(str(path))


@pytest.mark.parametrize("place", ["/no/such/file", "", ".", "a\0b"])
def test_what_is_no_readable_file_is_refused(place: str) -> None:
    with pytest.raises(InputError, match="readable file"):
        fetch.read(place)


def test_a_file_is_named_without_its_path(tmp_path: Path, catalog: Catalog, report: str) -> None:
    (tmp_path / "report.txt").write_text(report, "utf-8")
    assert reader.read(str(tmp_path / "report.txt"), catalog)[1] == "file:report.txt"


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("报告".encode())))
    assert fetch.read("-").decode() == "报告"
