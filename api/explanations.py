"""What each kind of problem means, in words that a clerk or a programmer can act on."""

from __future__ import annotations

from typing import NamedTuple

NEVER = "Not as it is: change the request."
LATER = "Not as it is; it may be right after another change is recorded."
READ_AGAIN = "Read the subject again, decide again, then send the command with the new version."
SOON = "Yes, the same request, after the seconds in Retry-After."


class Explanation(NamedTuple):
    meaning: str
    example: str
    retry: str


EXPLANATIONS: dict[str, Explanation] = {
    "register-error": Explanation(
        "The register could not do this, for a reason that has no kind of its own.",
        "A fault that no other type describes.",
        "Only when the detail says so.",
    ),
    "not-found": Explanation(
        "Nothing of that id, code or position was known at the point that was asked about.",
        "GET /v1/units/{id} for a day before the unit was founded.",
        "Not at this point; another valid_at or known_at may find it.",
    ),
    "invalid-value": Explanation(
        "A value is malformed in itself, whatever the register holds; `field` names it.",
        'A basis with the number "Số 12": no form of the Party or of the State.',
        NEVER,
    ),
    "rule-broken": Explanation(
        "The wish is well formed, and a rule of the field forbids it; `rule` and `document` say "
        "which.",
        "Letting end what has ended already.",
        LATER,
    ),
    "not-active": Explanation(
        "What the change is about does not exist on its day of effect.",
        "Renaming a ward from the day after it was merged.",
        LATER,
    ),
    "already-exists": Explanation(
        "The id that was given belongs to something with other facts.",
        "Founding a unit with the id of another.",
        "With another id, or without one.",
    ),
    "later-facts": Explanation(
        "Facts of later days are on record that would hang in the air; `positions` names them.",
        "Ending a unit on a day before a renaming that is scheduled.",
        "After those were voided.",
    ),
    "cannot-void": Explanation(
        "The position that was named is no event of this subject, is voided already, or is of "
        "another kind than the correction.",
        "Voiding the same event twice.",
        NEVER,
    ),
    "kind-not-allowed": Explanation(
        "The rule book of the day of effect does not know this kind or type; `allowed` lists "
        "those it knows.",
        "Founding a district on 1 July 2025.",
        NEVER,
    ),
    "superior-not-allowed": Explanation(
        "The rules of that day do not let it stand under that superior.",
        "A cell directly under a province.",
        NEVER,
    ),
    "superior-not-active": Explanation(
        "The superior does not exist on some day on which it would stand under it (INV-ORG-3).",
        "Putting a commune under a province that has been merged.",
        LATER,
    ),
    "circular": Explanation(
        "It would come to stand under itself on some day (INV-ORG-3).",
        "Putting an organisation under its own subordinate.",
        NEVER,
    ),
    "subordinates-left": Explanation(
        "Somebody would still stand under it on a day on which it is no more (INV-ORG-1).",
        "Ending a district before its communes were put under another superior.",
        "After the subordinates ended or were re-subordinated.",
    ),
    "members-left": Explanation(
        "Members would still belong to a cell on a day on which it is no more (INV-ORG-1).",
        "Ending a cell before its members were moved to another one.",
        "After the members were moved, or with them: `/v1/memberships/mergers`.",
    ),
    "already-member": Explanation(
        "The person has another membership on one of those days (INV-MEM-1).",
        "Admitting somebody who was transferred from another province.",
        LATER,
    ),
    "posts-left": Explanation(
        "Somebody who is no longer a member would hold posts (INV-MEM-6).",
        "Voiding the end of a post of somebody who was expelled.",
        NEVER,
    ),
    "name-taken": Explanation(
        "A sibling bears the same name on one of those days (INV-ORG-6).",
        "Two wards of one name in one province.",
        LATER,
    ),
    "code-taken": Explanation(
        "Another one bears that code of that scheme on one of those days (INV-ORG-6).",
        "Giving a commune the code of another that lives.",
        LATER,
    ),
    "not-competent": Explanation(
        "The body that decided has no power over this on that day (INV-ORG-5).",
        "A province deciding on the end of a province.",
        "With the authority that did decide.",
    ),
    "successor-not-active": Explanation(
        "Who takes over does not exist on the day of the hand-over (INV-ORG-2).",
        "A merger into a unit that is founded a day later.",
        LATER,
    ),
    "post-not-allowed": Explanation(
        "The rule book of the day of effect does not know this body or post, or not in "
        "organisations of this kind.",
        "An inspection committee in a cell.",
        NEVER,
    ),
    "post-not-held": Explanation(
        "The person does not hold the post on that day, or not in the state that the change "
        "presupposes.",
        "Relieving a secretary who was relieved before.",
        LATER,
    ),
    "seats-taken": Explanation(
        "More people would come to hold a post than the seat plan or the rules allow (INV-POST-1), "
        "or one person the same post twice (INV-POST-8).",
        "A second secretary beside one who was not relieved.",
        "After a seat is free, or with a seat plan whose document allows a surplus.",
    ),
    "not-eligible": Explanation(
        "The person lacks what the post presupposes (INV-POST-2, INV-POST-3), or holds one that "
        "does not go with it (INV-POST-8).",
        "A secretary who is no member of the committee.",
        "Together with the post that is presupposed, in one command or after it.",
    ),
    "outside-term": Explanation(
        "A post would be held before or after its term, or while its organisation does not exist "
        "(INV-POST-4, INV-POST-6).",
        "Electing a secretary before the term was started.",
        LATER,
    ),
    "second-person-needed": Explanation(
        "Whoever drew it up does not approve it; `rule` says which rule wants two persons.",
        "Approving a dossier with the token that drew it up.",
        "With the token of another person.",
    ),
    "wrong-state": Explanation(
        "In its present state this cannot be done with it; `state` is the one it is in.",
        "Carrying out a dossier that nobody has approved.",
        LATER,
    ),
    "not-checked-so": Explanation(
        "The outcome is not the one that was checked or approved; `digest` is that of what it "
        "would come to.",
        "Approving the digest of a rehearsal after the dossier was drawn up anew.",
        "After it was read, checked and approved as it is now.",
    ),
    "moved": Explanation(
        "Others changed what the check relied on; `moved` names the events since then.",
        "A commune was renamed between the check of a dossier and its carrying out.",
        "After another check; the approval stands if it comes to the same outcome.",
    ),
    "dossier-refused": Explanation(
        "The dossier does not pass its check; `findings` has everything that is wrong, with table, "
        "row, field, rule, document and words.",
        "A cell ends, and nobody takes over its members.",
        "After it was drawn up anew.",
    ),
    "concurrent-change": Explanation(
        "It is no longer at the version in If-Match, or others kept changing what this relies on; "
        "`version` is the one it is at, `missed` the positions in between.",
        'If-Match: "3" when version 4 was recorded meanwhile.',
        READ_AGAIN,
    ),
    "idempotency-key-reused": Explanation(
        "The Idempotency-Key was used for another method, address or body.",
        "One key for two renamings.",
        "With a new key.",
    ),
    "event-from-the-future": Explanation(
        "The log holds an event that a newer release wrote.",
        "A release was rolled back after it had recorded.",
        "After this service was brought up to date.",
    ),
    "stream-unreadable": Explanation(
        "An event of this subject, or of one that the rules ask about, cannot be read by this "
        "release: `id` is the subject, `position` the event, `step` what failed. What is recorded "
        "rests on all that was recorded before, so nothing can be added; leaving the event out of "
        "a read model (`sogoc parked discard`) changes nothing about that.",
        "Renaming a commune of whose events one was damaged in a restored copy.",
        "After the operators have installed a release that reads it, or have restored the log: "
        "`sogoc verify` lists all such events.",
    ),
    "not-yet-settled": Explanation(
        "Somebody is recording at this moment, and what he records may bear the time that was "
        "asked for: an answer now might not be the one that is given afterwards.",
        "A `known_at` of a second ago, while a file of 5,000 lines is being recorded.",
        SOON,
    ),
    "not-yet-there": Explanation(
        "The read models have not reached the position in Min-Position or known_at.",
        "Reading right after recording, while a large import is being projected.",
        SOON,
    ),
    "request-refused": Explanation(
        "The request itself cannot be dealt with, whatever the register holds.",
        "A request that no other type describes.",
        NEVER,
    ),
    "no-such-route": Explanation(
        "There is nothing at this address.", "GET /v1/unit instead of /v1/units.", NEVER
    ),
    "method-not-allowed": Explanation(
        "The address exists and takes other methods; the Allow header lists them.",
        "PUT /v1/units/{id}: history is not edited, changes are posted.",
        NEVER,
    ),
    "not-acceptable": Explanation(
        "None of the media types in Accept is on offer here; `offers` lists those that are.",
        "Accept: application/xml.",
        "With another Accept header.",
    ),
    "body-too-large": Explanation(
        "The body has more bytes than this service reads; `limit_bytes` says how many.",
        "A crosswalk of a million codes at once.",
        "In smaller portions.",
    ),
    "unsupported-media-type": Explanation(
        "Bodies are JSON, and Content-Type says so.", "A form, or no Content-Type.", NEVER
    ),
    "malformed-body": Explanation("The body is not JSON.", 'A body like {"name": }.', NEVER),
    "malformed-request": Explanation(
        "Parameters, headers or fields are missing, unknown or not well formed; `errors` lists "
        "each with its place.",
        "valid_at=1/7/2025 instead of valid_at=2025-07-01.",
        NEVER,
    ),
    "files-refused": Explanation(
        "The file of a dossier is damaged, or some of its rows are not well formed; `findings` has "
        "all of it in one go: file, table, row as the file counts it, field, rule and words.",
        "A code that a spreadsheet has turned into a number and cut its zeros off.",
        NEVER,
    ),
    "cursor-refused": Explanation(
        "The cursor was given for another question, another point in time, or is damaged.",
        "Changing a filter while following the pages.",
        "Without the cursor, from the first page.",
    ),
    "position-not-reached": Explanation(
        "The reader has seen more than this log holds: it was set back to an earlier state, or it "
        "is another log. `position` is its last one.",
        "Following the feed after a restore that lost the last hour.",
        "Not as it is: compare what you hold with the log, then go on from where both agree.",
    ),
    "other-epoch": Explanation(
        "The position or the cursor was given by another log, or by this one before it was "
        "restored; `epoch` is the one it is of now.",
        "Last-Event-ID with the epoch of a log that was replaced.",
        "Not as it is: compare what you hold with the log, then go on from where both agree.",
    ),
    "answer-too-large": Explanation(
        "What is given as a whole has more rows than one answer holds; `limit` says how many.",
        "The tree of a root with more than 50,000 below it.",
        "With less depth, or as the list with `subtree`, which has pages.",
    ),
    "precondition-failed": Explanation(
        "The request sets a condition that cannot hold here: what is founded has no version for "
        "If-Match, and a command takes no If-None-Match.",
        "POST /v1/units with If-Match.",
        "Without that header.",
    ),
    "outcome-unknown": Explanation(
        "The connection to the database broke before it answered, so nobody can say whether this "
        "was recorded.",
        "The database is restarted in the middle of a command.",
        "Yes, under the same Idempotency-Key: what was recorded is told again. Without such a key, "
        "look first whether it is on record.",
    ),
    "seal-broken": Explanation(
        "Personal details do not open with the key that is kept for this person: one of the two "
        "was altered, or is of another register.",
        "A vault that was restored beside the wrong log.",
        "No: the operators find it under the request id.",
    ),
    "vault-locked": Explanation(
        "The keys of persons cannot be reached: their store is not there, or the master key that "
        "opens them was not given to this service.",
        "A service that was started without SOGOC_MASTER_KEY_FILE.",
        "Once the operators have set it right.",
    ),
    "key-gone": Explanation(
        "The key of this person was destroyed by an order that is on record at `position`; nothing "
        "more is recorded, and nobody reads what was.",
        "Recording a new phone number of somebody whose key was destroyed.",
        NEVER,
    ),
    "legal-hold": Explanation(
        "A case needs the details of this person; `holds` names each case and the body that "
        "conducts it.",
        "An order to destroy the key while an inspection goes on.",
        "Once the holds are lifted by those who placed them.",
    ),
    "unauthenticated": Explanation(
        "This needs a bearer token that this register has given out.",
        "A command without an Authorization header, or with a token that was taken back; then "
        "WWW-Authenticate says invalid_token.",
        "With a token.",
    ),
    "not-permitted": Explanation(
        "The token is known, and does not allow this; `right` says what it lacks.",
        "Searching people by name with a token that was made without `--may see-names`.",
        "With a token that has the right.",
    ),
    "not-ready": Explanation(
        "The service lives and cannot do its work now: the read models are not kept level or are "
        "too far behind, or the database cannot answer.",
        "All connections to the database are in use.",
        SOON + " A command needs the same Idempotency-Key, so that it cannot be recorded twice.",
    ),
    "internal-error": Explanation(
        "Something nobody foresaw; it is logged under the request id.",
        "A fault in this service.",
        "Perhaps; a command with the same Idempotency-Key is safe to repeat.",
    ),
}
