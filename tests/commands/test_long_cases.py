"""A long case under each protocol, over Christmas and New Year, told as commands: what is shown on the way is kept and compared.

The files in `snapshots/` were read line by line, and each date in them worked out by hand from the protocol's own document.
Christmas Day 2026 is a Friday, Boxing Day is made up for on Monday 28 December, and New Year's Day is a Friday.
"""

import re
import shlex
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.driver import escalate
from tests.kept import same_as_kept

UNIT, NURSE = "business unit", "designated nurse"
LOOKING = ("show", "due", "log", "list", "explain")
IDENTITIES = ("A. Example", "B. Sample", "C. Specimen", "D. Placeholder", "@agency.example", "Street", "2014", "1944")
"""What no output may say unless --identify asks for it."""


class Turn(NamedTuple):
    """At a moment, as London's clock shows it, somebody gives a command; `columns` is how wide their terminal is."""

    when: str
    by: str
    line: str
    columns: int = 100


def pages(when: str, columns: int = 100) -> list[Turn]:
    """What the business unit looks at before a meeting."""
    return [Turn(when, UNIT, line, columns) for line in ("show 1", "due", "log 1")]


def played(story: list[Turn], path: Path) -> str:
    """Gives the commands one after the other, and returns what was looked at, each under the line that asked for it."""
    kept = []
    for turn in story:
        now = datetime.strptime(turn.when, "%a %d %b %Y %H:%M")
        assert f"{now:%a}" == turn.when[:3], f"{turn.when} is a {now:%A}"
        environment = {
            "ESCALATE_DB": str(path),
            "ESCALATE_NOW": now.isoformat(),
            "ESCALATE_BY": turn.by,
            "COLUMNS": str(turn.columns),
            "HOME": str(path.parent),
        }
        words = shlex.split(turn.line)
        ran = escalate(*words, environment=environment)
        told = ("A new file of cases begins here: ", "Open for the same person: E0001. ")
        echoes = [line for line in ran.stderr.splitlines() if not line.startswith(told)]
        said = [line for line in echoes if " was read as " not in line]
        assert (ran.status, said) == (0, []), f"{turn.when}: escalate {turn.line}: {ran.stderr}"
        if "--identify" not in words:
            assert not [each for each in IDENTITIES if each in ran.stdout], f"{turn.when}: escalate {turn.line}"
        if words[0] in LOOKING:
            wide = f", {turn.columns} columns" if turn.columns != 100 else ""
            shown = re.sub(r"\(holidays [\d.]+\)", "(holidays ...)", ran.stdout)  # its version is not ours
            echoed = "".join(f"{line}\n" for line in echoes)
            kept.append(f"$ escalate {turn.line}   ({turn.when}{wide})\n{echoed}{shown}")
    return "\n".join(kept)


