"""Words by which the audit tells who says what, how sure it is, and whether it is denied."""

from ntrl.text.common_words import OPENERS, stem, word_list, word_set
from ntrl.text.numerals import BELOW_HUNDRED

# The words of small numbers, with their digits.
NUMERALS = {word: str(value) for word, value in BELOW_HUNDRED.items() if value}

# Verbs that make a statement somebody's word. Losing one of these turns a claim into a fact.
SAYING = word_set(
    "said says say saying told tells tell claimed claims claim claiming alleged alleges allege alleging argued argues "
    "argue arguing insisted insists insist maintained maintains contended contends contend asserted asserts testified "
    "testifies estimated estimates estimate believed believes believe suggested suggests suggest warned warns warn "
    "predicted predicts predict wrote writes write disputed denied denies deny denying complained complains "
    "reckon reckons reckoned conceded admitted admits feared fears stated states suspect suspects suspected"
)
# Verbs that also show a statement to be somebody's, though a plain event may stand without them.
_SHOWING = word_set(
    "announced announces announce confirmed confirms confirm found finds find finding reported reports report showed "
    "shows show revealed reveals reveal ruled rules rule concluded concludes conclude added adds explained explains "
    "noted notes thinks think thought expects expect hopes hope promised promises pledged pledges vowed vows "
    "acknowledged acknowledges pleaded pleads asked asks cited cites quoted quotes judged considers wants "
    "recommended recommends blamed blames criticised criticized criticises criticizes urged urges"
)
ANY_SAYING = SAYING | _SHOWING
# Of the first, those that are nouns or adjectives too: "the claim", "the alleged theft".
SAYING_OR_NOUN = word_set(
    "claimed claims claim alleged maintained estimated estimates estimate predicted disputed feared fears states "
    "stated "
    "suspect suspects suspected deny"
)
# Of those, the ones that follow a plural when they are verbs.
SINGULAR_CLAIMS = word_set("claim estimate suspect deny")
# These show in an output that somebody says it, though they tell more than that.
MARKING = ANY_SAYING | word_set(
    "slams slammed blasts blasted criticizes criticized criticises attacks attacked "
    "tweets tweeted posts posted urges urged threatens threatened threaten demands demanded defends defended links "
    "linked rejects rejected hails hailed condemns condemned dismisses dismissed questions questioned accuse accuses "
    "accused accusing hints hinted signals signaled signalled insists backs opposes spoke speaks saw sees dissent "
    "favours favors prefers"
)
# Of these, the ones that go on from "said": "claimed to have the files and demanded …" is all told, none of it claimed.
ASKING = word_set("demanded demands urged urges asked asks called calls")
# "Accused of", "charged with": what follows is somebody's charge.
ACCUSING = word_set(
    "accused accuses accuse accusing charged charges suspected indicted sued arrested blamed blames blaming "
    "investigated"
)
# These make what stands in quotation marks behind them somebody's word: "called the plan “mad”".
NAMING = word_set("called calls calling described describes dubbed")
PLEADING = word_set("pleaded pleads plead pleading")
AFTER_ACCUSING = word_set("of with over for")
# "On suspicion of", "the allegation that".
CHARGE_NOUNS = word_set("suspicion allegation allegations accusation accusations claim claims charge charges")
CLAIM_NOUNS = CHARGE_NOUNS | word_set(
    "report reports suggestion suggestions rumour rumours rumor rumors warning warnings belief fears estimate estimates"
)
# "Allegedly", "the alleged theft": they mark the whole clause.
CLAIM_MARKS = word_set(
    "allegedly reportedly purportedly supposedly alleged suspected purported reported claimed apparently accused"
)
# What of a sentence tells when or where something was said, and is none of what was said.
ASIDE = word_set(
    "on in at to by from a an the this last late early later earlier also again still then week month year morning "
    "afternoon evening night monday tuesday wednesday thursday friday saturday sunday today yesterday statement "
    "interview report affidavit lawsuit letter speech conference news court testimony reporters jurors jury judge "
    "journalists parliament lawmakers supporters analysts guests senators investors him her them us me"
)
FULL_STOPS = frozenset(".!?")
PRONOUNS = word_set("he she it they his her their its him them who which we i you this that these those")
NO_SPEAKERS = (
    PRONOUNS | FULL_STOPS | word_set("that on in at to , ; monday tuesday wednesday thursday friday saturday sunday")
)
# Speakers that are no one in particular, and offices that many hold.
ANYBODY = frozenset(
    stem(word)
    for word in word_list(
        "official officials spokesman spokeswoman spokesperson company statement person people man woman group agency "
        "report manager director president chief executive secretary leader minister officer head chair chairman "
        "general member mayor lawyer author researcher professor analyst expert former deputy senior lead state "
        "national local police"
    )
)

