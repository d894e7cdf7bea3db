"""The one door to the outside: what it reaches, what it refuses, and what it says of a call that failed."""

import ipaddress
import os
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from distribution.http import Answer, NotSent, Unanswered, call, retry_after
from distribution.network import is_public
from tests.certificates import Authority, tls_for
from tests.ports import free_port
from tests.wire import Request, answer, serving

LONG, SOON = 20, 5  # seconds: what hangs, and what a call of half a second takes on a busy machine at most
METADATA = "169.254.169.254"


pytestmark = pytest.mark.usefixtures("own_pool")


@pytest.fixture
def local(settings: LazySettings) -> None:
    settings.OUTBOUND_PRIVATE_HOSTS = ["LocalHost", "127.0.0.1"]


def hello(request: Request, connection: socket.socket) -> bytes:
    return answer(200, b"hello")


# --- what arrives ----------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("local")
def test_it_says_what_it_was_told_to_and_returns_what_it_heard() -> None:
    with serving(lambda request, line: answer(201, b"made", X_Key="7")) as server:
        heard = call("POST", f"{server.url}/a?b=c", seconds=5, content=b"body", headers={"X-Our": "x"})
    (request,) = server.requests
    assert (heard.status, heard.body, heard.headers["x-KEY"]) == (201, b"made", "7")
    assert (request.method, request.target, request.body, request.headers["x-our"]) == ("POST", "/a?b=c", b"body", "x")


@pytest.mark.usefixtures("local")
def test_forms_and_files_go_as_such() -> None:
    with serving(hello) as server:
        call("POST", server.url, seconds=5, data={"a": "å"})
        call("POST", server.url, seconds=5, data={"a": "b"}, files={"pdf": ("x.pdf", b"%PDF", "application/pdf")})
    form, parts = server.requests
    assert form.body == b"a=%C3%A5"
    assert b'filename="x.pdf"' in parts.body
    assert b"%PDF" in parts.body


@pytest.mark.usefixtures("local")
def test_a_connection_is_used_again_and_remembers_no_cookie() -> None:
    with serving(lambda request, line: answer(200, b"x", Set_Cookie="a=b")) as server:
        for _time in range(3):
            call("GET", server.url, seconds=5)
    assert server.connections == 1
    assert all("cookie" not in request.headers for request in server.requests)


