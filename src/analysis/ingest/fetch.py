"""Gets the bytes of a document from a file, standard input or an http(s) address.

An address is untrusted: each hop is refused where it leads to a network that is not public, else connected to
by the very number that was checked. Sizes, redirects and time are limited. Pages are kept outside `data/`, so
that asking again costs a public server next to nothing.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import ipaddress
import json
import re
import socket
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from analysis.errors import FazhiError, InputError

LARGEST = 30 * 1024 * 1024  # bytes of a document
REDIRECTS = 5
PATIENCE, SILENCE = 60.0, 15.0  # seconds that a whole download and a single read may take
AGENT = "Fazhi/0.1 (reads public reports on rule-of-law government, one page at a time)"
# networks of IPv6 whose numbers hold one of IPv4, which may be any
_TUNNELS = [ipaddress.ip_network(net) for net in ("64:ff9b::/96", "::ffff:0:0/96", "2002::/16", "2001::/32")]


def read(place: str, *, cache: Path | None = None, private: bool = False) -> bytes:
    """The bytes at a file, an http(s) address (of a `private` network, too, if allowed), or `-`.

    Raises:
        InputError: There is no such file, it is empty or too large, or the address is refused.
        FazhiError: The server did not give the document.
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
    return content


def _check_size(size: int, place: str) -> None:
    if size == 0:
        raise InputError("A document must not be empty", place, "give the file of a report.")
    if size > LARGEST:
        limit = f"A document must have at most {LARGEST // 1024 // 1024} MB"
        raise InputError(limit, place, "save the report alone, without scans and attachments.")


def _visit(address: str, cache: Path | None, private: bool) -> bytes:
    """The page at an address, or as it was kept at the last visit where it is still the same."""
    path = cache / f"{hashlib.sha256(address.encode()).hexdigest()}.page" if cache else None
    kept: dict[str, Any] = {}
    if path:
        with contextlib.suppress(OSError, ValueError):
            kept = json.loads(path.read_text("ascii"))
    try:
        content, answer = _download(address, kept.get("asked", {}), private)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        reason = f"{type(error).__name__} {error}"
        if isinstance(error, httpx.HTTPStatusError):
            reason = f"HTTP {error.response.status_code}"
        rule = "The server must give the whole document"
        raise FazhiError(rule, f"{address}: {reason}", "try again later.") from None
    if kept and answer.status_code == httpx.codes.NOT_MODIFIED:
        return base64.b64decode(kept["content"])
    _check_size(len(content), address)
    if path:
        told = {"If-None-Match": "etag", "If-Modified-Since": "last-modified"}
        asked = {asks: answer.headers[tells] for asks, tells in told.items() if tells in answer.headers}
        page = {"asked": asked, "content": base64.b64encode(content).decode()}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(page), "ascii")
    return content


def _download(address: str, asked: dict[str, str], private: bool) -> tuple[bytes, httpx.Response]:
    """The body and the last answer; redirects are followed by hand, so that each is checked and none read."""
    end, body = time.monotonic() + PATIENCE, bytearray()
    headers = {"User-Agent": AGENT, "Accept-Encoding": "gzip, deflate", **asked}
    # proxies and .netrc of the environment are left aside: they would undo the check of where we connect to
    with httpx.Client(timeout=SILENCE, trust_env=False, headers=headers) as client:
        for _ in range(REDIRECTS + 1):
            url = httpx.URL(address)
            pinned = url.copy_with(host=resolve(address, private))
            host, name = url.netloc.decode("ascii"), {"sni_hostname": url.raw_host.decode("ascii")}
            with client.stream("GET", pinned, headers={"Host": host}, extensions=name) as answer:
                if answer.has_redirect_location:
                    address = str(url.join(answer.headers["location"]))
                    continue
                if answer.status_code != httpx.codes.NOT_MODIFIED:
                    answer.raise_for_status()
                for part in answer.iter_bytes():
                    body += part
                    _check_size(len(body) or 1, address)
                    if time.monotonic() > end:
                        rule = f"A download may take {PATIENCE:.0f} seconds"
                        raise FazhiError(rule, address, "try again later.")
                return bytes(body), answer
    raise FazhiError(f"An address may redirect {REDIRECTS} times", address, "give the final address.")


def resolve(address: str, private: bool = False) -> str:
    """The network number that an address leads to.

    Raises:
        InputError: It is no http(s) address, or one of its numbers is not public.
        FazhiError: The name is not known.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise InputError("An address must be http(s), with a host and no user", address, "correct it.")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError) as error:
        raise FazhiError("The host of an address must exist", f"{address}: {error}", "check it.") from None
    numbers = [str(entry[4][0]).partition("%")[0] for entry in found]
    hidden = [number for number in numbers if not _public(number)]
    if hidden and not private:
        fix = "save the page and give the file, or add --allow-private."
        raise InputError("An address must lead to the public network", f"{address} leads to {hidden[0]}", fix)
    return numbers[0]


def _public(number: str) -> bool:
    host = ipaddress.ip_address(number)
    return host.is_global and not host.is_multicast and not any(host in network for network in _TUNNELS)
