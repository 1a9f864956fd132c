"""The key of a story: its normalized address, the hash of that, and the id made from the hash.

FROZEN. Story ids are uuid5 of what stands here, and ids live in storage keys, links and other people's
systems: one changed rule would make every stored story look new. A mistake found later is mended beside these
rules, not in them.

A normalized address is a key for comparing, not an address to fetch. Two addresses share a key when a reader
would call them the same article: http or https, with or without `www.`, a final slash or tracking parameters,
in a mobile or an AMP edition. When in doubt addresses stay apart: a missed duplicate is found again by its
title, while two articles under one key would lose one of them. So path letters keep their case, unknown
parameters stay, and repeated ones keep their order.
"""

import hashlib
import ipaddress
import re
import uuid
from urllib.parse import SplitResult, urlsplit

import idna

from ingestion.errors import UrlError

# HTTP (RFC 9110, 4.1) recommends to carry 8,000 and more; no article's address comes near.
URL_MAX_CHARS = 2_000

# DNS (RFC 1035): a name has at most 253 characters.
HOST_MAX_CHARS = 253

STORY_NAMESPACE = uuid.UUID("ca90f98c-dbb1-4779-b04d-df965d5b1183")

# First labels that name an edition of a site, not a site.
_EDITION_LABELS = frozenset({"www", "m", "mobile", "amp"})

# Second-level labels under which countries register names: "m.co.uk" is a site, not the mobile "co.uk".
_REGISTRY_LABELS = frozenset({"ac", "co", "com", "edu", "gov", "net", "or", "org"})

# Parameter names that only say how a reader arrived, by whole name, lower-case.
_TRACKING_NAMES = frozenset(
    """
    fbclid gclid gclsrc gbraid wbraid gad_source gad_campaignid dclid msclkid twclid ttclid li_fat_id yclid
    ysclid srsltid igsh igshid mibextid rdt_cid epik s_kwcid ef_id _openstat _ga _gl _ke _kx
    mc_cid mc_eid mkt_tok vero_id vero_conv _hsenc _hsmi __hssc __hstc __hsfp hsctatracking dm_i elqtrackid
    elqtrack fb_action_ids fb_action_types fb_source fb_ref __twitter_impression ref_src ref_url
    cmp cmpid icid intcmp ito ftag xtor ocid ncid s_cid soc_src soc_trk sr_share smid smtyp smprod tpcc sthash
    guccounter guce_referrer guce_referrer_sig tsrc .tsrc yptr usqp amp_js_v feedtype feedname rb_clickid
    unlocked_article_code jsessionid phpsessid
    """.split()  # noqa: SIM905 - one word a line would bury the rules below
)

# utm_: Google Analytics; mtm_, pk_, piwik_: Matomo; hsa_: HubSpot; at_: Piano (BBC); ns_: Comscore;
# wt_, wt.: Webtrends; oly_: Omeda; vero_: Vero.
_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "hsa_", "at_", "ns_", "wt_", "wt.", "oly_", "vero_")

# Names that mean something on many sites, and only "it came from the feed" when their value says so.
_ORIGIN_NAMES = frozenset({"emc", "from", "mod", "partner", "ref", "source", "src", "srcref"})
_ORIGIN_VALUE_PREFIXES = ("rss", "feed")

# An article's AMP edition: `?amp`, `?amp=1`, `?outputType=amp`.
_AMP_OUTPUT_NAMES = frozenset({"output", "outputtype"})

_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_SESSION = re.compile(r";jsessionid=[^/]*", re.IGNORECASE)

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SAFE = _UNRESERVED | frozenset(b"!$&'()*+,;=:@/%")
_QUERY_SAFE = _PATH_SAFE | frozenset(b"?")


def normalize_url(url: str) -> str:
    """Return the key under which every spelling of one article's address falls.

    Args:
        url: an absolute http or https address, as a feed or a page wrote it; white space around it goes.

    Returns:
        An ASCII `https` address of at most 2,000 characters; normalizing it again changes nothing.

    Raises:
        UrlError: not http or https, no host or an impossible one, credentials, control characters, too long.
    """
    parts = _split(url.strip())
    host = _fold_edition(_normalize_host(parts))
    port = _port_suffix(parts)
    path = _fold_path(_encode(parts.path, _PATH_SAFE))
    query = _normalize_query(_encode(parts.query, _QUERY_SAFE))
    normalized = f"https://{host}{port}{path}{'?' + query if query else ''}"
    if len(normalized) > URL_MAX_CHARS:
        raise UrlError(f"longer than {URL_MAX_CHARS} characters")
    return normalized


def url_hash(url: str) -> str:
    """Return the SHA-256, in hex, of the normalized address; raises what `normalize_url` raises."""
    return hashlib.sha256(normalize_url(url).encode("ascii")).hexdigest()


def story_id(url_hash: str) -> uuid.UUID:
    """Return the id of the story whose `url_hash` this is: the same wherever and whenever it is read."""
    return uuid.uuid5(STORY_NAMESPACE, url_hash)


def is_same_site(left: str, right: str) -> bool:
    """Tell whether two addresses are of one site: hosts equal, editions aside, or one under the other."""
    try:
        hosts = sorted((_fold_edition(_normalize_host(_split(url.strip()))) for url in (left, right)), key=len)
    except UrlError:
        return False
    return hosts[0] == hosts[1] or hosts[1].endswith("." + hosts[0])


