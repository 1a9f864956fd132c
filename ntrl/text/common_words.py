"""Closed lists of common words, for telling an ordinary word with a capital from a name."""


def word_list(text: str) -> list[str]:
    """The words of `text`, in order: a readable way to write a list of them."""
    return text.split()


def word_set(text: str) -> frozenset[str]:
    """The same as a set."""
    return frozenset(text.split())


_FUNCTION_WORDS = """
    a about above according across after again against ago all almost along already also although always am amid
    among an and another any anyone anything are around as aside asked at away back be because been before behind
    being below beside besides between beyond both but by can cannot could despite did do does doing done down due
    during each earlier either else enough even eventually ever every everyone everything except far few fewer
    finally first following for former formerly four from further get given had half has have having he hence her
    here hers herself him himself his how however if in including indeed inside instead into is isn't it its itself
    just last lastly late later latest least less like likewise little long many may maybe me meanwhile might mine
    more moreover most much must my myself near nearly neither never nevertheless new next no nobody none nonetheless
    nor not nothing now nowhere of off often on once one only onto or other others otherwise our ours out outside
    over overall own part per perhaps plus previously rather regarding same second several shall she should
    similarly since six so some somebody someone something sometimes somewhere soon still such ten than that the
    their theirs them themselves then there thereby therefore these they third this those though three through
    throughout thus till to together too toward towards two under unless unlike until up upon us used very via was
    we well were what whatever when whenever where whereas wherever whether which while who whoever whole whom whose
    why will with within without would yes yet you your yours yourself i i'm i've i'd i'll it's that's there's
    eight eighteen eighty eleven fifteen fifty five forty fourteen hundred hundreds million millions nine nineteen
    ninety seven seventeen seventy sixteen sixty thirteen thirty thousands twelve twenty zero dozens half twice
    they're we're you're he's she's don't didn't doesn't can't won't wasn't weren't
"""
# Who acts and what happens in news of any subject. Each is an ordinary English word that is seldom a name.
_NEWS_WORDS = """
    accord account accuse act action activist add address adult advance advise advocate affect age agency agent agree
    agreement aid aim airline airport allege allow ally ambassador analysis analyst announce annual appeal appear
    applicant apply appoint approach approve area argue arm army arrest article artist assess association athlete
    attack attempt attend attorney audience author authority average avoid award backer ban bank base battle begin
    believe benefit bid billion block board body bomb book border boss boy break bring broadcaster budget build
    building bureau business buy call campaign candidate capital car care carry case cause cease change charge chief
    child children choose citizen city civilian claim class clash close club coach coalition colleague college comment
    commission committee community company compare complaint concern conduct confirm conflict consider consumer
    contain continue contract contribute control cost council country county court cover create credit crew crime
    critic criticize criticise crowd current customer cut damage data date day deal death debate debt decide decision
    decline defeat defence defend defendant defense delay delegate deliver demand demonstrator deny department deploy
    deputy describe detail detain determine develop die director discuss dispute district doctor document donor double
    dozen draft draw drive driver drop early earn economist economy edition editor effect effort elect election
    emergency employee employer end energy engineer ensure enter estimate event evidence examine executive expand expect
    expert explain export express extend face fail fall family fan farm farmer federal fee fell fight figure file
    film final find fire firm firefighter fisherman flight flood follow food force forecaster foreign form found fraud
    fund gain game gang general get girl give global go goal government grant ground group grow growth guard guest
    guide gunman half halt hand head headline health hear hearing help high hit hold home hope hospital host hour house
    household human hundred identify image impact import improve incident include income increase independent industry
    inflation inform inquiry injure injury inspector institution insurer interest interview introduce invest
    investigate investigation investigator investment investor island issue item job join journalist judge jury keep
    kill know label labor labour land language large launch law lawmaker lawsuit lawyer lead leader leak learn leave
    legal legislation legislator legislature lender letter level lift limit line link list loan local lose loss low
    maintain major make maker man manager manufacturer many market match material mayor measure media medical medic
    meet meeting member men message migrant militant military million minister ministry minor missile money month
    motion motorist move movement name nation national negotiate negotiation negotiator neighbor neighbour network
    news night nobody note number nurse offer office officer official oil open operate operation operator opinion
    oppose opponent opposition option order organisation organiser organization organizer outbreak owner panel parent
    parliament participant party pass passenger patient pay payment peace pension people percent period permit person
    phone photo pilot place plaintiff plan plane play player pledge point police policy politician poll population
    position postpone power praise prepare present president press pressure prevent price prime prison prisoner
    private probe problem proceed process produce producer production product profit program programme project
    promise proposal propose prosecutor protect protest protester provide province public publish publisher purchase
    push put question race raid rail rain raise rate reach react read ready reason rebel receive recent recommend
    record recover reduce refugee refuse regain region regulator reject relation release rely remain remove rent
    replace report reporter represent representative republic request require rescue rescuer research researcher
    reserve resident resign resolution respond response rest restore restrict result resume retailer return reveal
    revenue review rise rival road rocket role rule ruling run safety sale sanction save say scale scheme school
    scientist score search season secretary section sector secure security see seek seize sell senator send senior
    sentence serve server service session set settle settlement several share shareholder ship shop shoot short show
    sign site situation soldier source speak speaker spend spokesman spokesperson spokeswoman sport staff stage stand
    start state statement station stay stock stop storm story strategy street strike student studio study submit
    succeed sue suffer suggest summit supply support supporter survey survivor suspect suspend swimmer system take
    talk target tariff tax teacher team technology teenager tell tenant term test testify testimony thousand threat
    threaten thousands ticket time title today tomorrow tonight total tour tourist town trade trader traffic train
    transfer transport travel traveler traveller treat treatment treaty trial trip troop truck trustee try turn
    turnout union unit university update urge use user vaccine value vehicle venue verdict version victim video view
    village violence visit visitor volunteer vote voter vow wage wait walk want war warn warning watch water weapon
    weather week welcome win winner withdraw witness woman women work worker world write yard year yesterday young
    youth won met made led began said saw held went came got gave took left lost paid sold told thought spoke wrote
    chose grew knew rose fell drew broke built bought brought caught fought sought taught
"""
# A country and its people, where the one is not the other with an ending.
_PEOPLES = """
    america:american,us britain:british,briton,britons,uk england:english scotland:scottish,scots wales:welsh
    ireland:irish france:french spain:spanish portugal:portuguese netherlands:dutch belgium:belgian germany:german
    switzerland:swiss greece:greek turkey:turkish,turks poland:polish,poles denmark:danish,danes sweden:swedish,swedes
    finland:finnish,finns norway:norwegian iceland:icelandic,icelanders thailand:thai philippines:filipino,filipinos
    china:chinese lebanon:lebanese afghanistan:afghan,afghans pakistan:pakistani uzbekistan:uzbek kazakhstan:kazakh
    slovakia:slovak slovenia:slovene croatia:croat serbia:serb czechia:czech zealand:zealanders europe:european,eu
"""
_TITLES = {
    "sen": "senator",
    "gov": "governor",
    "rep": "representative",
    "pres": "president",
    "gen": "general",
    "lt": "lieutenant",
    "col": "colonel",
    "sgt": "sergeant",
    "capt": "captain",
    "dr": "doctor",
    "prof": "professor",
    "rev": "reverend",
    "st": "saint",
    "mt": "mount",
    "ft": "fort",
    "un": "nations",
}


