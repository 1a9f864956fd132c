"""What the furniture of news pages looks like, as patterns over single short lines.

Each name says how its patterns are tried: WHOLE_ over the whole line, START_ at its beginning, IN_ anywhere in it.
Repetitions are bounded, so that a line costs time in proportion to its length.
"""

import re


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{alternative})" for alternative in alternatives), re.IGNORECASE)


_NETWORK = (
    r"(?:facebook|twitter|x|linkedin|whatsapp|reddit|pinterest|telegram|messenger|instagram|flipboard|bluesky|threads)"
)
_BUTTON = r"(?:e-?mail|print|share|tweet|save|copy link|link copied|link|more|comments?)"
_WANTED = (
    r"(?:newsletters?|inbox|e-?mail alerts|news alerts|commenting forum|conversations|bookmark"
    r"|(?:our|the) (?:[\w'’-]{1,20} ){0,4}app|whatsapp channel|free trial)"
)
_ENDS_A_POINTER = r"\s*(?::|[-–—|»>→](?=\s)|$)"

# Buttons, share bars, separators.
WHOLE_CONTROL = _any(
    rf"(?:(?:{_NETWORK}|{_BUTTON})\b[\s,|/·•]{{0,5}}){{1,12}}",
    r"(?:view |show |read )?(?:all )?\(?\d{0,6}\)? ?comments?\.?",
    r"advertise?ment|ad|sponsored(?: content)?|promoted|story continues below(?: advertisement)?",
    r"article continues (?:below|after).{0,40}",
    r"loading(?:…|\.\.\.)?|close|menu|search|skip to .{0,30}|back to top|top|next|previous|voltar",
    r"play|pause|mute|subscribe|sign (?:up|in)|log in|register|listen|enlarge|gift this article|view gallery",
    r"(?:image |photo |slide )?\d{1,3} (?:of|/) \d{1,3}|(?:image|video) caption|getty images",
    r"(?:tap|click) to .{0,60}|_{2,20}|-{3,20}|[*·•]{1,5}",
)

# "Read more: …": the line leads to another article.
START_POINTER = _any(
    r"(?:read (?:more|also|next|the full story|this)|also read|see (?:also|more))" + _ENDS_A_POINTER,
    r"related(?: (?:post|story|stories|article|content|coverage|topic|video|link|news|reading))?s?" + _ENDS_A_POINTER,
    r"(?:more(?: on this(?: story)?)?|watch(?: live| now| more| also)?|listen(?: now| here)?)" + _ENDS_A_POINTER,
    r"(?:you (?:may|might) also (?:like|be interested in)|recommended(?: for you| stories| reading)?)"
    + _ENDS_A_POINTER,
    r"(?:don['’]t miss|must[ -]read|trending(?: now)?|most (?:read|popular|viewed)|popular)" + _ENDS_A_POINTER,
    r"(?:what to read next|editor['’]?s['’]? picks?|in case you missed it|further reading)" + _ENDS_A_POINTER,
    r"(?:in this article|something to consider|learn more)" + _ENDS_A_POINTER,
    r"more (?:from|in|stories|news|coverage) [^.!?]{0,60}" + _ENDS_A_POINTER,
    r"more [^.!?:]{1,30}: ?https?://",
    r"[«‹←<] ?[^»›.!?]{0,100}$|back to [^.!?]{0,40}$",
)

# "Sign up for our newsletter": the line wants something of the reader.
START_INVITATION = _any(
    r"(?:please |click here to |don['’]t forget to |to [^.]{1,60}, )?"
    rf"(?:sign up|subscribe|register|join|get|receive|download)\b.{{0,250}}?\b{_WANTED}\b",
    rf"(?:please )?(?:follow|like|find|join) (?:us|@?\w.{{0,60}}) (?:on|at|@) {_NETWORK}\b",
    r"want to bookmark\b|[^.!?]{0,40}newsletter$|if you (?:enjoyed|liked) this (?:article|story|post)\b",
    r"there['’]s (?:plenty )?more where that came from|(?:have|got) a (?:news )?tip\b|do you have a (?:story|tip)\b",
    r"support (?:our|independent) journalism|share your (?:thoughts|views|story)\b|let us know in the comments",
    r"our standards:",
)

IN_COOKIE_NOTICE = _any(
    r"\b(?:we|site|website|partners) (?:may )?uses? (?:\w+ ){0,3}cookies\b",
    r"\baccept (?:all |our |the use of )?cookies\b",
    r"\bcookie (?:policy|settings|preferences|consent|notice)\b",
)

IN_RIGHTS_NOTICE = _any(r"^(?:©|\(c\)|copyright (?:©|\(c\)|(?:19|20)\d\d))", r"\ball rights reserved\b")

IN_CAPTION = _any(
    r"^[(\[]?(?:image|photo|picture|file photo|photograph|video|graphic|illustration)s?"
    r"(?: credits?| sources?| by| courtesy(?: of)?)?\s*[:/|]",
    r"^credits?\s*:",
    r"[(\[][^()\[\]]{0,60}\b(?:photo|image|picture|file|credit|getty|handout|courtesy)\b[^()\[\]]{0,90}[)\]]\.?$",
    r"(?:\bgetty images|\bap photo|\bafp photo|/getty|/reuters|/afp|/ap)[.)]?$",
)

START_TAGS = _any(r"(?:tags?|topics|filed under|categor(?:y|ies)|keywords|posted in)\s*(?::|$)")

START_BYLINE = _any(
    r"(?:by|written by|reported by|story by|words by)\s+[^.!?]{2,70}$",
    r"(?:published|updated|last updated|posted|first published|last modified|modified)\b[^.!?]{0,80}\d.{0,20}$",
    r".{0,40}\b\d{1,2} ?min(?:ute)?s? read$",
    r"\d{1,3} (?:minutes?|hours?|days?|weeks?) ago$",
)
IN_DATE_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
IN_DATE_CLOCK = re.compile(r"\b\d{1,2}[:.h]\d\d\b")

_REPORTER = r"(?:writer|reporter|editor|correspondent|columnist|journalist|producer|contributor)"
IN_BIOGRAPHY = _any(
    rf"\b(?:is|was) (?:a|an|the|our) [^.]{{0,60}}\b{_REPORTER} (?:for|at|with|on|based in|covering|who)\b",
    rf"\b{_REPORTER}\b.{{0,200}}(?:@\w|\bfollow (?:him|her|them|me)\b|, based in\b)",
)
START_CONTACT = _any(
    r"(?:you can )?(?:e-?mail|contact|reach|follow|write to|send tips to)\b.{0,200}@\w",
    r"follow\b.{0,100}\bon (?:twitter|x|facebook|instagram)\b",
    r".{0,60}\bcan be reached (?:at|on|via)\b",
    r".{0,120}\bcontributed (?:to this|reporting)\b",
)

# Headings under which nothing of the article comes.
START_END = _any(
    r"(?:more from|more stories|related (?:articles|stories|content|topics|coverage))\b[^.!?]{0,40}$",
    r"(?:recommended|read next|what to read next|you (?:may|might) also like)\b[^.!?]{0,40}$",
    r"(?:leave a (?:reply|comment)|about the author|join our commenting forum)\b[^.!?]{0,40}$",
    r"something to consider$",
)