@pytest.mark.usefixtures("local")
def test_threads_share_the_pool() -> None:
    heard: list[Answer] = []
    with serving(hello) as server:
        threads = [
            threading.Thread(target=lambda: heard.extend(call("GET", server.url, seconds=5) for _time in range(20)))
            for _thread in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [one.body for one in heard] == [b"hello"] * 160
    assert server.connections <= 8


@pytest.mark.usefixtures("local")
def test_a_child_made_by_fork_speaks_on_connections_of_its_own() -> None:
    with serving(hello) as server:
        call("GET", server.url, seconds=5)
        child = os.fork()
        if child == 0:  # pragma: no cover
            os._exit(0 if call("GET", server.url, seconds=5).body == b"hello" else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        call("GET", server.url, seconds=5)
    assert server.connections == 2


@pytest.mark.usefixtures("local")
def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with serving(lambda request, line: answer(302, Location="/elsewhere")) as server:
        assert call("GET", server.url, seconds=5).status == 302
    assert len(server.requests) == 1


@pytest.mark.usefixtures("local")
def test_no_proxy_of_the_environment_gets_round_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with serving(hello) as server:
        assert call("GET", server.url, seconds=5).body == b"hello"


# --- what fails ------------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("local")
def test_a_refused_connection_surely_sent_nothing() -> None:
    with pytest.raises(NotSent, match="refused"):
        call("POST", f"http://127.0.0.1:{free_port()}", seconds=5, content=b"x")


@pytest.mark.usefixtures("local")
def test_a_name_that_is_not_found_surely_sent_nothing() -> None:
    with pytest.raises(NotSent, match="DNS"):
        call("POST", "https://no-such-host.invalid", seconds=5)


def test_a_resolver_that_is_slow_costs_no_more_than_the_call_may(monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(*_args: object, **_options: object) -> list[object]:
        time.sleep(LONG)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    started = time.monotonic()
    with pytest.raises(NotSent, match="DNS"):
        call("GET", "https://slow.example", seconds=0.2)
    assert time.monotonic() - started < SOON


@pytest.mark.usefixtures("local")
def test_cut_after_the_request_it_may_have_arrived() -> None:
    with serving(lambda request, line: None) as server, pytest.raises(Unanswered):
        call("POST", server.url, seconds=5, content=b"x")
    assert len(server.requests) == 1  # and is never sent again from here


@pytest.mark.usefixtures("local")
def test_cut_in_the_middle_of_the_answer() -> None:
    def half(request: Request, line: socket.socket) -> None:
        line.sendall(answer(200, b"hello")[:-2])

    with serving(half) as server, pytest.raises(Unanswered):
        call("GET", server.url, seconds=5)
    assert len(server.requests) == 1


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("said", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 X\r\nContent-Length: x\r\n\r\n", b"\x16\x03\x01"])
def test_an_answer_that_is_not_http(said: bytes) -> None:
    def nonsense(request: Request, line: socket.socket) -> None:
        line.sendall(said)

    with serving(nonsense) as server, pytest.raises(Unanswered):
        call("GET", server.url, seconds=5)


@pytest.mark.usefixtures("local")
def test_silence_ends_at_the_deadline() -> None:
    def hang(request: Request, line: socket.socket) -> None:
        time.sleep(LONG)

    started = time.monotonic()
    with serving(hang) as server, pytest.raises(Unanswered):
        call("POST", server.url, seconds=0.3, content=b"x")
    assert time.monotonic() - started < SOON


@pytest.mark.usefixtures("local")
def test_the_deadline_is_of_the_whole_call_not_of_each_byte() -> None:
    def drip(request: Request, line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\n")
        for _byte in range(1000):
            line.sendall(b"x")
            time.sleep(0.1)

    started = time.monotonic()
    with serving(drip) as server, pytest.raises(Unanswered):
        call("GET", server.url, seconds=0.4)
    assert time.monotonic() - started < SOON


@pytest.mark.usefixtures("local")
def test_a_listener_that_never_accepts_the_handshake_surely_got_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(NotSent):
            call("POST", f"https://127.0.0.1:{silent.getsockname()[1]}", seconds=0.3, content=b"x")
    assert time.monotonic() - started < SOON


@pytest.mark.usefixtures("local")
def test_a_body_that_never_ends_is_cut_off_at_the_cap() -> None:
    sent = []

    def endless(request: Request, line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            sent.append(line.send(b"x" * 65_536))

    with serving(endless) as server, pytest.raises(Unanswered, match="more than 100000 bytes"):
        call("GET", server.url, seconds=5, max_bytes=100_000)
    assert sum(sent) < 50_000_000


@pytest.mark.usefixtures("local")
def test_a_compressed_answer_is_not_unfolded() -> None:
    with (
        serving(lambda request, line: answer(200, b"x", Content_Encoding="gzip")) as server,
        pytest.raises(Unanswered),
    ):
        call("GET", server.url, seconds=5)
    assert server.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.usefixtures("local")
def test_a_kept_connection_that_was_closed_under_us_costs_a_get_nothing_and_a_post_its_certainty() -> None:
    """The server closes as the request comes: it can't be told from one that was read."""

    def first_only(request: Request, line: socket.socket) -> bytes | None:
        return None if request.target == "/again" and server.connections == turn else hello(request, line)

    with serving(first_only) as server:
        turn = 1
        call("GET", server.url, seconds=5)
        assert call("GET", f"{server.url}/again", seconds=5).body == b"hello"
        turn = 2
        with pytest.raises(Unanswered):
            call("POST", f"{server.url}/again", seconds=5, content=b"x")


@pytest.mark.usefixtures("local")
def test_an_answer_that_has_begun_is_not_asked_for_again() -> None:
    """On a kept connection too: it was alive, and the other end has done its work once."""

    def half(request: Request, line: socket.socket) -> bytes | None:
        if request.target == "/half":
            line.sendall(answer(200, b"hello")[:-2])
            return None
        return hello(request, line)

    with serving(half) as server:
        call("GET", server.url, seconds=5)
        with pytest.raises(Unanswered):
            call("GET", f"{server.url}/half", seconds=5)
    assert [request.target for request in server.requests] == ["/", "/half"]


# --- whom it trusts --------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("local")
def test_the_certificate_is_looked_at_by_the_name_that_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = Authority("ours")
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.write(tmp_path / "ca.pem")))
    with serving(hello, tls_for(ours, tmp_path, "localhost")) as server:
        assert call("GET", server.url, seconds=5).body == b"hello"
        assert server.requests[0].headers["host"] == f"localhost:{server.port}"
        with pytest.raises(NotSent, match="CERTIFICATE_VERIFY_FAILED"):
            call("GET", f"https://127.0.0.1:{server.port}", seconds=5)


@pytest.mark.usefixtures("local")
def test_a_certificate_of_a_stranger_is_refused(tmp_path: Path) -> None:
    with (
        serving(hello, tls_for(Authority("theirs"), tmp_path, "localhost")) as server,
        pytest.raises(NotSent, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        call("POST", server.url, seconds=5, content=b"x")
    assert server.requests == []


# --- what it never reaches -------------------------------------------------------------------------------------------
NEVER = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    METADATA,
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", NEVER)
def test_no_address_of_a_private_network_is_reached(address: str, settings: LazySettings) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(NotSent, match="private network"):
        call("GET", f"https://{host}:{free_port()}/", seconds=5)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_what_is_routed_on_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "2130706433", "0x7f.1", "127.1", "[::ffff:7f00:1]"])
def test_no_other_spelling_of_this_machine_gets_past(host: str) -> None:
    with serving(hello) as server, pytest.raises(NotSent):
        call("GET", f"https://{host}:{server.port}", seconds=5)
    assert server.connections == 0


def test_a_name_with_one_private_address_among_its_own_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, ["1.1.1.1", METADATA])
    with pytest.raises(NotSent, match="private network"):
        call("GET", "https://smp.example", seconds=5)


def test_what_was_checked_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the second answer is this machine. There is no second question."""
    asked = answers(monkeypatch, ["1.1.1.1"], ["127.0.0.1"])
    went: list[str] = []

    def connect(address: tuple[str, int], *_args: object, **_options: object) -> socket.socket:
        went.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(NotSent):
        call("GET", "https://smp.example", seconds=5)
    assert (went, asked) == (["1.1.1.1"], ["smp.example"])
    assert ipaddress.ip_address(went[0])  # a name would be asked for again


def test_the_next_address_is_tried_when_one_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.OUTBOUND_PRIVATE_HOSTS = ["twice.example"]
    with serving(hello, host="127.0.0.1") as server:
        answers(monkeypatch, ["127.0.0.9", "127.0.0.1"])
        assert call("GET", f"http://twice.example:{server.port}", seconds=5).body == b"hello"


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1"])
def test_what_the_operator_listed_is_not_for_strangers_to_name(host: str) -> None:
    """Nor over a connection that our own call has left open."""
    with serving(hello) as server:
        call("GET", f"http://{host}:{server.port}/ours", seconds=5)
        for scheme in ("http", "https"):
            with pytest.raises(NotSent, match="private network"):
                call("GET", f"{scheme}://{host}:{server.port}/theirs", seconds=5, stranger=True)
    assert [request.target for request in server.requests] == ["/ours"]


def test_plain_http_is_for_listed_hosts_only() -> None:
    with pytest.raises(NotSent, match="not https"):
        call("GET", "http://example.org", seconds=5)


@pytest.mark.parametrize(
    "url", ["ftp://example.org", "file:///etc/passwd", "https://", "https://user:word@example.org", "https://[::1", "x"]
)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(NotSent, match="URL"):
        call("GET", url, seconds=5)


def answers(monkeypatch: pytest.MonkeyPatch, *in_turn: list[str]) -> list[str]:
    """A resolver that answers so; gives the names that it was asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        if host[0].isdigit():  # an address that is connected to
            return list(real(host, port, *args, **options))
        asked.append(host)
        turn = in_turn[min(len(asked), len(in_turn)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in turn]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


# --- when to come back -----------------------------------------------------------------------------------------------
def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    def of(value: str) -> timedelta | None:
        return retry_after(Answer(503, {"Retry-After": value}, b""))

    soon = of(format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True))
    assert soon is not None
    assert timedelta(seconds=110) < soon < timedelta(seconds=121)
    assert of("120") == timedelta(seconds=120)
    assert of("Wed, 21 Oct 2015 07:28:00 GMT") == timedelta(0)
    assert of("") is of("-1") is of("soon") is None


@pytest.mark.parametrize(
    "value",
    [
        "3601", "9" * 30, "9" * 5000, "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -2359",
        "Fri, 31 Dec 2100 23:59:59",
    ],
)  # fmt: skip
def test_nobody_makes_us_wait_for_longer_than_an_hour(value: str) -> None:
    assert retry_after(Answer(503, {"Retry-After": value}, b"")) == timedelta(hours=1)


@pytest.mark.parametrize(
    "value",
    [
        "Fri, 31 Dec 99999 23:59:59 GMT", "Fri, 31 Dec " + "9" * 40 + " 23:59:59 GMT", "Fri, 32 Dec 2026 23:59:59 GMT",
        "Fri, 31 Dec 2026 23:59:59 +9999999999999999999", "Fri, 31 Dec 2026 99:99:99 GMT", "Mon, 01 Jan 0001 00:00:00 +1400",
        "Mon,", ",", ":", "²", "١٢٠",
    ],
)  # fmt: skip
def test_a_date_that_is_none_is_no_pause(value: str) -> None:
    assert not retry_after(Answer(503, {"Retry-After": value}, b""))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ ([+-]\d+|GMT)"))
def test_any_header_is_a_pause_of_an_hour_at_most_or_none(value: str) -> None:
    pause = retry_after(Answer(503, {"Retry-After": value}, b""))

    assert pause is None or timedelta(0) <= pause <= timedelta(hours=1)


def test_no_header_no_pause() -> None:
    assert retry_after(Answer(503, {}, b"")) is None
