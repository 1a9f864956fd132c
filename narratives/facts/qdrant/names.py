"""Which collection holds a bot's messages, by the server's own list of collections and aliases. Pure."""

from collections.abc import Collection, Mapping

PREFIX = "whisperengine_memory_"
# Collections of the seven-vector layout end so; mostly an alias of the plain name leads to them.
SEVEN_VECTORS = "_7d"


def collections_of_bots(collections: Collection[str], aliases: Mapping[str, str]) -> dict[str, str]:
    """Name for each bot, in order, what to ask for its messages.

    The plain name counts, whether it is a collection or an alias; without it a collection of the seven-vector layout.

    Args:
        collections: the names of all collections.
        aliases: the collection that each alias leads to.
    """
    plain = {name for name in (*collections, *aliases) if _is_bot(name)}
    behind = {aliases[name] for name in plain if name in aliases}
    found: dict[str, str] = {}
    for name in sorted(plain, key=lambda each: (each.endswith(SEVEN_VECTORS), each)):
        bot = name.removeprefix(PREFIX)
        if name in behind:
            continue
        found.setdefault(bot.removesuffix(SEVEN_VECTORS) or bot, name)
    return dict(sorted(found.items()))


def left_unread(collections: Collection[str], aliases: Mapping[str, str]) -> list[str]:
    """Collections of bots that no bot's name leads to: another of the same bot does."""
    asked = collections_of_bots(collections, aliases).values()
    read = {aliases.get(name, name) for name in asked}
    return sorted(name for name in collections if _is_bot(name) and name not in read)


def _is_bot(name: str) -> bool:
    return name.startswith(PREFIX) and len(name) > len(PREFIX)
