"""Whether a cell looks like the name of a person, a date of birth or an address: what must not stand in a column that lists and reports show.

This errs on the side of people: what only looks like a name is asked about, and --value says what it is.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise, takewhile


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLES = _words("""
    mr mrs ms miss mx dr prof professor rev cllr councillor pc dc ds di dci sgt sergeant inspector sister sir lady dame mum mother dad father
""")
_OF_AGENCIES = _words("""
    academy access acute adolescent advice advocacy adult adults agency aid alliance ambulance and army assessment association attendance authority
    board borough brigade camhs care carer carers cafcass centre central centres child childcare children childrens city clinic clinical college
    commission committee community company conference constabulary consultants council counselling county court crisis custody department dental
    dentist development disability district division domestic drug duty education educational early emergency executive families family federation
    fire first force forum fostering foundation gp general governor group guidance health healthcare help hospice hospital home homes homeless hostel
    housing hub immigration independent infant infirmary initiative institute integrated intervention junior justice justices la lado learning legal
    library local lodge looked ltd limited maternity mash medical mental midwifery midwives ministry multi national network nhs nursery nursing office
    officers offending organisation outreach panel parish partners partnership partnerships pathway people placement placements police policing
    practice pre preschool primary prison probation professional professionals programme project protection protective provider provision psychology
    public quality quarter referral refuge regional rehabilitation rescue residential resource response safeguarding safety schools school secondary
    section secure senior sen send service services sexual sheltered shelter sixth skills social society solicitors solutions special specialist sport
    sports staff standards statutory strategic substance support supported supervision surgery team teams therapy training treatment tribunal trust
    unit university welfare wellbeing women womens work workers works workforce yot yjs youth year years our the of for to in with at valley view
    manor abbey cathedral st saint holy sacred barnardos nspcc cic plc uk england wales scotland shire unknown anonymous other others various several
    all none internal external
    teaching turning point front door minds futures voices matters together gateway beacon institute consortium directorate cluster locality campus
    royal castle queen house high hub
""")
_SMALL = _words("our the of for to in with at and")
_OF_PLACES = _words("unit house ward school academy centre team trust hospital college surgery")
"""Words of agencies that end a name also where they are written small."""
_AGENCIES_ALONE = frozenset(word.removesuffix("s") for word in _OF_AGENCIES - _SMALL)
_KNOWN = {"marie curie", "james paget", "change grow live", "lady hawkins", "thomas coram", "william harvey"}
"""Names of people that are known as those of hospitals, charities and schools alone."""
_FIRST_ONLY = {"north", "south", "east", "west", "upper", "lower", "greater", "great", "little", "new", "royal", "saint", "st", "holy", "red", "blue", "archbishop", "bishop", "lord"}  # fmt: skip
_GIVEN = _words("""
    aaron abdul abigail adam ahmed aisha alan alex alexander alfie ali alice alison amanda amelia amina amy andrea andrew angela ann anna anne anthony
    archie arthur ava barbara ben benjamin beth bethany brian callum carol caroline catherine charles charlie charlotte chloe chris christine
    christopher claire connor craig daisy daniel danielle darren david dawn dean deborah denise dominic donna dorothy dylan edward eleanor elizabeth
    ella ellie emily emma eric ethan eva evie fatima fiona florence frank freya gareth gary gemma geoffrey george georgia gillian grace graham hannah
    harriet harry hassan hayley heather helen henry holly hussain ian ibrahim isaac isabella isla jack jacob jade jake james jamie jane janet jason
    jasmine jean jennifer jessica jo joan joanne john jonathan joseph josh joshua joyce judith julia julie karen kate katherine kathleen katie keith
    kelly kevin khadija kieran kim kirsty kyle laura lauren leah leanne lee leo lewis liam lily linda lisa logan louise lucas lucy luke lynn margaret
    maria marie mark martin mary maryam matthew maureen max megan melanie melissa mia michael michelle millie mohammad mohammed molly muhammad naomi
    natalie nathan neil nicholas nicola nigel noah oliver olivia omar oscar pamela patricia patrick paul paula pauline peter philip phoebe poppy priya
    rachel ray rebecca rhys richard riley robert robin ronald rosie rory ruby russell ruth ryan sally sam samantha samuel sandra sara sarah scarlett
    scott sean sebastian shannon sharon sheila shirley simon sofia sophia sophie stacey stephanie stephen steven stuart susan suzanne tanya tara
    terence teresa theo thomas tina toby tom tracey tracy tyler valerie vanessa victoria vincent wayne wendy william yasmin yusuf yvonne zainab zara
    zoe
    aaliyah abbie abby ada adele adrian agnes aidan aiden aimee alana albert alexandra alfred alicia alistair amir anita anjali annabel annie
    anton antony arjun arnold arun ashley asif aslam audrey ayesha aziz barry beatrice becky bernard bernice beryl betty bilal billy bonnie bradley
    brenda brendan brett bridget bruce bryan cameron candice carl carla carly carmen catriona cecilia cedric celia chantelle cheryl christina
    clara clare claudia clifford clive colette colin connie conor cynthia damian danny daphne darcey darius debbie declan deepak delia della derek
    desmond diana diane dina douglas duncan dwayne eddie edith edwin eileen elaine eliza elsie emilia emmanuel erica erin esme esther eugene
    eunice evelyn ewan farah faisal felicity felix fergus finley fraser freddie frederick gabriel gail gavin gerald gerard gina giles giovanna glenda
    glenys gloria glynis gordon gwen habib hamza harold harvey hasan hilary hugh hugo ibrar ida imran ines ingrid irene isabelle
    jackie jackson jacqueline jagdeep jasper javed jayden jeffrey jenny jeremy jermaine jerome jesse jill jodie joe joel jonas jordan jose josephine juan
    judy justine kai kamal karim karl katharine kathryn katy kayleigh kenneth kerry khalid kiran kirsten krzysztof kuldeep kylie lara latoya laurence
    lesley leslie liliana lindsay lloyd lola lorna lorraine lottie lydia lynda lynne mabel madeleine maisie malcolm mandeep marcus marek marian marion
    marjorie marlon martha martina mason maxine mehmet melvin mercy mina miriam mitchell mohamed mohamud mohsin moira monica morgan moses muriel mustafa
    nadia nadine nancy nasreen natasha niall nicole nikita nina nora norma norman olga orla owen parveen patrice patsy pavel penelope phil philippa piotr
    poonam preeti quentin rahim raj rajesh ralph ramesh raymond reece reggie renee rhiannon ricky rita roderick rohan ronnie rosa rosalind rosemary
    roxanne roy rupert sabrina sadia saira salma samina sandeep sanjay saskia selina shabana shahid shane shaun shazia sheena shelley sian sidney siobhan
    sonia spencer stacy stanley stella stewart sunil sunita suresh susannah suzie sylvia tahir tamara tammy tariq ted teddy tessa thea
    theodore tiffany tim timothy toni tony tristan trudy usha usman vera vernon vicky viktor vikram vivian wanda winifred yasin yolanda yusra
    yvette zachary zahra zak zoltan
