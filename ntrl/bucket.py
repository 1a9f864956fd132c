"""Making the bucket that keeps article bodies, and the rule by which they expire in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from ntrl.bodies import BODY_LIFE_DAYS, KEY_PREFIX
from ntrl.bodies_in_s3 import S3Bodies

RULE_ID = f"ntrl-raw-{BODY_LIFE_DAYS}-days"
# The region that a bucket is in when its making names none; it must not be named.
UNNAMED_REGIONS = {None, "us-east-1", "aws-global"}
# How S3 rounds small objects when it moves them to cheaper storage: the bucket's, and lost if it is not sent along.
_MIN_SIZE = "TransitionDefaultMinimumObjectSize"

Rule = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BucketSetup:
    """What was done to the bucket (in a dry run: what would be), and the ids of the foreign rules that stay in it."""

    bucket: str
    made: bool
    rule_written: bool
    other_rules: tuple[str, ...]


def merge_rules(there: Iterable[Rule]) -> list[Rule]:
    """Put our expiry rule among a bucket's rules: in place of an older one of ours, after all others as they are.

    A bucket's rules name what they are about either all in the old way (`Prefix`) or all in the new one (`Filter`);
    S3 refuses both in one bucket, so ours follows the others.
    """
    others = [rule for rule in there if rule.get("ID") != RULE_ID]
    in_the_old_way = any("Prefix" in rule for rule in others)
    about: Rule = {"Prefix": KEY_PREFIX} if in_the_old_way else {"Filter": {"Prefix": KEY_PREFIX}}
    return [*others, {"ID": RULE_ID, "Status": "Enabled", **about, "Expiration": {"Days": BODY_LIFE_DAYS}}]


def set_up_bucket(storage: S3Bodies, *, dry_run: bool = False) -> BucketSetup:
    """Make the bucket if there is none, and add the expiry rule to its rules. Done again, it changes nothing.

    Raises:
        OSError: the service can't be reached, or refuses.
    """
    with storage.errors_as_os_errors():
        is_there = _is_there(storage)
        if not is_there and not dry_run:
            _make(storage)
        there = _lifecycle(storage) if is_there else {}
        rules = there.get("Rules", [])
        wanted = merge_rules(rules)
        is_new = not _same(rules, wanted)
        if is_new and not dry_run:
            more = {_MIN_SIZE: there[_MIN_SIZE]} if there.get(_MIN_SIZE) else {}
            storage.client.put_bucket_lifecycle_configuration(
                Bucket=storage.bucket_name, LifecycleConfiguration={"Rules": wanted}, **more
            )
    return BucketSetup(
        bucket=storage.bucket_name,
        made=not is_there,
        rule_written=is_new,
        other_rules=tuple(str(rule.get("ID", "")) for rule in wanted if rule.get("ID") != RULE_ID),
    )


def _same(some: Iterable[Rule], others: Iterable[Rule]) -> bool:
    """Whether the same rules stand in both, in whatever order."""
    return sorted(map(_in_order, some)) == sorted(map(_in_order, others))


def _in_order(rule: Rule) -> str:
    return repr(sorted((name, value) for name, value in rule.items()))


def _is_there(storage: S3Bodies) -> bool:
    try:
        storage.client.head_bucket(Bucket=storage.bucket_name)
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchBucket"}:
            return False
        raise
    return True


def _make(storage: S3Bodies) -> None:
    region = storage.client.meta.region_name
    place = {} if region in UNNAMED_REGIONS else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        storage.client.create_bucket(Bucket=storage.bucket_name, **place)
    except storage.client.exceptions.BucketAlreadyOwnedByYou:
        return  # somebody of ours has made it meanwhile


def _lifecycle(storage: S3Bodies) -> dict[str, Any]:
    try:
        reply: dict[str, Any] = storage.client.get_bucket_lifecycle_configuration(Bucket=storage.bucket_name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchLifecycleConfiguration":
            return {}
        raise
    return reply