def _split(url: str) -> SplitResult:
    if not url:
        raise UrlError("empty")
    if len(url) > URL_MAX_CHARS:
        raise UrlError(f"longer than {URL_MAX_CHARS} characters")
    if _CONTROL.search(url):
        raise UrlError("control characters")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UrlError(f"cannot be read: {error}") from error
    if parts.scheme not in ("http", "https"):
        raise UrlError(f"scheme {parts.scheme[:20]!r} is not http or https")
    if not parts.hostname:
        raise UrlError("no host")
    if "@" in parts.netloc:
        raise UrlError("credentials in the address")
    return parts


def _normalize_host(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    if parts.netloc.startswith("["):
        return _normalize_ipv6(host)
    if not host.isascii():
        host = _to_ascii(host)
    host = host.removesuffix(".")
    if len(host) > HOST_MAX_CHARS or not _HOST.fullmatch(host):
        raise UrlError("not a host name")
    return host


def _normalize_ipv6(host: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(host.partition('%')[0])}]"
    except ValueError as error:
        raise UrlError("not an IPv6 address") from error


def _to_ascii(host: str) -> str:
    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise UrlError("not a host name") from error


def _fold_edition(host: str) -> str:
    """Drop labels that name an edition: `www.m.example.com`, and the `m` of `en.m.example.org`."""
    labels = host.split(".")
    while labels[0] in _EDITION_LABELS and _is_site(labels[1:], after=labels[0]):
        labels = labels[1:]
    while len(labels) > 1 and labels[1] == "m" and _is_site(labels[2:], after="m"):
        del labels[1]
    return ".".join(labels)


def _is_site(labels: list[str], *, after: str) -> bool:
    """Tell whether labels are a site by themselves; `www.` also stands before registries (`www.gov.uk`)."""
    if len(labels) != 2:
        return len(labels) > 2
    return after == "www" or labels[0] not in _REGISTRY_LABELS or len(labels[1]) != 2


def _port_suffix(parts: SplitResult) -> str:
    try:
        port = parts.port
    except ValueError as error:
        raise UrlError("not a port") from error
    # Both defaults go under both schemes, since both schemes become one.
    return "" if port in (None, 80, 443) else f":{port}"


def _encode(text: str, safe: frozenset[int]) -> str:
    """Percent-encode what must be, in upper case, and decode what need not be (RFC 3986, 6.2.2)."""
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UrlError("not Unicode text") from error
    raw = re.sub(rb"%(?![0-9A-Fa-f]{2})", b"%25", raw)
    raw = _PERCENT.sub(_normalize_escape, raw)
    return "".join(chr(byte) if byte in safe else f"%{byte:02X}" for byte in raw)


def _normalize_escape(match: re.Match[bytes]) -> bytes:
    byte = int(match[1], 16)
    return bytes([byte]) if byte in _UNRESERVED else b"%%%02X" % byte


def _fold_path(path: str) -> str:
    """Remove session ids, dot segments, marks of AMP editions and final slashes, until nothing changes."""
    folded = _fold_path_once(path)
    while folded != path:
        path, folded = folded, _fold_path_once(folded)
    return folded


def _fold_path_once(path: str) -> str:
    segments = _fold_amp(_remove_dots(_SESSION.sub("", path).split("/")[1:]))
    return "/" + "/".join(segments).rstrip("/")


def _remove_dots(segments: list[str]) -> list[str]:
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return kept


def _fold_amp(segments: list[str]) -> list[str]:
    """Map `/a/amp`, `/amp/a`, `/a/amp.html`, `/a.amp`, `/a.amp.html` to the article itself."""
    rest = [segment for segment in segments if segment.lower() not in ("amp", "amp.html")]
    if not any(rest):
        return segments
    last = rest[-1]
    for ending, replacement in ((".amp.html", ".html"), (".amp", "")):
        if last.lower().endswith(ending) and len(last) > len(ending):
            return [*rest[:-1], last[: -len(ending)] + replacement]
    return rest


def _normalize_query(query: str) -> str:
    pieces = [_strip_entity(piece).replace("+", "%20") for piece in query.split("&")]
    kept = [piece for piece in pieces if piece and not _is_noise(*_name_and_value(piece))]
    return "&".join(sorted(kept, key=lambda piece: piece.partition("=")[0]))


def _strip_entity(piece: str) -> str:
    """Undo `&amp;` written twice, which feeds do: `?a=1&amp;b=2`."""
    while piece.startswith("amp;"):
        piece = piece[4:]
    return piece


def _name_and_value(piece: str) -> tuple[str, str]:
    name, _, value = piece.lower().partition("=")
    return name, value


def _is_noise(name: str, value: str) -> bool:
    """Tell whether a parameter says only how a reader arrived, or which edition of the page is wanted."""
    return (
        name in _TRACKING_NAMES
        or name.startswith(_TRACKING_PREFIXES)
        or (name in _ORIGIN_NAMES and value.startswith(_ORIGIN_VALUE_PREFIXES))
        or name == "amp"
        or (name in _AMP_OUTPUT_NAMES and value == "amp")
    )