""")
_WORDS_TOO = _words("amber daisy dawn frank grace harry holly jack jade jasmine jean jordan kerry lily lee mark mason max mercy point poppy ray robin rob ruby sally spencer")  # fmt: skip
"""Given names that are words too, or places: where nothing is in capitals they may be these."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_BORN = re.compile(
    r"\b(?:d\.?o\.?b\.?|date of birth|born)\b|\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d\d)\b|\b\d{4}-\d\d-\d\d\b",
    re.IGNORECASE,
)
_MAIL = re.compile(r"[\w.+-]@[\w-]{1,63}\.\w")  # no more of it than tells: a long text would take long
_TITLED = re.compile(rf"\b(?i:{'|'.join(sorted(_TITLES))})\b\.?(?: \d+)? (?P<name>[A-Z][^\W\d_]+)")
_INITIAL = re.compile(r"\b(?![NSEW]\.)[A-Z]\. ?(?P<name>[A-Z][^\W\d_]+)")
_KIN = re.compile(
    r"\b(?i:parent|carer|mother|father|mum|dad|grandmother|grandfather|brother|sister|son|daughter|aunt|uncle)s? of (?P<name>[A-Z][^\W\d_]+)"
)
_KIN_OF = re.compile(
    r"\b(?P<name>[A-Z][^\W\d_]+)['’]s (?i:mum|dad|mother|father|parent|carer|nan|gran|grandmother|grandfather|brother|sister|aunt|uncle)s?\b"
)
_FAMILY = re.compile(r"(?:the )?[A-Z][^\W\d_]+ (?:family|children|siblings|twins|brothers|sisters|baby)", re.IGNORECASE)
_ADDRESS = re.compile(
    r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"
    r"|\b\d{1,4}[a-z]?,? (?:[\w'’]+ ){1,3}(?:road|rd|street|avenue|lane|drive|close|way|court|crescent|terrace|gardens|place|grove)\b",
    re.IGNORECASE,
)


@cache
def looks_like_agency(text: str) -> bool:
    """Whether a text has a word, or capitals, that names of agencies have and names of people do not."""
    words = _WORD.findall(text)
    if not words:
        return False
    plain = [word.strip(".").casefold().replace("'", "").replace("’", "") for word in words]
    if any(word in _OF_AGENCIES or word.removesuffix("s") in _OF_AGENCIES for word in plain):
        return True
    return (
        plain[0] in _FIRST_ONLY
        or " ".join(plain) in _KNOWN
        or any(len(word.strip(".")) > 1 and word.isupper() for word in words)
    )


