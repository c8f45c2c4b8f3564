"""Gets the bytes of a document from a file, standard input or an http(s) address.

An address is untrusted: each hop is resolved first and refused where it leads to a private, loopback or other
special network, then connected to by that very number, so that a second answer of the name server changes
nothing. Sizes, redirects and time are limited. Pages are kept under their ETag outside `data/`, so that
asking again costs a public server next to nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import json
import re
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from analysis.errors import FazhiError, InputError

LARGEST = 30 * 1024 * 1024
"""Bytes that a document may have."""
REDIRECTS = 5
PATIENCE = 60.0
"""Seconds that a whole download may take; a single read waits `SILENCE` at most."""
SILENCE = 15.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
AGENT = "Fazhi/0.1 (reads public reports on rule-of-law government, one page at a time)"


class FetchError(FazhiError):
    """A document that could not be had from its address; trying again later may help."""


@dataclass(frozen=True)
class Fetched:
    """The bytes of a document and how they came.

    Attributes:
        content: The bytes.
        address: The address as it was asked for, or `file:NAME`; never a path of this machine.
        charset: The encoding that the server named; empty when it named none.
        state: new, same (as at the last visit) or changed (since the last visit).
    """

    content: bytes
    address: str
    charset: str = ""
    state: str = "new"


def read(place: str, *, cache: Path | None = None, private: bool = False) -> Fetched:
    """The document at a place.

    Args:
        place: A file, an http(s) address, or `-` for standard input.
        cache: Folder that keeps pages for the next visit; none are kept when None.
        private: Whether addresses of private networks and of this machine are allowed.

    Raises:
        InputError: There is no such file, it is empty or too large, or the address is refused.
        FetchError: The server did not give the document.
    """
    if re.match(r"https?://", place, re.IGNORECASE):
        return _visit(place, cache, private)
    if "://" in place:
        raise InputError("An address must start with http:// or https://", place, "give such an address.")
    try:
        with contextlib.nullcontext(sys.stdin.buffer) if place == "-" else Path(place).open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise InputError("A document must be a readable file", f"{place!r}: {error}", "check it.") from None
    _check_size(len(content), place)
    return Fetched(content, "file:standard-input" if place == "-" else f"file:{Path(place).name}")


def _check_size(size: int, place: str) -> None:
    if size == 0:
        raise InputError("A document must not be empty", place, "give the file of a report.")
    if size > LARGEST:
        limit = f"A document must have at most {LARGEST // 1024 // 1024} MB"
        raise InputError(limit, place, "save the report alone, without scans and attachments.")


def _visit(address: str, cache: Path | None, private: bool) -> Fetched:
    """The page at an address, with what is known of it from the last visit."""
    stem = cache / hashlib.sha256(address.encode()).hexdigest() if cache else None
    known = _remembered(stem) if stem else {}
    asked = {"User-Agent": AGENT, "Accept-Encoding": "gzip, deflate"}
    for header, name in (("If-None-Match", "etag"), ("If-Modified-Since", "modified")):
        asked |= {header: known[name]} if known.get(name) else {}
    try:
        content, answer = _download(address, asked, private)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        reason = f"{type(error).__name__} {error}"
        if isinstance(error, httpx.HTTPStatusError):
            reason = f"HTTP {error.response.status_code}"
        given = f"{address}: {reason}"
        raise FetchError("The server must give the whole document", given, "try again later.") from None
    if answer.status_code == httpx.codes.NOT_MODIFIED and known and stem:
        return Fetched(stem.with_suffix(".bin").read_bytes(), address, known["charset"], "same")
    _check_size(len(content), address)
    told = {
        "etag": answer.headers.get("etag", ""), "modified": answer.headers.get("last-modified", ""),
        "charset": answer.charset_encoding or "", "digest": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
    state = "new" if not known else "same" if known["digest"] == told["digest"] else "changed"
    if stem:
        stem.parent.mkdir(parents=True, exist_ok=True)
        stem.with_suffix(".bin").write_bytes(content)
        stem.with_suffix(".json").write_text(json.dumps(told))
    return Fetched(content, address, told["charset"], state)


def _remembered(stem: Path) -> dict[str, str]:
    """What is known of the last visit; nothing where there was none, or where the kept page is not whole."""
    try:
        known: dict[str, str] = json.loads(stem.with_suffix(".json").read_text())
        kept = hashlib.sha256(stem.with_suffix(".bin").read_bytes()).hexdigest()
    except (OSError, ValueError):
        return {}
    return known if known.get("digest") == kept else {}


def _download(address: str, headers: dict[str, str], private: bool) -> tuple[bytes, httpx.Response]:
    """The body and the last answer, redirects followed by hand so that each is checked."""
    end = time.monotonic() + PATIENCE
    # proxies and .netrc of the environment are left aside: they would undo the check of where we connect to
    with httpx.Client(timeout=SILENCE, trust_env=False) as client:
        for _ in range(REDIRECTS + 1):
            url = httpx.URL(address)
            pinned = url.copy_with(host=resolve(address, private))
            named = {**headers, "Host": url.netloc.decode("ascii").rpartition("@")[2]}
            secure = {"sni_hostname": url.raw_host.decode("ascii")}
            with client.stream("GET", pinned, headers=named, extensions=secure) as answer:
                if answer.has_redirect_location:
                    address = str(url.join(answer.headers["location"]))
                    continue
                if answer.status_code != httpx.codes.NOT_MODIFIED:
                    answer.raise_for_status()
                return _body(answer, address, end), answer
    raise FetchError(f"An address may redirect {REDIRECTS} times", address, "give the final address.")


def _body(answer: httpx.Response, address: str, end: float) -> bytes:
    body = bytearray()
    for part in answer.iter_bytes():
        body += part
        _check_size(len(body) or 1, address)
        if time.monotonic() > end:
            raise FetchError(f"A download may take {PATIENCE:.0f} seconds", address, "try again later.")
    return bytes(body)


def resolve(address: str, private: bool = False) -> str:
    """The network number that an address leads to.

    Raises:
        InputError: It is no http(s) address, or one of its numbers is not public.
        FetchError: The name is not known.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise InputError("An address must be http(s), with a host and no user", address, "correct it.")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError) as error:
        raise FetchError("The host of an address must exist", f"{address}: {error}", "check it.") from None
    numbers = [str(entry[4][0]).partition("%")[0] for entry in found]
    hidden = [number for number in numbers if not _public(number)]
    if hidden and not private:
        fix = "save the page and give the file, or add --allow-private."
        raise InputError("An address must lead to the public network", f"{address} leads to {hidden[0]}", fix)
    return numbers[0]


def _public(number: str) -> bool:
    """Whether a number is of the public network, also inside an IPv6 number that wraps an IPv4 one."""
    host = ipaddress.ip_address(number)
    if host in _NAT64:
        host = ipaddress.IPv4Address(int(host) & 0xFFFFFFFF)
    if isinstance(host, ipaddress.IPv6Address):
        wrapped = host.ipv4_mapped or host.sixtofour or (host.teredo or (None, None))[1]
        return host.is_global and not host.is_multicast and (wrapped is None or wrapped.is_global)
    return host.is_global and not host.is_multicast