def _same_names() -> dict[str, tuple[str, ...]]:
    """Each name's other writings, both ways."""
    groups: list[tuple[str, ...]] = list(_TITLES.items())
    groups += [tuple(entry.replace(":", ",").split(",")) for entry in _PEOPLES.split()]
    return {name: tuple(other for other in group if other != name) for group in groups for name in group}


# Calendar words and forms of address: dates have their own rule, and "Mr." invents nobody.
NOT_NAMES = word_set(
    "i i'm i've i'd i'll mr mrs ms mx january february march april may june july august september october november "
    "december jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday "
    "sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays mon tue tues wed thu thur thurs fri sat "
    "sun"
)
OPENERS = word_set(_FUNCTION_WORDS)
SAME_NAME = _same_names()
# Endings of ordinary words that are hardly a name's.
ORDINARY_ENDINGS = (
    "tion",
    "tions",
    "ments",
    "ists",
    "ities",
    "ness",
    "ships",
    "isms",
    "tures",
    "dents",
    "tants",
    "ately",
    "ently",
    "antly",
    "edly",
    "ically",
    "ively",
    "ously",
    "ably",
    "onally",
)
# Behind these endings a participle goes on with one of the words below; "Manning" and "Ahmed" seldom do.
PARTICIPLE_ENDINGS = ("ing", "ed")
AFTER_PARTICIPLES = word_set("a an the about after as at before by for from in into its of on that their to with")
# Before a hyphen these are no names: "Pre-tax", "Non-voters".
PREFIXES = word_set("anti co counter ex inter mid mini multi non post pre pro re semi sub super ultra")
# An office that begins with these may be told by its initials: "CTO" for the chief technology officer.
OFFICE_OPENERS = word_set("chief managing member prime vice")
# Small words inside a name, which its initials leave out.
WITHIN_NAMES = word_set("of the and for de du la le al von van")


def stem(word: str) -> str:
    """Strip an English ending: "passes", "passed" and "passing" all become "pass", "study" and "studies" "stud".

    The ending "-er" stays: "Walker" and "Carter" are names.
    """
    for ending in ("ies", "ied", "ing", "ed", "es", "ly", "s", "y", "e"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= 3:
            return base[:-1] if base[-1] == base[-2] and base[-1] not in "sl" else base
    return word


def forms(stemmed: str) -> tuple[str, ...]:
    """The words that may have `stemmed` as their stem."""
    endings = ("", "e", "y", "s", "es", "ies", "ed", "ied", "ing", "ly")
    return tuple(stemmed + ending for ending in endings)


STEMS = frozenset(stem(word) for word in _NEWS_WORDS.split())