@cache
def looks_like_name(text: str) -> bool:
    """Whether a text looks like the name of one person: `Ada Example`, `Example, Ada`, `J. Bell`, `Mrs Bell`."""
    if " " not in text:
        return False
    plain = " ".join(text.split())
    words = _WORD.findall(plain)
    if not 1 < len(words) < 5 or re.sub(r"[\s,]", "", plain) != "".join(words):
        return False
    if plain.casefold() in _KNOWN:
        return False
    if _is_given_and_more(words):
        return True
    if words[0].strip(".").casefold() in _TITLES:
        return not looks_like_agency(" ".join(words[1:])) or len(words) == 2
    return all(word[0].isupper() for word in words) and not looks_like_agency(plain)


def _is_given_and_more(words: Sequence[str]) -> bool:
    """Whether words are a given name that many have and no more than a name has, also in capitals or in small letters."""
    first, *others = [word.strip(".").casefold() for word in words]
    is_mixed = not all(word[0].isupper() for word in words)
    return (
        first in _GIVEN
        and not (is_mixed and first in _WORDS_TOO)
        and len(others) < 3
        and not any(word in _OF_AGENCIES or word.removesuffix("s") in _OF_AGENCIES for word in others)
    )


def is_given_name(text: str) -> bool:
    """Whether a text is nothing but a given name that many have."""
    return text.casefold() in _GIVEN


def is_family(text: str) -> bool:
    """Whether a text names a family, as in `Example family`."""
    return _FAMILY.fullmatch(text) is not None


@cache
def names_within(text: str) -> bool:
    """Whether somebody is named among other words: with a title, an initial or a given name that many have before a name, and no agency is called so."""
    found = [each.start("name") for pattern in (_TITLED, _INITIAL, _KIN, _KIN_OF) for each in pattern.finditer(text)]
    words = list(_WORD.finditer(text))
    for n, (one, other) in enumerate(pairwise(words)):
        is_saint = n > 0 and words[n - 1][0].strip(".").casefold() in ("st", "saint")
        if (
            one[0].casefold() in _GIVEN
            and one[0][0].isupper()
            and other[0][0].isupper()
            and text[one.end() : other.start()] == " "
            and not is_saint
        ):
            found.append(one.start())
    return any(not _is_called_so(text[start:]) for start in found)


def _is_called_so(text: str) -> bool:
    """Whether the words in capitals with which a text begins are the name of an agency, as in `Thomas Ferens Academy`."""
    part = re.split(r"[^\w'’&. -]|\s[–—-]\s", text)[0]
    called = list(takewhile(lambda word: word[0].isupper() or word in _SMALL | _OF_PLACES, _WORD.findall(part)))
    return (
        any(word.casefold().removesuffix("s") in _AGENCIES_ALONE for word in called)
        or " ".join(called).casefold() in _KNOWN
    )


@cache
def is_surely_name(text: str) -> bool:
    """Whether a text looks like a name and begins or ends with a given name that many have, or with a title."""
    words = [word.strip(".").casefold() for word in _WORD.findall(text)]
    return looks_like_name(text) and (words[0] in _TITLES or words[0] in _GIVEN or words[-1] in _GIVEN)


A_NAME = "the name of a person"


@cache
def personal_in(text: str, *, words_too: bool = True) -> str | None:
    """What a text seems to say of who a person is: `the name of a person`, `a date of birth`, `an address`; None where it does not.

    Without `words_too` a name has to be surely one: what a disagreement is about may be two words with capitals as well.
    """
    if text.casefold() in _KNOWN:
        return None
    if (looks_like_name(text) if words_too else is_surely_name(text)) or names_within(text):
        return A_NAME
    if _MAIL.search(text):
        return "an e-mail address"
    if _ADDRESS.search(text):
        return "an address"
    return "a date of birth" if _BORN.search(text) else None


@cache
def may_name_somebody(text: str) -> bool:
    """Whether any word of a text is a title, or a given name that many have, or it seems to tell a day or a place to find somebody by."""
    words = {word.strip(".").casefold() for word in _WORD.findall(text)}
    return not words.isdisjoint(_TITLES | _GIVEN) or bool(_ADDRESS.search(text))


@cache
def divided(text: str) -> tuple[str, str] | None:
    """An agency and the person who is named with it, `Jo Bell, Health` or `Police (PC Bell)`; None where the text is not clearly these two."""
    parts = [part.strip() for part in re.split(r"[,;(/\n]|\s[–—-]\s", text.rstrip(") ")) if part.strip()]
    people = [part for part in parts if looks_like_name(part)]
    agencies = [part for part in parts if looks_like_agency(part)]
    return (agencies[0], people[0]) if len(parts) == 2 and len(people) == len(agencies) == 1 else None


@cache
def names_somebody(text: str) -> bool:
    """Whether some part of a text looks like the name of a person."""
    return any(looks_like_name(part.strip()) for part in re.split(r"[,;()/\n]|\s[–—-]\s", text))
