"""`setup_storage`: the bucket and its rule, without losing anybody else's."""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from ntrl.bodies_in_s3 import S3Bodies
from ntrl.bucket import RULE_ID, merge_rules
from tests.bodies.conftest import use_bucket

OURS = {"ID": "ntrl-raw-30-days", "Status": "Enabled", "Filter": {"Prefix": "raw/"}, "Expiration": {"Days": 30}}
LOGS = {"ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 7}}
PARTS = {
    "ID": "parts",
    "Status": "Disabled",
    "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
}
OLD_WAY = {"ID": "old", "Status": "Enabled", "Prefix": "reports/", "Expiration": {"Days": 365}}


def setup(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("setup_storage", "--json", *arguments, stdout=out)
    document: dict[str, Any] = json.loads(out.getvalue())
    return document


def rules_of(storage: S3Bodies) -> list[dict[str, Any]]:
    reply = storage.client.get_bucket_lifecycle_configuration(Bucket=storage.bucket_name)
    return list(reply["Rules"])


def put_rules(storage: S3Bodies, *rules: dict[str, Any], **more: Any) -> None:
    storage.client.put_bucket_lifecycle_configuration(
        Bucket=storage.bucket_name, LifecycleConfiguration={"Rules": list(rules)}, **more
    )


def count_writes(storage: S3Bodies) -> list[str]:
    writes: list[str] = []
    for operation in ("CreateBucket", "PutBucketLifecycleConfiguration"):
        storage.client.meta.events.register(f"before-call.s3.{operation}", lambda model, **_: writes.append(model.name))
    return writes


def test_the_bucket_and_its_rule_are_made_once(no_bucket: S3Bodies) -> None:
    writes = count_writes(no_bucket)

    first, second = setup(), setup()

    assert (first["made"], first["rule_written"]) == (True, True)
    assert (second["made"], second["rule_written"]) == (False, False)
    assert rules_of(no_bucket) == [OURS]
    assert writes == ["CreateBucket", "PutBucketLifecycleConfiguration"]


def test_other_rules_stay_as_they_are(bucket: S3Bodies) -> None:
    put_rules(bucket, LOGS, {**OURS, "Expiration": {"Days": 3}}, PARTS)
    before = {rule["ID"]: rule for rule in rules_of(bucket)}

    done = setup()

    after = {rule["ID"]: rule for rule in rules_of(bucket)}
    assert after == {**before, RULE_ID: OURS}
    assert done["other_rules"] == ["logs", "parts"]
    assert setup()["rule_written"] is False


def test_the_buckets_own_setting_of_sizes_is_sent_along(bucket: S3Bodies) -> None:
    sent = []
    bucket.client.meta.events.register(
        "provide-client-params.s3.PutBucketLifecycleConfiguration", lambda params, **_: sent.append(params)
    )
    put_rules(bucket, LOGS, TransitionDefaultMinimumObjectSize="varies_by_storage_class")
    there = bucket.client.get_bucket_lifecycle_configuration(Bucket=bucket.bucket_name)
    setup()
    assert sent[-1]["TransitionDefaultMinimumObjectSize"] == there["TransitionDefaultMinimumObjectSize"]


def test_a_dry_run_makes_nothing(no_bucket: S3Bodies) -> None:
    writes = count_writes(no_bucket)
    done = setup("--dry-run")
    assert (done["dry_run"], done["made"], done["rule_written"]) == (True, True, True)
    assert writes == []


def test_a_bucket_is_made_in_its_region(settings: Settings, s3_address: str, s3_keys: None) -> None:
    storage = use_bucket(settings, s3_address, region="eu-central-1")
    setup()
    place = storage.client.get_bucket_location(Bucket=storage.bucket_name)
    assert place["LocationConstraint"] == "eu-central-1"


def test_a_service_that_is_down_is_said_so(settings: Settings, s3_keys: None) -> None:
    use_bucket(settings, "http://127.0.0.1:9")
    with pytest.raises(CommandError, match="can't be reached"):
        setup()


def test_on_disk_it_makes_the_folder(bodies: Path) -> None:
    assert setup("--dry-run") == {"storage": "disk", "dry_run": True, "folder": str(bodies), "made": True}
    assert not bodies.exists()
    assert setup()["made"] is True
    assert bodies.is_dir()
    assert setup()["made"] is False

    out = io.StringIO()
    with redirect_stdout(out):
        call_command("setup_storage", stdout=out)
    assert "purge_bodies" in out.getvalue()


def test_a_folder_that_cannot_be_made_is_said_so(bodies: Path) -> None:
    bodies.write_text("a file stands where the folder should be")
    with pytest.raises(CommandError, match="could not be set up"):
        setup()


@pytest.mark.parametrize(
    ("there", "about"),
    [
        ([], {"Filter": {"Prefix": "raw/"}}),
        ([LOGS], {"Filter": {"Prefix": "raw/"}}),
        ([OLD_WAY], {"Prefix": "raw/"}),
        ([{**OURS, "Status": "Disabled"}], {"Filter": {"Prefix": "raw/"}}),
    ],
    ids=["none", "new way", "old way", "ours, switched off"],
)
def test_our_rule_follows_the_way_of_the_others(there: list[dict[str, Any]], about: dict[str, Any]) -> None:
    ours = merge_rules(there)[-1]
    assert ours == {"ID": RULE_ID, "Status": "Enabled", **about, "Expiration": {"Days": 30}}


@given(st.lists(st.sampled_from([LOGS, PARTS, OLD_WAY, OURS]), max_size=6))
def test_merging_keeps_all_others_and_is_done_once(there: list[dict[str, Any]]) -> None:
    merged = merge_rules(there)
    assert [rule for rule in merged if rule["ID"] != RULE_ID] == [rule for rule in there if rule["ID"] != RULE_ID]
    assert sum(rule["ID"] == RULE_ID for rule in merged) == 1
    assert merge_rules(merged) == merged