# Concern on Thursday 17 December: working day 1 is the 18th, 3 the 22nd, 8 the 31st, 13 is 8 January and 20 is 19 January.
HEREFORDSHIRE = [
    # Children's services mean to step a child down. A named nurse does not think that safe, and raises it the day after.
    Turn("Fri 18 Dec 2026 10:00", NURSE, 'open herefordshire --subject M-40213 --from "Wye Valley NHS Trust" --to "Children\'s Services" --about "Step-down to child in need is not safe" --concern "17 Dec 2026 15:30" --fact childrens-services=yes'),
    # What it is about, who else is concerned, and what is wanted.
    Turn("Fri 18 Dec 2026 10:20", NURSE, "set 1 theme=step-up-step-down theme=lived-experience involved='West Mercia Police' involved='Meadow Primary School' desired-outcome='The plan stays in place until the next review' level-current='Child in need' level-perceived='Child protection plan'"),
    # Who the child is: kept apart, and shown only to whoever asks.
    Turn("Fri 18 Dec 2026 10:30", NURSE, "set 1 name='C. Specimen' born='3 May 2014' address='1 Example Street'"),
    # Who holds the two sides, while practitioners talk to each other.
    Turn("Fri 18 Dec 2026 10:40", NURSE, "assign 1 raising 'A. Example' --role 'Named nurse' --email a@agency.example"),
    Turn("Fri 18 Dec 2026 10:45", NURSE, "assign 1 receiving 'B. Sample' --role 'Social worker' --email b@agency.example"),
    # They do not agree; on Monday it goes to the line managers.
    Turn("Mon 21 Dec 2026 09:30", NURSE, "advance 1"),
    # The child is on a plan, so the reviewing officer has to know.
    Turn("Mon 21 Dec 2026 10:00", UNIT, "set 1 protection-plan=yes"),
    # The other manager promises an answer by noon on Tuesday, before the third working day ends.
    Turn("Mon 21 Dec 2026 11:00", NURSE, "agree 1 'Tue 22 Dec 12:00' --reason 'Answer promised by telephone'"),
    Turn("Mon 21 Dec 2026 15:00", UNIT, "show 1"),
    Turn("Mon 21 Dec 2026 15:00", UNIT, "due"),
    # Noon passes without an answer, which is a ground for going up; it is written down an hour and a half later.
    Turn("Tue 22 Dec 2026 14:00", NURSE, "advance 1 --because no-response --at 'today 12:30' --reason 'No answer by noon'"),
    # The reviewing officer was told that afternoon; it is written down on the next day.
    Turn("Wed 23 Dec 2026 16:00", NURSE, "done 1 iro-notified --at 'yesterday 16:45'"),
    # The form was thought to have gone, but it is still a draft.
    Turn("Wed 23 Dec 2026 16:10", UNIT, "done 1 template-sent"),
    Turn("Wed 23 Dec 2026 16:30", UNIT, "undo 1 --reason 'It is still a draft'"),
    # On Christmas Eve the child is thought to be at immediate risk.
    Turn("Thu 24 Dec 2026 11:00", NURSE, "set 1 immediate-risk=yes"),
    # Nobody writes anything down over Christmas. On the bank holiday the duty desk looks.
    *pages("Mon 28 Dec 2026 10:00"),
    Turn("Mon 28 Dec 2026 10:10", UNIT, "explain 1"),
    # The referral had been made in time, on Christmas Eve; the risk is over.
    Turn("Tue 29 Dec 2026 09:30", NURSE, "done 1 safeguarding-referral --at '24 Dec 2026 15:20' --note 'By telephone to the front door'"),
    Turn("Tue 29 Dec 2026 09:40", NURSE, "set 1 immediate-risk=no"),
    # Now the form does go, and the reviewing officer had in truth been told an hour earlier.
    Turn("Tue 29 Dec 2026 10:00", UNIT, "done 1 template-sent"),
    Turn("Tue 29 Dec 2026 10:10", UNIT, "undo 1 --entry 10 --at '22 Dec 2026 15:45' --reason 'The e-mail says 15:45'"),
    # Somebody who works with the child is said to have harmed another: 24 hours to refer that, over New Year's Eve.
    Turn("Wed 30 Dec 2026 15:00", NURSE, "set 1 allegation=yes"),
    *pages("Thu 31 Dec 2026 16:00", columns=160),
    # The eighth working day went by on New Year's Eve. The board's chair is asked at once, past the executive leaders.
    Turn("Mon 04 Jan 2027 09:15", NURSE, "advance 1 --to 4 --because urgent --reason 'No time left for stage 3'"),
    # The officer was told of the allegation an hour and a half late.
    Turn("Mon 04 Jan 2027 09:30", NURSE, "done 1 lado-referral --at '31 Dec 2026 16:30'"),
    # The service director had been told before that.
    Turn("Mon 04 Jan 2027 10:00", UNIT, "done 1 service-director-told --at '31 Dec 2026 12:00'"),
    # The board can meet on the 14th, before the twentieth working day; somebody else speaks for the council there.
    Turn("Mon 04 Jan 2027 11:00", UNIT, "agree 1 'Thu 14 Jan 2027 14:00' --reason 'The date of the meeting'"),
    Turn("Mon 04 Jan 2027 11:05", UNIT, "assign 1 receiving 'D. Placeholder' --role 'Director' --email d@agency.example"),
    Turn("Mon 04 Jan 2027 11:10", UNIT, "show 1"),
    # What was known on the bank holiday can still be shown.
    Turn("Mon 04 Jan 2027 11:20", UNIT, "due --as-of '28 Dec 2026 10:00'"),
    Turn("Mon 04 Jan 2027 11:30", UNIT, "show 1 --as-of '22 Dec 2026 15:00'"),
    # The meeting is held, and settles it.
    Turn("Thu 14 Jan 2027 13:30", UNIT, "resolve 1 --how 'The plan stays; both agencies visit together' --lessons 'Agree who tells the reviewing officer' --at 'today 12:10'"),
    Turn("Thu 14 Jan 2027 16:00", UNIT, "done 1 template-updated"),
    Turn("Fri 15 Jan 2027 09:00", UNIT, "due"),
    # But the joint visit does not take place, and it is taken up again.
    Turn("Mon 18 Jan 2027 10:00", NURSE, "reopen 1 --reason 'The joint visit did not take place'"),
    Turn("Tue 19 Jan 2027 16:00", UNIT, "show 1"),
    Turn("Tue 19 Jan 2027 16:00", UNIT, "due"),
    # A day after the twentieth working day it is settled for good.
    Turn("Wed 20 Jan 2027 11:00", UNIT, "resolve 1 --how 'The visit took place; the plan stays until June'"),
    Turn("Wed 20 Jan 2027 11:30", UNIT, "done 1 section-c"),
    Turn("Thu 21 Jan 2027 09:00", UNIT, "done 1 outcome-shared"),
    *pages("Thu 21 Jan 2027 10:00"),
    Turn("Thu 21 Jan 2027 10:10", UNIT, "show 1 --identify"),
]  # fmt: skip

