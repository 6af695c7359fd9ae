"""Whole builds on S3: they publish the bytes of a build in a folder, whatever the network does meanwhile."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from egoetl.lineage.migrate import upgrade
from egoetl.testing.installation import Installation
from egoetl.testing.tcp_proxy import TcpProxy

pytestmark = [pytest.mark.slow, pytest.mark.needs("radosgw")]

STORMS, ANSWERS_A_STORM = 4, 10
LEAST_CUTS = 4
DOUBLED = "SELECT stage, unit_id FROM attempt WHERE state IN ('done', 'dropped') GROUP BY stage, unit_id HAVING count(*) > 1"


@pytest.fixture
def on_s3(tiny: Installation, empty_database_url: str, s3_url: str, radosgw) -> Installation:
    """The tiny footage with a database of its own and a store on S3."""
    upgrade(empty_database_url)
    return replace(tiny, database_url=empty_database_url, extra={"EGOETL_STORE_URL": f"{s3_url}/nights", **radosgw.environment()})


@pytest.fixture
def proxy(radosgw) -> Iterator[TcpProxy]:
    """A proxy before radosgw."""
    host, _, port = radosgw.endpoint.removeprefix("http://").partition(":")
    with TcpProxy(host, int(port)) as between:
        yield between


def disturb(proxy: TcpProxy, worker) -> None:
    """Until the worker ends: connections cut while it uploads, and now and then a server that is too busy for a while."""
    storms = 0
    while worker.poll() is None:
        if storms < STORMS and proxy.answered_503 == storms * ANSWERS_A_STORM and proxy.cuts >= storms:
            proxy.answer_503(times=ANSWERS_A_STORM)
            storms += 1
        proxy.cut_after(4000)
        time.sleep(1.0)


def test_a_build_on_s3_in_storms_and_with_cut_connections_publishes_the_bytes_of_an_undisturbed_one_in_a_folder(
    tiny: Installation, on_s3: Installation, proxy: TcpProxy
) -> None:
    undisturbed = tiny.json("build", "run", *tiny.order("night"))
    worker = on_s3.start("build", "run", *on_s3.order("night"), EGOETL_S3_ENDPOINT=proxy.endpoint)
    disturb(proxy, worker)
    _, told = worker.communicate()
    assert worker.returncode == 0, told
    assert proxy.cuts >= LEAST_CUTS, told
    assert proxy.answered_503 >= ANSWERS_A_STORM
    assert "answers again" in told
    disturbed = on_s3.json("build", "show", "night")
    assert disturbed["version_path"].startswith(on_s3.extra["EGOETL_STORE_URL"] + "/versions/")
    assert on_s3.published(disturbed) == tiny.published(undisturbed)
    assert on_s3.rows(DOUBLED) == []


def test_a_store_on_s3_is_checked_mended_collected_and_purged(on_s3: Installation, radosgw) -> None:
    report = on_s3.json("build", "run", *on_s3.order("night"))
    expected = on_s3.published(report)
    assert on_s3.json("store", "check")["lost"] == []
    store, address = on_s3.open_store(), on_s3.extra["EGOETL_STORE_URL"]
    bucket, prefix = address.removeprefix("s3://").split("/")
    client = radosgw.client()
    frames = next(iter(store.paths("frames")))
    sound = next(iter(store.paths("sound")))
    client.put_object(Bucket=bucket, Key=f"{prefix}/{frames}", Body=b"\0" * 100)
    client.delete_object(Bucket=bucket, Key=f"{prefix}/{sound}")
    found = on_s3.json("store", "check", "--repair")
    assert {(each["path"], each["what"]) for each in found["lost"]} == {(frames, "damaged"), (sound, "missing")}
    again = on_s3.json("build", "retry", "night")
    assert on_s3.published(again) == expected
    assert on_s3.json("store", "check")["lost"] == []

    client.put_object(Bucket=bucket, Key=f"{prefix}/captions/00/orphan", Body=b"left by a crash")
    client.create_multipart_upload(Bucket=bucket, Key=f"{prefix}/videos/half")
    client.put_object(Bucket=bucket, Key="another/captions/00/orphan", Body=b"a neighbour's")
    collected = on_s3.json("store", "gc", "--delete", "--older-than-hours", "0")
    assert "captions/00/orphan" in collected["orphans"]
    assert len(collected["unfinished"]) == 1
    assert on_s3.json("store", "gc", "--older-than-hours", "0")["orphans"] == []
    assert client.get_object(Bucket=bucket, Key="another/captions/00/orphan")["Body"].read() == b"a neighbour's"

    purged = on_s3.json("purge", "video", "attic", "--yes")
    assert purged["deleted_files"] > 0
    assert on_s3.json("store", "check")["lost"] == []
    answer, _ = on_s3.start("doctor", "--json").communicate()  # its exit code is about Airflow, which is not here
    checks = {each["name"]: each for each in json.loads(answer)["checks"]}
    assert all(checks[name]["ok"] for name in ("store", "store creates once", "store uploads", "store versioning"))
    assert "conditional writes" in checks["store creates once"]["detail"]
