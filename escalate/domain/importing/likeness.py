"""Whether a cell looks like the name of a person, a date of birth or an address: what must not stand in a column that lists and reports show.

This errs on the side of people: what only looks like a name is asked about, and --value says what it is.
"""

import re
from functools import cache


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
""")
_FIRST_ONLY = {"north", "south", "east", "west", "upper", "lower", "greater", "great", "little", "new", "royal", "saint", "st", "holy", "red", "blue"}  # fmt: skip
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
""")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_BORN = re.compile(
    r"\b(?:d\.?o\.?b\.?|date of birth|born)\b|\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d\d)\b|\b\d{4}-\d\d-\d\d\b",
    re.IGNORECASE,
)
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
    return plain[0] in _FIRST_ONLY or any(len(word) > 1 and word.isupper() for word in words)


@cache
def looks_like_name(text: str) -> bool:
    """Whether a text looks like the name of one person: `Ada Example`, `Example, Ada`, `J. Bell`, `Mrs Bell`."""
    if " " not in text:
        return False
    plain = " ".join(text.split())
    words = _WORD.findall(plain)
    if not 1 < len(words) < 5 or re.sub(r"[\s,]", "", plain) != "".join(words):
        return False
    if words[0].strip(".").casefold() in _TITLES:
        return not looks_like_agency(" ".join(words[1:])) or len(words) == 2
    return all(word[0].isupper() for word in words) and not looks_like_agency(plain)


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
    if looks_like_name(text) if words_too else is_surely_name(text):
        return A_NAME
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
    parts = [part.strip() for part in re.split(r"\s*[,;(/\n]\s*|\s+[–—-]\s+", text.rstrip(") ")) if part.strip()]
    people = [part for part in parts if looks_like_name(part)]
    agencies = [part for part in parts if looks_like_agency(part)]
    return (agencies[0], people[0]) if len(parts) == 2 and len(people) == len(agencies) == 1 else None


@cache
def names_somebody(text: str) -> bool:
    """Whether some part of a text looks like the name of a person."""
    return any(looks_like_name(part.strip()) for part in re.split(r"[,;()/\n]|\s[–—-]\s", text))