# Raised on Monday 14 December: the 22nd working day is 18 January.
HULL = [
    # A conference chair takes a child off a plan. The school dissents, and raises it on the next working day.
    Turn("Mon 14 Dec 2026 09:00", NURSE, "open hull-east-riding --route child-protection-plan --subject H-2207 --from 'Example Academy' --to 'Hull City Council' --about 'The plan was ended against the view of the school' --concern '11 Dec 2026 14:00' --fact aged-16=no"),
    Turn("Mon 14 Dec 2026 09:10", NURSE, "set 1 name='C. Specimen' born='3 May 2014' theme=plan theme=drift involved='Humber Teaching NHS Foundation Trust' desired-outcome='The conference meets again'"),
    Turn("Mon 14 Dec 2026 09:20", NURSE, "assign 1 raising 'A. Example' --role 'Designated safeguarding lead' --email a@agency.example"),
    Turn("Mon 14 Dec 2026 09:25", NURSE, "assign 1 receiving 'B. Sample' --role 'Conference chair' --email b@agency.example"),
    # There is no time for this in the document, so they agree one.
    Turn("Mon 14 Dec 2026 10:00", NURSE, "agree 1 'Wed 16 Dec' --reason 'Before the school closes'"),
    Turn("Mon 14 Dec 2026 10:10", UNIT, "show 1"),
    # It is about the core group as well, so the chair has to be copied in.
    Turn("Wed 16 Dec 2026 11:00", UNIT, "set 1 core-group=yes"),
    # A day late it goes to quality assurance, which cannot help: the main ladder it is.
    Turn("Thu 17 Dec 2026 12:00", NURSE, "advance 1"),
    Turn("Mon 21 Dec 2026 10:00", NURSE, "advance 1 --reason 'No further action, says quality assurance'"),
    Turn("Mon 21 Dec 2026 15:00", NURSE, "done 1 discussion"),
    Turn("Tue 22 Dec 2026 09:30", NURSE, "advance 1"),
    # The line manager answers three quarters of an hour after the 24 hours, and does not agree.
    Turn("Wed 23 Dec 2026 11:00", NURSE, "done 1 response --at 'today 10:15'"),
    Turn("Wed 23 Dec 2026 11:00", NURSE, "advance 1"),
    # They would like until 8 January, but the five working days end on the 4th, and that stands.
    Turn("Wed 23 Dec 2026 12:00", UNIT, "agree 1 'Fri 8 Jan 2027' --reason 'Leave over Christmas'"),
    Turn("Wed 23 Dec 2026 12:10", UNIT, "assign 1 receiving 'D. Placeholder' --role 'Group manager' --email d@agency.example"),
    Turn("Wed 23 Dec 2026 12:15", UNIT, "assign 1 'Humber Teaching NHS Foundation Trust' --role 'Named nurse'"),
    # The written escalation was due at eleven on Christmas Eve.
    Turn("Thu 24 Dec 2026 12:00", UNIT, "due"),
    Turn("Tue 29 Dec 2026 10:00", NURSE, "done 1 written-escalation --at '24 Dec 2026 16:30' --note 'Sent from the train'"),
    *pages("Tue 29 Dec 2026 10:30"),
    Turn("Tue 29 Dec 2026 10:40", UNIT, "explain 1 written-escalation"),
    Turn("Tue 29 Dec 2026 10:40", UNIT, "explain 1"),
    # The chair had been copied in, but in another case; that is taken back.
    Turn("Wed 30 Dec 2026 09:00", UNIT, "done 1 chair-copied"),
    Turn("Wed 30 Dec 2026 09:20", UNIT, "undo 1 --reason 'That was another case'"),
    # On the Saturday after New Year somebody sees bruises.
    Turn("Sat 02 Jan 2027 19:30", NURSE, "set 1 at-risk=yes severity=high --at 'today 18:40'"),
    Turn("Sat 02 Jan 2027 19:35", UNIT, "due"),
    Turn("Sat 02 Jan 2027 20:00", NURSE, "done 1 lead-told"),
    # Stage 3 ends without an agreement; the heads of service are asked.
    Turn("Mon 04 Jan 2027 16:00", NURSE, "advance 1"),
    Turn("Tue 05 Jan 2027 17:30", UNIT, "due"),
    # They say nothing within 48 hours: the next stage is passed over, and the partnership has it.
    Turn("Wed 06 Jan 2027 17:00", NURSE, "advance 1 --to 6 --because no-response --reason 'Directors are on leave'"),
    Turn("Wed 06 Jan 2027 17:10", NURSE, "set 1 immediate-risk=yes"),
    *pages("Thu 07 Jan 2027 09:30", columns=160),
    # The danger had been known five minutes sooner. Police and lead were told at once, and it is written down the next day.
    Turn("Thu 07 Jan 2027 10:00", NURSE, "undo 1 --entry 23 --at '6 Jan 2027 17:05' --reason 'Known at the end of the call'"),
    Turn("Thu 07 Jan 2027 10:05", NURSE, "done 1 police-and-safeguarding --at '6 Jan 2027 17:25'"),
    Turn("Thu 07 Jan 2027 10:06", NURSE, "done 1 lead-told --at '6 Jan 2027 17:30'"),
    Turn("Fri 08 Jan 2027 16:00", UNIT, "done 1 form-sent --note 'To the partnership manager and the chair'"),
    # The partners cannot agree either. The risk is high, so the panel has three days, and a weekend in them.
    Turn("Fri 08 Jan 2027 16:30", UNIT, "advance 1"),
    Turn("Fri 08 Jan 2027 16:40", UNIT, "show 1"),
    Turn("Mon 11 Jan 2027 16:30", UNIT, "done 1 panel --at 'today 14:00'"),
    Turn("Mon 11 Jan 2027 17:00", UNIT, "resolve 1 --how 'The conference meets again on 25 January' --lessons 'Dissent belongs in the minutes'"),
    Turn("Mon 11 Jan 2027 17:10", UNIT, "due"),
    # One agency takes its word back; two days later it has given it again.
    Turn("Wed 13 Jan 2027 09:00", NURSE, "reopen 1 --reason 'The council withdrew its agreement'"),
    Turn("Wed 13 Jan 2027 09:30", UNIT, "show 1"),
    Turn("Fri 15 Jan 2027 12:00", UNIT, "resolve 1 --how 'The conference meets again on 22 January'"),
    # The chair's recommendation comes a day after the five working days.
    Turn("Tue 19 Jan 2027 11:00", UNIT, "due"),
    Turn("Wed 20 Jan 2027 09:00", UNIT, "done 1 recommendation --at 'yesterday 16:00'"),
    Turn("Wed 20 Jan 2027 09:05", UNIT, "done 1 chair-copied --stage dissent --at '15 Jan 2027 12:30'"),
    Turn("Wed 20 Jan 2027 09:10", UNIT, "done 1 outcome-shared"),
    *pages("Wed 20 Jan 2027 10:00"),
    Turn("Wed 20 Jan 2027 10:10", UNIT, "log 1 --identify"),
    # What a reader on Christmas Eve had before them.
    Turn("Wed 20 Jan 2027 10:20", UNIT, "show 1 --as-of '24 Dec 2026 12:00'"),
]  # fmt: skip

