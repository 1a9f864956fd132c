"""What may stand without its source: events that nobody disputes, told by those whose task it is to tell them."""


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Pasts and participles that tell of something done in sight of all.
PLAIN_EVENTS = _words(
    "voted passed approved rejected adopted signed opened reopened closed won beat drew defeated elected appointed "
    "ran collided crashed sank landed arrived evacuated recovered arrested rescued cut bought sold began started "
    "ended finished launched moved agreed extended published released met gathered held resigned retired installed "
    "put"
)
# Whose word on such an event is enough.
AUTHORITIES = _words(
    "police officers deputies guard sheriff's department departments ministry office agency regulator authority "
    "authorities bank company companies maker operator union club clubs council court parliament commission corps "
    "service hospital federation league"
)
# Counts and papers, which are no one's word.
RECORDS = _words("survey poll census minutes documents records figures data")
