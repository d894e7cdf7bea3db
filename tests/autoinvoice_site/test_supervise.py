"""`bin/start` as a person has it: real processes, a real demo, killed in earnest."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from autoinvoice_site.environment import BASE_DIR

# One xdist worker for all of them: the demo is loaded once.
pytestmark = pytest.mark.xdist_group("supervise")
COMMAND = [sys.executable, "-m", "autoinvoice_site.supervise"]


def surroundings(data: Path, port: int = 0) -> dict[str, str]:
    """SQLite in `data`, whatever the suite itself runs on."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**kept, "DATA_DIR": str(data), "PORT": str(port)}


def start(data: Path, *words: str, port: int = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        cwd=BASE_DIR,
        env=surroundings(data, port),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def descendants(pid: int) -> set[int]:
    """Zombies are dead: they wait for somebody to ask how it went."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            parents[int(stat.parent.name)] = int(parent)
    found, ring = set[int](), {pid}
    while ring:
        ring = {child for child, parent in parents.items() if parent in ring} - found
        found |= ring
    return found


def alive(pids: set[int]) -> set[int]:
    living = set()
    for pid in pids:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                living.add(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return living


def until(holds: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class Running:
    def __init__(self, data: Path, folder: Path) -> None:
        self.out, self.err = folder / "stdout", folder / "stderr"
        with self.out.open("w") as out, self.err.open("w") as err:
            self.process = subprocess.Popen(COMMAND, cwd=BASE_DIR, env=surroundings(data), stdout=out, stderr=err)
        assert until(lambda: "http://" in self.out.read_text(), 60), self.err.read_text()
        self.address = next(line for line in self.out.read_text().splitlines() if line.startswith("http://"))

    def worker(self) -> int:
        """The leader of the worker's processes: our child that speaks of celery."""
        for pid in descendants(self.process.pid):
            with suppress(FileNotFoundError, ProcessLookupError):  # one that was ending when it was counted
                words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
                if "celery" in words and os.getpgid(pid) == pid:
                    return pid
        raise AssertionError("there is no worker")


@contextmanager
def running(data: Path, folder: Path) -> Iterator[Running]:
    started = Running(data, folder)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.wait()


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    data = tmp_path_factory.mktemp("once")
    return data, start(data, "--once")


@pytest.fixture
def filled(once: tuple[Path, object], tmp_path: Path) -> Path:
    return Path(shutil.copytree(once[0], tmp_path / "filled"))


def left(data: Path) -> list[str]:
    return sorted(str(path.relative_to(data)) for path in (data / "out").glob("*/*"))


def test_once_sends_the_demo_prints_the_report_and_the_sign_ins_and_ends(
    once: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    data, done = once
    assert done.returncode == 0, done.stderr
    assert "stemmer" in done.stdout
    assert "http://127.0.0.1:" in done.stdout
    for user in ("regnskap@demo.test", "admin@demo.test", "drift@demo.test"):
        assert user in done.stdout
    assert left(data)


def test_a_second_once_sends_nothing_and_prints_the_same_report(
    once: tuple[Path, subprocess.CompletedProcess[str]], filled: Path
) -> None:
    again = start(filled, "--once")
    assert again.returncode == 0, again.stderr
    assert left(filled) == left(once[0])
    assert again.stdout.partition("http://")[0] == once[1].stdout.partition("http://")[0]


def test_a_kill_leaves_no_child(filled: Path, tmp_path: Path) -> None:
    with running(filled, tmp_path) as started:
        children = descendants(started.process.pid)
        assert len(children) >= 5, "web and worker with processes of their own"
        started.process.kill()
        started.process.wait()
        assert until(lambda: not alive(children), 5), alive(children)


def test_a_killed_worker_leaves_no_child_is_spoken_of_and_starts_again(filled: Path, tmp_path: Path) -> None:
    with running(filled, tmp_path) as started:
        worker = started.worker()
        its_own = descendants(worker)
        os.kill(worker, signal.SIGKILL)
        assert until(lambda: "worker ended with status -9" in started.err.read_text(), 5)
        assert until(lambda: not alive(its_own), 5)
        assert until(lambda: len(descendants(started.process.pid)) >= 5, 20)
        assert started.worker() != worker
        started.process.terminate()
        assert started.process.wait(10) == 0


def test_ctrl_c_stops_all_of_it_within_ten_seconds(filled: Path, tmp_path: Path) -> None:
    with running(filled, tmp_path) as started:
        with urllib.request.urlopen(f"{started.address}livez", timeout=5) as answer:  # noqa: S310  # http, ours
            assert answer.status == 200
        children = descendants(started.process.pid)
        started.process.send_signal(signal.SIGINT)
        assert started.process.wait(10) == 0
        assert not alive(children)


def test_it_says_in_words_that_the_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = start(tmp_path / "data", port=taken.getsockname()[1])
    assert done.returncode == 1
    assert "can't be used" in done.stderr
    assert "PORT=0" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_says_in_words_that_it_runs_already(tmp_path: Path) -> None:
    with (tmp_path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = start(tmp_path)
    assert done.returncode == 1
    assert "is running on" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_beat_schedule_does_not_stop_the_worker(filled: Path, tmp_path: Path) -> None:
    for path in filled.glob("beat-schedule*"):
        path.write_bytes(b"cut off in the mid")
    with running(filled, tmp_path) as started:
        log = filled / "log" / "worker.log"
        assert until(lambda: log.read_text().count("ready.") == 2, 20), log.read_text()
        assert "ended with status" not in started.err.read_text()