# Opened on Monday 21 December in the afternoon: one working day is the 22nd, two are the 23rd.
LINCOLNSHIRE = [
    # A hospital and the county council do not agree where an adult should live.
    Turn("Mon 21 Dec 2026 14:00", NURSE, "open lincolnshire --subject L-871 --from 'Example Hospitals NHS Trust' --to 'Lincolnshire County Council' --about 'Discharge to a home that cannot meet the need' --fact population=adult --fact care-setting=yes"),
    Turn("Mon 21 Dec 2026 14:10", NURSE, "set 1 name='C. Specimen' born='2 Feb 1944' address='1 Example Street' theme=care-setting theme='Weekend discharges' involved='Lincolnshire Police' level-current='Residential care' level-perceived='Nursing care'"),
    Turn("Mon 21 Dec 2026 14:20", NURSE, "assign 1 raising 'A. Example' --role 'Ward sister' --email a@agency.example"),
    Turn("Mon 21 Dec 2026 14:25", NURSE, "assign 1 receiving 'B. Sample' --role 'Social worker' --email b@agency.example"),
    # They were to talk at once, but did so the next morning; the two working days for a plan run from then.
    Turn("Mon 21 Dec 2026 16:30", UNIT, "show 1"),
    Turn("Tue 22 Dec 2026 10:00", NURSE, "done 1 discussion --at 'today 09:15'"),
    # They would rather have until the 29th. The protocol's limit on Christmas Eve stands.
    Turn("Tue 22 Dec 2026 10:30", NURSE, "agree 1 'Tue 29 Dec 12:00' --reason 'The social worker is on leave until then'"),
    Turn("Tue 22 Dec 2026 11:00", UNIT, "due"),
    *pages("Mon 28 Dec 2026 11:00"),
    Turn("Mon 28 Dec 2026 11:10", UNIT, "explain 1"),
    # No plan on the 29th either: up to the managers.
    Turn("Tue 29 Dec 2026 14:00", NURSE, "advance 1 --at 'today 13:15'"),
    Turn("Tue 29 Dec 2026 14:05", UNIT, "set 1 section-117=yes"),
    Turn("Tue 29 Dec 2026 14:10", UNIT, "assign 1 receiving 'D. Placeholder' --role 'Team manager' --email d@agency.example"),
    # On New Year's Eve the family is thought to have found a place, and the case is dropped.
    Turn("Thu 31 Dec 2026 12:00", NURSE, "withdraw 1 --reason 'The family has found a place'"),
    Turn("Thu 31 Dec 2026 12:10", UNIT, "show 1"),
    Turn("Thu 31 Dec 2026 12:10", UNIT, "due"),
    # It was not so.
    Turn("Mon 04 Jan 2027 09:00", NURSE, "reopen 1 --reason 'The place fell through'"),
    *pages("Mon 04 Jan 2027 09:30", columns=160),
    # The other manager does not answer in five working days. Stage 3 is passed over.
    Turn("Thu 07 Jan 2027 10:00", NURSE, "advance 1 --to 4a --because no-response --reason 'No answer, and discharge is on Tuesday'"),
    Turn("Thu 07 Jan 2027 10:10", UNIT, "show 1"),
    # A date is set, one working day too late: that was due on Friday.
    Turn("Mon 11 Jan 2027 10:00", UNIT, "due"),
    Turn("Mon 11 Jan 2027 12:00", UNIT, "done 1 meeting-date --at 'today 11:00' --note 'Wednesday 13 January 14:00'"),
    Turn("Mon 11 Jan 2027 12:10", UNIT, "agree 1 'Wed 13 Jan 2027 14:00' --action meeting"),
    Turn("Mon 11 Jan 2027 12:20", UNIT, "show 1"),
    # The wrong button, and the right one.
    Turn("Wed 13 Jan 2027 16:00", UNIT, "resolve 1"),
    Turn("Wed 13 Jan 2027 16:01", UNIT, "undo 1 --reason 'The meeting comes first'"),
    Turn("Wed 13 Jan 2027 16:02", UNIT, "done 1 meeting --at 'today 14:30'"),
    Turn("Wed 13 Jan 2027 16:03", UNIT, "resolve 1 --how 'Nursing care, reviewed in March' --lessons 'Discharges before a holiday need a manager'"),
    Turn("Wed 13 Jan 2027 16:10", UNIT, "due"),
    # The home refuses, and it is all open again for a day.
    Turn("Fri 15 Jan 2027 15:00", NURSE, "reopen 1 --reason 'The home refused'"),
    Turn("Fri 15 Jan 2027 15:10", UNIT, "undo 1 --entry 17 --at '13 Jan 2027 14:00' --reason 'The minutes say two'"),
    Turn("Fri 15 Jan 2027 15:20", UNIT, "show 1"),
    Turn("Mon 18 Jan 2027 11:00", UNIT, "resolve 1 --how 'Another home took the person in'"),
    Turn("Mon 18 Jan 2027 11:30", UNIT, "done 1 outcome-shared"),
    *pages("Mon 18 Jan 2027 12:00"),
    Turn("Mon 18 Jan 2027 12:10", UNIT, "show 1 --identify"),
    Turn("Mon 18 Jan 2027 12:20", UNIT, "due --as-of '7 Jan 2027 09:00'"),
]  # fmt: skip

