"""A real Ceph: one monitor, one OSD and radosgw, the S3 server, on loopback with its data in a folder, for tests and benchmarks.

    with running_radosgw(folder) as server:
        ...  # an S3Server: endpoint, keys, the variables that boto3 and egoetl read, fresh buckets

It ends with the block, and also when the process that asked for it is killed: a keeper, which is this module run as a
program, owns the daemons and ends them when its standard input closes. Needs Debian's radosgw, ceph-mon, ceph-osd and ceph-common.
"""

import json
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from egoetl.testing.s3_server import S3Server

_START_SECONDS = 180
_STOP_SECONDS = 30
_HOST = "127.0.0.1"
# Without keyrings, and for one OSD. radosgw speaks to the monitor in mode `secure` unless told otherwise, which needs keyrings.
_CONFIGURATION = """[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{mon_v2},v1:127.0.0.1:{mon_v1}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
osd objectstore = {objects}
bluestore block size = 21474836480
memstore device bytes = 4294967296
osd memory target = 939524096
run dir = {folder}/run
admin socket = {folder}/run/$name.asok
log file = {folder}/log/$name.log
pid file =
mon data = {folder}/mon
osd data = {folder}/osd
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{rgw}
rgw enable usage log = false
"""


@contextmanager
def running_radosgw(folder: Path, *, objects: str = "memstore") -> Generator[S3Server]:
    """Start the server, which takes about ten seconds; `objects` is `memstore`, or `bluestore` for a disk's speed."""
    command = [sys.executable, "-m", "egoetl.testing.radosgw", str(folder), objects]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True) as keeper:
        try:
            assert keeper.stdout is not None
            line = keeper.stdout.readline()
            assert line, f"radosgw did not start; read {folder}/log"
            yield S3Server(**json.loads(line))
        finally:
            keeper.communicate()
    assert keeper.returncode == 0, f"radosgw did not end well; read {folder}/log"


class _Cluster:
    """The daemons of one folder, children of this process."""

    def __init__(self, folder: Path, objects: str) -> None:
        self._folder = folder
        self._ports = dict(zip(("rgw", "mon_v2", "mon_v1"), _free_ports(3), strict=True))
        self._objects = objects
        self._fsid = str(uuid.uuid4())
        self._daemons: list[subprocess.Popen[bytes]] = []

    def start(self) -> S3Server:
        """Make the cluster's files and start monitor, OSD and radosgw in order."""
        for name in ("mon", "osd", "log", "rgw", "run"):
            (self._folder / name).mkdir(parents=True)
        values = {"fsid": self._fsid, "folder": self._folder, "objects": self._objects, **self._ports}
        (self._folder / "ceph.conf").write_text(_CONFIGURATION.format(**values), encoding="utf-8")
        addresses = f"[v2:{_HOST}:{self._ports['mon_v2']},v1:{_HOST}:{self._ports['mon_v1']}]"
        monitors = str(self._folder / "monmap")
        self._run("monmaptool", "--create", "--fsid", self._fsid, "--addv", "a", addresses, monitors)
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monitors)
        self._launch("ceph-mon", "-i", "a", "-f")
        osd = str(uuid.uuid4())
        self._run("ceph", "osd", "new", osd)
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        self._launch("ceph-osd", "-i", "0", "-f")
        self._launch("radosgw", "-n", "client.rgw.a", "-f")
        server = S3Server(f"http://{_HOST}:{self._ports['rgw']}", "egoetl" + secrets.token_hex(8), secrets.token_hex(20))
        keys = f"--access-key={server.access_key}", f"--secret-key={server.secret_key}"
        _wait_for(server.endpoint)
        self._run("radosgw-admin", "user", "create", "--uid=egoetl", "--display-name=egoetl", *keys)
        return server

    def stop(self) -> None:
        """End the daemons, the last one first, and wait for each: the next needs its port and its lock."""
        for daemon in reversed(self._daemons):
            daemon.terminate()
            try:
                daemon.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()

    def _run(self, *command: str) -> None:
        with (self._folder / "log" / "commands.out").open("ab") as out:
            subprocess.run([*command, "--conf", self._configuration], check=True, stdout=out, stderr=out, timeout=_START_SECONDS)

    def _launch(self, *command: str) -> None:
        with (self._folder / "log" / f"{command[0]}.out").open("ab") as out:
            arguments = [*command, "--conf", self._configuration]
            self._daemons.append(subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=out))

    @property
    def _configuration(self) -> str:
        return str(self._folder / "ceph.conf")


def _free_ports(number: int) -> Sequence[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind((_HOST, 0))
        return [each.getsockname()[1] for each in sockets]


def _wait_for(endpoint: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(endpoint, timeout=5):  # noqa: S310 - on loopback
                return
        except OSError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.1)


def _keep(folder: Path, objects: str) -> None:
    cluster = _Cluster(folder, objects)
    try:
        print(json.dumps(asdict(cluster.start())), flush=True)
        sys.stdin.read()
    finally:
        cluster.stop()


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), sys.argv[2])