# What makes a statement less than certain, and must not be lost.
POSSIBLE = word_set(
    "may might could perhaps maybe probably likely unlikely suspected feared believed thought appears appear "
    "appeared seems seem seemed reportedly allegedly apparently supposedly"
)
# Of these, the ones that hedge only where somebody is thought to have done something: "believed to have".
THOUGHT = word_set("suspected feared believed thought")
# What is meant to happen, and has not.
INTENDED = word_set(
    "expected expects expect plans planned hopes hoped intends intended intend aims aimed wants wanted "
    "seeks seeking sought proposed proposes propose considering considers promised promises pledged pledges vowed "
    "threatened threatens scheduled offered asked tried tries trying attempted due"
)
PAST_AUXILIARIES = word_set("had was were has have did")
# Of these, the ones that are hardly ever nouns.
EXPECTED = word_set("expected expects planned hoped intends intended aims proposed scheduled due")
FUTURE = word_set("will would won't wouldn't shall 'll")
UNREAL = word_set("should could would")
# Other words for doubt. They keep a statement uncertain, whatever the body's word was.
_DOUBT = word_set(
    "if can possibly potentially fears whether possible possibility potential risk risks risked chance estimate "
    "estimates estimated alleged "
    "alleges allege claim claims claimed accused unclear unless suggest suggests suggested should fear threat believe "
    "believes think thinks must probable uncertain reported prospect bid attempt effort proposal proposals "
    "urged urges under doubt doubts question consider weigh weighs weighing faces facing face"
)
DOUBTS = POSSIBLE | INTENDED | _DOUBT

NEGATIONS = word_set(
    "not no never nobody none neither nor without cannot can't won't don't doesn't didn't isn't aren't wasn't weren't "
    "hasn't haven't hadn't wouldn't couldn't shouldn't nothing"
)
# Verbs that say that something is not so, or was not done.
_DENYING = word_set("denied denies deny denying refused refuses refuse declined declines decline failed fails fail")
TURNING = NEGATIONS | _DENYING
# Other words for the same no.
UNTRUE = TURNING | word_set(
    "rejected rejects reject disputed disputes dispute dismissed dismisses against unable lack lacks lacked lacking "
    "few hardly barely scarcely unlike instead false only keep keeps kept remain remains remained stay stays stayed "
    "unchanged barred"
)
# Words that tell the same otherwise; enough for an output in its own words.
DENIALS = UNTRUE | word_set(
    "ruled rule rather avoid avoided avoids stop stopped prevent prevented prevents ban "
    "banned bans bars barred "
    "opposes opposed oppose wrong cleared acquitted too beyond yet except least "
    "dismissed "
    "cut cuts cutting lose loses lost losing out off"
)