# Decided on Wednesday 16 December: working day 10 is 4 January. Raised on Friday the 18th: working day 13 is 11 January.
NORTH_YORKSHIRE = [
    # Social care refuse a conference. The health visitors' team raises it two days later.
    Turn("Fri 18 Dec 2026 15:00", NURSE, "open north-yorkshire --subject NY-33 --from 'Example Health Trust' --to 'North Yorkshire Council' --about 'A conference was refused' --concern '16 Dec 2026 11:00'"),
    Turn("Fri 18 Dec 2026 15:10", NURSE, "set 1 name='C. Specimen' born='3 May 2014' theme=conference theme=thresholds involved='North Yorkshire Police' desired-outcome='A conference before the end of January'"),
    Turn("Fri 18 Dec 2026 15:20", NURSE, "assign 1 raising 'A. Example' --role 'Health visitor' --email a@agency.example"),
    Turn("Fri 18 Dec 2026 15:25", NURSE, "assign 1 receiving 'B. Sample' --role 'Social worker' --email b@agency.example"),
    # The 24 hours at which it should be settled end on a Saturday, the 96 on Tuesday.
    Turn("Mon 21 Dec 2026 10:00", UNIT, "show 1"),
    Turn("Mon 21 Dec 2026 10:00", UNIT, "due"),
    # On Monday they give up; the line manager is to be asked at once, but that takes until Tuesday.
    Turn("Mon 21 Dec 2026 11:00", NURSE, "advance 1"),
    Turn("Tue 22 Dec 2026 10:30", NURSE, "advance 1 --at 'today 10:00'"),
    # The two leads agree a day that keeps the child safe, before the ten working days are up.
    Turn("Tue 22 Dec 2026 11:00", NURSE, "agree 1 'Wed 30 Dec 16:00' --reason 'Contact with the father is on the 31st'"),
    Turn("Tue 22 Dec 2026 11:10", UNIT, "assign 1 raising 'D. Placeholder' --role 'Named nurse' --email d@agency.example"),
    # On the Sunday after Christmas the child is in danger.
    Turn("Sun 27 Dec 2026 21:00", NURSE, "set 1 immediate-risk=yes --at 'today 20:00'"),
    *pages("Sun 27 Dec 2026 21:10"),
    Turn("Sun 27 Dec 2026 21:15", UNIT, "explain 1"),
    # The police and social care are called within the hour, the lead only in the morning.
    Turn("Sun 27 Dec 2026 21:30", NURSE, "done 1 police-and-social-care --at 'today 20:45'"),
    Turn("Mon 28 Dec 2026 09:00", NURSE, "done 1 lead-told"),
    Turn("Mon 28 Dec 2026 09:05", NURSE, "note 1 'The child is with an aunt until the 31st'"),
    Turn("Mon 28 Dec 2026 10:00", UNIT, "due"),
    # The call had come an hour earlier.
    Turn("Tue 29 Dec 2026 10:00", UNIT, "undo 1 --entry 9 --at '27 Dec 2026 19:00' --reason 'The call came at seven'"),
    Turn("Tue 29 Dec 2026 10:10", UNIT, "set 1 immediate-risk=no"),
    # The agreed hour passes in silence. One stage is left out: the chair is to be asked.
    Turn("Wed 30 Dec 2026 17:00", NURSE, "advance 1 --to 5 --because no-response"),
    Turn("Wed 30 Dec 2026 17:10", UNIT, "due"),
    *pages("Thu 31 Dec 2026 16:00", columns=160),
    # The business manager is back on Monday, one working day late.
    Turn("Mon 04 Jan 2027 10:45", NURSE, "done 1 chair-referral --at 'today 10:30'"),
    Turn("Mon 04 Jan 2027 10:50", UNIT, "show 1"),
    Turn("Mon 04 Jan 2027 11:00", NURSE, "advance 1"),
    # The panel is called a day late. It has 48 hours, over a weekend.
    Turn("Thu 07 Jan 2027 16:00", UNIT, "due"),
    Turn("Fri 08 Jan 2027 12:00", UNIT, "done 1 panel-convened --at 'today 09:00'"),
    Turn("Fri 08 Jan 2027 12:05", UNIT, "advance 1"),
    Turn("Fri 08 Jan 2027 15:00", UNIT, "show 1"),
    Turn("Fri 08 Jan 2027 16:45", UNIT, "done 1 recommendation"),
    Turn("Fri 08 Jan 2027 16:50", UNIT, "due"),
    Turn("Fri 08 Jan 2027 16:55", UNIT, "resolve 1 --how 'A conference on 20 January' --lessons 'Say who reads the inbox over Christmas'"),
    # The conference is called off, and called again.
    Turn("Tue 12 Jan 2027 09:00", NURSE, "reopen 1 --reason 'The conference was called off'"),
    Turn("Tue 12 Jan 2027 09:30", UNIT, "show 1"),
    Turn("Tue 12 Jan 2027 09:30", UNIT, "due"),
    Turn("Thu 14 Jan 2027 12:00", UNIT, "resolve 1 --how 'The conference is on 20 January after all'"),
    Turn("Thu 14 Jan 2027 12:10", UNIT, "done 1 outcome-shared"),
    Turn("Thu 14 Jan 2027 12:15", UNIT, "undo 1"),
    *pages("Thu 14 Jan 2027 12:30"),
    Turn("Thu 14 Jan 2027 12:40", UNIT, "due --identify"),
    Turn("Thu 14 Jan 2027 12:50", UNIT, "due --as-of '30 Dec 2026 16:30'"),
]  # fmt: skip

