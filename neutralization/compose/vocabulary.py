"""Closed lists of English words by which a sentence's parts are told apart: there is no tagger here."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


BE = _set("is are was were am be been being isn't aren't wasn't weren't ain't")
HAVE = _set("has have had having hasn't haven't hadn't")
LINKING = _set("stay stays stayed remain remains remained become becomes became seem seems seemed keep keeps")
MODALS = _set(
    "will would can could may might must should shall cannot won't wouldn't can't couldn't mustn't shouldn't "
    "mightn't needn't"
)
DO = _set("does do did doesn't don't didn't")
FINITE_AUXILIARIES = (BE | HAVE | MODALS | DO) - _set("be been being having")

# Pasts that are not participles too: where one stands, a clause has its verb.
PURE_PASTS = _set(
    "arose ate awoke became began bit blew broke came chose did drank drew drove fell flew forgave forgot "
    "froze gave got grew hid knew mistook overcame oversaw overtook ran rang rode rose said sang sank saw "
    "shook spoke stole swam swore threw took tore undertook underwent went withdrew woke wore wrote fled told "
    "felt stood sat meant thought quit let lay showed"
)
# Pasts that are participles too.
AMBIGUOUS_PASTS = _set(
    "beat bet bought bred brought built burst cast caught cost cut dealt fed fought found heard held hit hung "
    "hurt kept laid led left lent lit lost made met paid put read sent set shed shot shut slept slid sold "
    "sought spent split spread stuck struck swept swung taught understood upheld wept withheld won wound"
)
PARTICIPLES = _set(
    "been born borne broken chosen done drawn driven eaten fallen flown forbidden forgotten frozen given gone "
    "grown hidden known laden proven ridden risen seen shaken shown spoken stolen sworn taken thrown torn "
    "undergone withdrawn woken worn written beaten bitten blown become overseen overtaken begun run come"
)
NOT_PASTS = _set(
    "need seed feed speed indeed breed hundred red bed sacred naked wicked exceed proceed succeed embed weed "
    "greed creed deed shed bleed united infrared kindred aged wed unprecedented experienced talented "
    "sophisticated dedicated so-called"
)

# Verbs in the present that are hardly ever nouns.
PRESENTS = _set(
    "says tells gives goes wants seeks remains becomes makes takes gets comes knows thinks believes seems "
    "appears includes allows contains provides requires continues keeps brings begins explains argues adds "
    "describes suggests warns expects hopes follows reveals tends loses consists depends exists happens "
    "involves refers represents serves occurs suffers considers creates finds helps insists leaves means "
    "needs lives offers owns pays plays prefers prevents produces raises receives reflects rejects relies "
    "sees sends sells speaks stays tries understands uses wins works writes confirms announces acknowledges "
    "accuses faces holds leads delivers marks reports shows plans claims puts lets proves poses demonstrates "
    "indicates identifies examines covers features boasts enables supports protects reduces causes affects "
    "kills saves improves increases extends introduces combines replaces opposes approves denies admits "
    "agrees refuses declines intends promises threatens urges calls asks aims stands lies sits runs carries "
    "builds sets turns moves opens closes ends starts stops grows falls rises drops reaches exceeds employs "
    "studies teaches treats tracks measures compares estimates predicts concludes maintains publishes sheds "
    "limits bans bars blocks orders rules forces forbids permits lacks depicts portrays stars explores "
    "applies adopts joins meets returns arrives enters earns spends buys charges hosts houses draws attracts"
)
PLURAL_PRESENTS = _set(
    "say tell want seek remain become know think believe seem appear include allow contain provide require "
    "continue argue suggest expect agree tend depend exist happen involve refer represent occur suffer "
    "consider insist prefer produce receive reject rely understand acknowledge accuse disagree deny live hope "
    "face need make take get come go give keep find see use work spend belong earn"
)
# Of those, the ones that are nouns in the singular.
SINGULAR_NOUNS = _set("hope face need use work play watch hold lead show start drive build find pay buy demand")
# Presents that are nouns as often: a verb only before what opens an object.
NOUN_OR_PRESENT = _set(
    "plans claims reports faces shows marks leads works plays uses needs hopes features supports offers holds "
    "covers raises means pays wins lives face need hope work use calls aims stands lies runs sets turns moves "
    "opens closes ends starts stops falls rises drops studies tracks measures estimates limits bans bars "
    "blocks orders rules forces permits stars returns charges hosts houses draws increases causes saves urges "
    "threatens promises"
)

REPORTING = _set(
    "said says say told tells tell reported reports announced announces stated states claimed claims alleged "
    "alleges argued argues warned warns added adds wrote writes explained explains noted notes confirmed "
    "confirms denied denies insisted insists suggested suggests believes believed believe thinks thought "
    "think estimated estimates tweeted posted acknowledged acknowledges admitted admits revealed reveals "
    "showed shows found finds concluded concludes maintained maintains predicted predicts expects hopes "
    "feared fears saying"
)
# What gives somebody else the responsibility for a statement: no deletion may take it away.
ATTRIBUTION = _set(
    "said says say told tells according reported reports announced stated states claimed claims alleged "
    "alleges allegedly reportedly purportedly argued argues warned warns wrote writes insisted insists "
    "believes believed estimates suggested suggests tweeted acknowledged admitted predicted confirmed denied "
    "explained noted saying concludes concluded"
)
# What makes a statement less than certain, or bound to a condition.
CONDITIONS = _set("if unless except provided whether only likely unlikely")
HEDGES = _set(
    "perhaps maybe possibly probably allegedly reportedly apparently supposedly purportedly hardly never no not"
)

DETERMINERS = _set(
    "a an the this that these those his her its their our my your some any each every no another all both "
    "many several few more most much either neither what whose which"
)
POSSESSIVES = _set("his her its their our my your whose")
SUBJECT_PRONOUNS = _set("he she they it we i you there who")
PRONOUNS = SUBJECT_PRONOUNS | _set(
    "him them us me her this that these those himself herself itself themselves one everyone someone anyone "
    "nobody everybody somebody anybody everything something nothing anything others"
)
FIRST_PERSON = _set(
    "i we my our me us mine ours you your yours i'm i've i'd i'll we're we've we'd we'll you're you've let's"
)
CONTRACTED = _set(
    "it's he's she's that's there's here's what's who's they're we're you're i'm i've we've they've you've "
    "he'd she'd they'd i'd we'd you'd he'll she'll it'll they'll i'll we'll you'll"
)

# Prepositions at which a sentence may end before, by what is lost: where and when, how, about what.
PLACE_AND_TIME = _set(
    "in at near during amid after before since across outside inside within throughout despite following "
    "along around above below beneath atop"
)
MANNER = _set("with for from into through under via toward towards alongside among between onto")
TOPIC = _set("against over about on regarding concerning")
PREPOSITIONS = (
    PLACE_AND_TIME | MANNER | TOPIC | _set("of to by as than like without per off up out down upon until till unlike")
)
SUBORDINATORS = _set("while because although though when whereas where since after before as once if unless until so")
RELATIVES = _set("who which whose whom where when that")
COORDINATORS = _set("and or but nor yet")

# After these, and before a preposition, a sentence can't stop: "part of", "based in", "a ban on", "shortly after".
HUNGRY = _set(
    "guilty response addition regard relation reaction solution answer part series number kind sort type "
    "share majority lack ban tax end access role interest increase rise decline drop fall surge risk need "
    "support demand responsible accused based due capable aware able subject related linked likely set prone "
    "close according compared located involved focused rather instead because such much many more less fewer "
    "other same different one two three four five six seven eight nine ten some most half dozens hundreds "
    "thousands millions days hours weeks months years minutes moments shortly soon just immediately long even "
    "only not also including day week month year hour night known described used seen named regarded "
    "considered viewed treated dubbed listed depends relies deals consists results resulted led leads belongs "
    "refers went go going goes came come coming put took take taken look looks looked looking appeared appear "
    "participate participated engage engaged engages respond responded contribute contributed consist belong "
    "rely depend serve served serves act acted acts live lives lived result struggling trying fail failed "
    "refused prior next ahead well far up down out off back away together apart along right left hit met turn "
    "turned turns get got gets was were is are be been being has have had working worked works believe "
    "believed believes aimed fond full interested opposed similar equal subjected exposed devoted committed "
    "entitled lot range variety group collection combination amount level rate team couple pair host percent "
    "version bulk rest means way ways kinds types parts sense absence presence use attempt bid effort face "
    "name"
)
# Verbs that need nothing after them.
INTRANSITIVE = _set(
    "died dies die fell rose fled won began begins ended ends opened opens closed closes resigned retired "
    "collapsed crashed escaped increased decreased declined dropped climbed jumped slipped grew returned "
    "arrived failed happened testified occurred emerged survived gathered protested marched continues "
    "continued resumed"
)
ING_NOT_VERBS = _set(
    "during according king thing something nothing anything everything morning evening spring string ring "
    "wing beijing sing bring being building"
)
# What a text can't end on.
DANGLING = (
    DETERMINERS - _set("all both many several few more most much neither these those this her that another")
    | (PREPOSITIONS - _set("up out down off around behind inside outside along over through"))
    | COORDINATORS
    | _set(
        "enough who which whose whom because although though while very so be been being also is are was were has "
        "have had will would can could may might must should not if when where whether how why what"
    )
)

DAYS = _set("monday tuesday wednesday thursday friday saturday sunday")
DAY_PARTS = _set("morning afternoon evening night")
NOT_BEFORE_DAYS = _set("super black good cyber ash easter bloody palm every each next")
PERIODS = _set("week month year weekend fall spring summer winter autumn night season quarter")
SMALL_ADVERBS = _set("also recently however meanwhile too instead moreover furthermore")
ADVERBS = SMALL_ADVERBS | _set(
    "now then still already just even ever never not often always soon later again once reportedly allegedly "
    "only almost nearly more less ago today yesterday tonight tomorrow"
)

# Openings that lean on the sentence before.
CONNECTORS = _set(
    "but and so however instead also meanwhile then still yet moreover furthermore nevertheless nonetheless "
    "besides therefore thus hence additionally similarly likewise otherwise plus or nor"
)
LEANING = CONNECTORS | _set(
    "he she they it this that these those his her their its him them both such neither either another others "
    "afterward afterwards later earlier there here one some most many few each none all other among"
)
# Of those, the ones that may also open something new: "Most people …", "One of the …".
OPENING_NEW = _set("most many some few all one each both here")
LEANING_PAIRS = frozenset(
    tuple(pair.split("_"))
    for pair in _set(
        "the_former the_latter in_addition for_example for_instance as_such of_those in_it among_them of_them "
        "of_these in_turn in_response"
    )
)
STOPWORDS = (
    BE
    | HAVE
    | MODALS
    | DO
    | DETERMINERS
    | PRONOUNS
    | FIRST_PERSON
    | CONTRACTED
    | PREPOSITIONS
    | SUBORDINATORS
    | RELATIVES
    | COORDINATORS
    | ADVERBS
    | CONNECTORS
    | REPORTING
    | DAYS
    | PERIODS
    | _set(
        "early late earlier later new people year years time first last two "
        "one three says make made how why because when mr mrs ms dr"
    )
)

# Verbs that say something only together with what the preposition brings: "provides clinicians with".
NEEDING = {
    "with": _set(
        "provide provides provided providing supply supplies supplied replace replaces replaced replacing charge "
        "charged compare compared combine combined help helps helped helping associate associated face faced "
        "equip equipped deal dealing begin began tasked filled agree agreed met meet share"
    ),
    "from": _set(
        "prevent prevents prevented preventing stop stopped keep kept protect protected distance distancing ban "
        "banned barred separate separated benefit suffer suffered suffering range ranging excluded"
    ),
    "into": _set("turn turned turning turns transform transformed divide divided put putting puts split force forced"),
    "for": _set(
        "blame blamed thank thanked mistaken responsible known prepare prepared account accounts called call "
        "calling calls ask asked asking apply applied allow allowed look looking search searching wait "
        "waiting compensate"
    ),
    "on": _set("agree base based focus focused rely depend impose imposed blame put place placed"),
    "over": _set("take took taken taking hand handed gloss"),
    "about": _set("talk talking talks set bring brought care complain worry"),
    "against": _set("protect vote voted guard"),
    "in": _set("participate result resulted resulting succeed invest invested engage specialize believe"),
    "at": _set("aim aimed look looking looked arrive"),
    "through": _set("go went get got"),
    "under": _set("put place placed"),
    "to": _set(
        "trace traced link linked compare compared attribute attributed tie tied reduce reduced add added devote "
        "devoted limit limited expose exposed refer referred subject subjected force forces forced ask asks asked "
        "urge urges urged order orders ordered tell told want wants wanted allow allows allowed help helps helped "
        "expect expects expected require requires required enable enables cause causes caused lead led "
        "from according due close prior next up"
    ),
}
NEEDING_STATEMENT = _set(
    "said says say thinks think believes believe argues argue insists insist claims alleges alleged claimed "
    "argued insisted ruled"
)

# Openings that bind the statement to a condition or a source, or turn it round.
BINDING_OPENINGS = _set(
    "if unless should had without until once except only not no never according per whether provided"
)
# In a brief: what tells how things stand, and what is still open.
KNOWLEDGE = _set(
    "said says according reported confirmed found announced shows showed told percent million billion data "
    "study officials statement report police researchers court"
)
OPEN_QUESTIONS = _set(
    "unclear unknown investigating investigation pending expected expects awaiting uncertain undetermined "
    "declined comment scheduled remain remains unresolved disputed review hearing next could may might will "
    "plans"
)

# After these, "as" is no conjunction.
BEFORE_AS = _set(
    "as such well much many long soon far same just so known described seen regarded used viewed served "
    "serves serve appointed named elected hired identified works worked treated considered acts acted cast "
    "posed dubbed"
)
# Participles that add to a noun what it is about.
DESCRIBING = _set("including showing involving containing featuring concerning detailing depicting describing")
# Presents that take "plans to" for a verb are in NOUN_OR_PRESENT; these are verbs in a headline's plural too.
ATTRIBUTION_PLURALS = _set("report say claim argue warn estimate conclude show")
NUMBERS = _set(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen twenty thirty "
    "forty fifty sixty about nearly almost dozens hundreds thousands"
)
SUPERLATIVES = _set(
    "worst best biggest largest smallest highest lowest fastest slowest longest shortest oldest youngest "
    "deadliest strongest weakest most least greatest richest poorest hottest coldest wettest "
    "driest closest latest"
)
NEGATIONS = _set("not no never neither nor cannot won't can't didn't doesn't don't isn't aren't wasn't weren't without")
COMPARATIVES = _set(
    "more less fewer rather other better worse higher lower larger smaller bigger faster slower older younger greater"
)
# Participles to which a date belongs.
DATED = _set(
    "published released issued held posted filed received presented signed due scheduled set spent spend spends"
)
# Verbs whose object "that" may point out.
TAKING_THAT = _set("met reached did made passed left took gave missed crossed used")
# Headings under which stands what somebody claims, true or not.
CLAIM_HEADINGS = _set("claim claims rumor rumour myth")

# Endings of measures that stand before a noun.
MEASURES = ("-year", "-month", "-week", "-day", "-hour", "-minute", "-meter", "-metre", "-foot", "-mile", "-page")
# Names that go on with "of".
OF_NAMES = _set(
    "house bank university college city duke duchess queen king prince princess earl church state states "
    "department ministry board court bishop archbishop bay gulf isle republic kingdom institute museum order "
    "secretary director speaker league school academy council district town village bureau office society "
    "association federation"
)

TIME_UNITS = _set("second seconds minute minutes hour hours day days week weeks month months year years decade decades")
# Words of direction and season, which a noun can do without.
DIRECTIONS = _set(
    "central northern southern eastern western northeastern northwestern southeastern southwestern "
    "north-eastern north-western south-eastern south-western autumn winter spring summer"
)
PLACE_NOUNS = _set("city town village valley island port suburb district province region resort borough county")
# Verbs whose clause needs no "that".
DOING_WITHOUT_THAT = _set("said says say found ruled believe believes think thinks thought shows showed show")

# Levels of government before the name of an office.
LEVELS = _set("county state city local national federal regional provincial municipal")
# What opens a comparison of a figure: ", twice as much as now", ", enough to supply …".
MEASURING = _set("twice double half about nearly almost roughly enough")
# Verbs that govern another: "began to …".
GOVERNING = _set("begin began plan plans agree agreed vote votes voted try tried fail failed continue continued")
# Nouns of place that say enough without their "of …".
STANDING_ALONE = _set("office offices home headquarters edge coast entrance grounds site")
# Offices that stand before a name.
TITLES = _set("gov sen rep president minister chancellor mayor secretary senator governor prime king queen")
# Sources that are no one's word.