# "Not only" denies nothing.
AFTER_NO_NEGATION = word_set("only just least")
# These deny what they stand before, and what that does: "no plant would close".
NONE_OF = word_set("no neither nobody none nothing nor")
# Words before a number that only bound it, "at least 27", and words beside it that tell the same otherwise.
BOUNDING = frozenset(
    tuple(word_list(each))
    for each in (
        "at least",
        "up to",
        "as many as",
        "as much as",
        "more than",
        "fewer than",
        "less than",
        "no more than",
        "at most",
    )
)
BOUNDED = word_set("least most many much more fewer less over under up known about some around nearly almost exceed")
# What a desk puts before a report, and is nobody who says it.
LABELS = word_set("breaking exclusive update updated urgent watch live analysis opinion news developing video alert")
# Nouns that call a person guilty, words of a case against somebody, and what ends it in a verdict.
GUILTY = word_set(
    "thief thieves robber robbers burglar burglars killer killers murderer murderers rapist rapists arsonist arsonists "
    "fraudster fraudsters attacker attackers abuser abusers looter looters vandal vandals terrorist terrorists spy "
    "spies smuggler smugglers trafficker traffickers kidnapper kidnappers culprit culprits perpetrator perpetrators "
    "criminal criminals forger forgers conman swindler poisoner"
)
PROCEDURE = word_set(
    "detained arrested arrest questioned charged charge charges released bail trial cleared acquitted denies denied "
    "remanded suspect suspected accused"
)
CONVICTED = word_set("convicted guilty admitted admits sentenced confessed jailed imprisoned conviction")
# What is proposed, or a text of law: its "would" is no promise.
PLANS = word_set(
    "plan plans proposal proposals bill deal agreement law measure measures treaty accord pact scheme proposed if "
    "unless amendment draft recommendation"
)
# What the body doubts or somebody denies.
CONTESTED = word_set(
    "alleged alleges allege allegation allegations allegedly claimed accused accuses accuse denied denies "
    "deny denial disputed disputes dispute verified unverified argued argues insisted insists contended contends "
    "suspected suspicion opposition critics prosecution prosecutors defence defense lawyer lawyers lawsuit believed "
    "feared warned warns predicted predicts may might could"
)
DENYING = word_set("denied denies deny denial disputed disputes dispute verified unverified rejected rejects false")
# Speakers that name nobody: officials, papers and figures.
NAMELESS = frozenset(
    stem(word)
    for word in word_list(
        "official officials authorities state local federal government source sources papers documents records figures "
        "data survey census published minutes"
    )
)
# Before a noun's adjective: "the alleged theft", and a headline's beginning.
BEFORE_ADJECTIVES = word_set("the a an his her its their of for over after in on with") | {""}
# "One of whom", "some of them".
RELATIVES = word_set("whom which them")
SOME = word_set("one some most many several few half part none each")
# What stands behind an amount and compares by it: "40 centimetres above the mark".
COMPARING = word_set(
    "above below over under more less fewer higher lower longer shorter taller deeper larger smaller bigger later "
    "earlier after before ago older younger faster slower ahead behind"
)
CURRENCY_SIGNS = frozenset("$£€")
BEFORE_NOUNS = word_set("the a an his her its their no any this that these those some")
QUOTES = frozenset("“”«»\"'‘’")
# Words that part a speaker's description from what stands before and behind it.
BEFORE_SPEAKERS = word_set("; : — – but while because although though whether and after before when")
AFTER_SPEAKERS = word_set('who which while but because although though after before when as — ; “ "')
BEFORE_OTHERS = word_set("and but while , ; or")
# "Wrote that …", but not "wrote a book".
WRITING = word_set("wrote writes write maintained maintains stated states")
AFTER_CHARGES = word_set("where who which after before when while because although but ; —")
# Before "told" these show that the subject hears it and does not say it.
HEARING = word_set("was were is are be been being")
# What stands behind these is not asserted.
CONDITIONS = word_set("if unless whether provided providing")
# A clause ends before these.
CLAUSE_WORDS = word_set(
    "and but or that who which whom whose where when while because although though after before since until if unless "
    "whether as"
)
# What a word governs does not reach over these.
JOINING = word_set("and but")
BREAKS = frozenset(',;:—–()[]"“”«»')
AUXILIARIES = word_set(
    "is are was were be been being am has have had having do does did will would can could may might must should shall "
    "to it's he's she's they're"
)
TURNS = word_set("but while although though")
# After these the body's "unless" is told otherwise.
EXCEPTING = word_set("unless except until otherwise barring")
LINKS = word_set("to of for in on at by with from into over under after before than")
HE_OR_SHE = frozenset({"he", "she"})
OBJECTS = word_set("him her it them")
WILL = word_set("will 'll shall")
DAYS = word_list("monday tuesday wednesday thursday friday saturday sunday")
MONTHS = word_list(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sep sept oct nov dec"
)
_TITLES = word_set("mr mrs ms mx dr prof sir dame sen rep gov gen col capt lt sgt rev")
# Words that tell nothing of what a sentence is about.
EMPTY = (
    OPENERS | ANY_SAYING | POSSIBLE | INTENDED | AUXILIARIES | _TITLES | word_set("according allegedly also s t th nd")
)
# Of those, some may still be what a hedge or a negation is about.
IRREGULAR = {
    form: base
    for base, *forms in (
        word_list(each)
        for each in (
            "steal stole stolen",
            "strike struck stricken strikes",
            "begin began begun",
            "beat beaten",
            "win won",
            "lose lost loss losses",
            "die died dies dying dead death deaths",
            "lie lied lies",
            "kill killer",
            "send sent",
            "find found",
            "shoot shot shots shooting",
            "buy bought",
            "sell sold",
            "sue suing",
            "hold held",
            "take took taken",
            "give gave given",
            "go went gone goes",
            "write wrote written",
            "break broke broken",
            "choose chose chosen",
            "pay paid",
            "lead led",
            "leave left",
            "make made",
            "meet met",
            "rise rose risen",
            "fall fell fallen",
            "drive drove driven",
            "know knew known",
            "see saw seen",
            "run ran",
            "build built",
            "bring brought",
            "catch caught",
            "fight fought",
            "hide hid hidden hiding",
            "keep kept",
            "spend spent",
            "teach taught",
            "tear tore torn",
            "throw threw thrown",
            "wear wore worn",
            "withdraw withdrew withdrawn",
            "grow grew grown growth",
            "draw drew drawn",
            "feed fed",
            "freeze froze frozen",
            "shake shook",
            "sink sank sunk",
            "speak spoke spoken",
            "swear swore sworn",
            "mislead misled",
            "flee fled",
            "bear bore born",
            "man men",
            "woman women",
            "child children",
            "person people",
            "handle handling",
            "use using",
            "come came comes",
            "get got",
            "say said",
            "tell told",
            "become became",
            "stand stood",
            "lay laid",
            "set",
            "hit",
            "cut",
            "read",
            "put",
        )
    )
    for form in forms
}
VERBS = frozenset(IRREGULAR.values()) | word_set("hurt shut let cost quit spread split bet put set hit cut read")
CALENDAR = frozenset(DAYS + MONTHS)
CALENDAR_STEMS = frozenset(stem(word) for word in CALENDAR)