# The conference was divided on Thursday 10 December: working day 15 is 5 January.
NORTH_EAST_LINCOLNSHIRE = [
    # Half of the conference wants a plan. It is adjourned; somebody first writes down the wrong day.
    Turn("Fri 11 Dec 2026 10:00", UNIT, "open north-east-lincolnshire --route conference-divided --subject NEL-508 --from 'Example Academy' --to 'Council' --about 'Whether the child needs a plan' --concern '9 Dec 2026'"),
    Turn("Fri 11 Dec 2026 10:30", UNIT, "set 1 concern='10 Dec 2026 15:00' theme=thresholds involved='Humberside Police' desired-outcome='A plan' name='C. Specimen' born='3 May 2014'"),
    Turn("Fri 11 Dec 2026 11:00", UNIT, "assign 1 raising 'A. Example' --role 'Designated safeguarding lead' --email a@agency.example"),
    Turn("Fri 11 Dec 2026 11:05", UNIT, "assign 1 receiving 'B. Sample' --role 'Conference chair' --email b@agency.example"),
    Turn("Fri 11 Dec 2026 11:10", UNIT, "show 1"),
    # The conference is to meet again on the 29th, a week before the fifteen working days are up.
    Turn("Mon 14 Dec 2026 09:00", UNIT, "agree 1 'Tue 29 Dec 10:00'"),
    # Before Christmas a second disagreement about the same child begins with the senior managers, by telephone.
    Turn("Tue 22 Dec 2026 16:30", NURSE, "open north-east-lincolnshire --route individual --stage C --because urgent --subject NEL-508 --from 'Example Health Trust' --to 'Council' --about 'Nobody visits over Christmas'"),
    Turn("Tue 22 Dec 2026 16:40", NURSE, "agree 2 'Thu 24 Dec 12:00'"),
    # In the evening of the 23rd somebody thinks the child is at risk of significant harm.
    Turn("Wed 23 Dec 2026 18:00", NURSE, "set 1 significant-harm=yes"),
    Turn("Wed 23 Dec 2026 18:10", UNIT, "due"),
    *pages("Mon 28 Dec 2026 10:00"),
    Turn("Mon 28 Dec 2026 10:05", UNIT, "show 2"),
    Turn("Mon 28 Dec 2026 10:10", UNIT, "due --identify"),
    # It had been passed on the next morning, a day late.
    Turn("Tue 29 Dec 2026 09:00", NURSE, "done 1 safeguarding-procedure --at '24 Dec 2026 09:40'"),
    # The second case goes into the first.
    Turn("Tue 29 Dec 2026 09:10", UNIT, "withdraw 2 --reason 'Taken into E0001'"),
    # Nobody comes on the 29th. The 8th is agreed instead, but the limit stays where it is.
    Turn("Tue 29 Dec 2026 11:00", UNIT, "agree 1 'Fri 8 Jan 2027 10:00' --reason 'Nobody came'"),
    *pages("Thu 31 Dec 2026 10:00", columns=160),
    Turn("Thu 31 Dec 2026 10:10", UNIT, "explain 1"),
    Turn("Wed 06 Jan 2027 09:00", UNIT, "due"),
    # It meets on the 8th and is divided as before.
    Turn("Mon 11 Jan 2027 09:00", UNIT, "done 1 reconvened --at '8 Jan 2027 10:30'"),
    Turn("Mon 11 Jan 2027 09:05", UNIT, "undo 1 --entry 9 --at '8 Jan 2027 10:00' --reason 'It began on time'"),
    Turn("Mon 11 Jan 2027 09:10", UNIT, "due"),
    Turn("Mon 11 Jan 2027 09:15", UNIT, "advance 1"),
    Turn("Mon 11 Jan 2027 09:20", UNIT, "show 1"),
    Turn("Mon 11 Jan 2027 10:00", UNIT, "agree 1 'Thu 14 Jan 12:00'"),
    Turn("Mon 11 Jan 2027 10:05", UNIT, "assign 1 receiving 'D. Placeholder' --role 'Deputy service director' --email d@agency.example"),
    # No word by the 14th; the safeguarding partners are asked, without a review.
    Turn("Thu 14 Jan 2027 16:00", NURSE, "advance 1 --to C --because no-response --at 'today 14:00'"),
    Turn("Fri 15 Jan 2027 09:00", UNIT, "show 1"),
    Turn("Fri 22 Jan 2027 15:00", UNIT, "resolve 1 --how 'A plan for six months' --lessons 'Adjourn to a day that suits all'"),
    Turn("Fri 22 Jan 2027 15:05", UNIT, "done 1 outcome-shared"),
    Turn("Fri 22 Jan 2027 15:06", UNIT, "undo 1 --reason 'The school has not had it'"),
    # A partner asks for mediation after all, which leaves it at that.
    Turn("Mon 25 Jan 2027 10:00", UNIT, "reopen 1 --reason 'Mediation was asked for'"),
    Turn("Mon 25 Jan 2027 10:05", UNIT, "show 1"),
    Turn("Tue 26 Jan 2027 16:00", UNIT, "resolve 1 --how 'A plan for three months'"),
    Turn("Wed 27 Jan 2027 09:00", UNIT, "done 1 outcome-shared"),
    *pages("Wed 27 Jan 2027 10:00"),
    Turn("Wed 27 Jan 2027 10:05", UNIT, "list"),
    Turn("Wed 27 Jan 2027 10:10", UNIT, "log 1 --identify"),
    Turn("Wed 27 Jan 2027 10:20", UNIT, "show 1 --as-of '29 Dec 2026 10:30'"),
]  # fmt: skip

STORIES = {
    "herefordshire": HEREFORDSHIRE,
    "hull-east-riding": HULL,
    "lincolnshire": LINCOLNSHIRE,
    "north-east-lincolnshire": NORTH_EAST_LINCOLNSHIRE,
    "north-yorkshire": NORTH_YORKSHIRE,
}


@pytest.mark.slow
@pytest.mark.parametrize(("protocol", "story"), STORIES.items(), ids=STORIES.keys())
def test_a_long_case_is_shown_as_it_was_when_it_was_last_read(protocol: str, story: list[Turn], tmp_path: Path) -> None:
    same_as_kept(f"{protocol}.txt", played(story, tmp_path / "cases.db"))
