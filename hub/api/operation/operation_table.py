"""Every operation of the FHIR API, as data: the CapabilityStatement and the definitions come of it.

Source: FHIR R4 operations.html, operationslist.html.
"""

from hub.api.operation.operation_shape import Operation, Parameter
from hub.api.own_documents import CREATED
from hub.fhir.definitions import TYPES_IN_USE

NOT_STORED = frozenset(
    {"OperationOutcome", "Parameters", "CapabilityStatement", "Bundle", "AuditEvent", "Consent"}
)
STORED = tuple(name for name in TYPES_IN_USE if name not in NOT_STORED)
WRITTEN = tuple(name for name in STORED if name in CREATED)


def _in(name: str, type_: str, says: str, most: str = "1", least: int = 0) -> Parameter:
    return Parameter(name, "in", least, most, type_, says)


def _out(type_: str, says: str, name: str = "return", most: str = "1") -> Parameter:
    return Parameter(name, "out", 0 if most == "*" else 1, most, type_, says)


OPEN = Operation(
    "open",
    "Begin a reading session and climb the ladder of what may be shown",
    ("Patient",),
    (
        _in("purpose", "code", "what the reading is for"),
        _in("activeChoice", "code", "none, exists or content (PDL 4:4)"),
        _in("relevance", "boolean", "the reader judges the data to matter for the care"),
        _in("reason", "string", "why, in the reader's own words"),
        _in("takesPart", "boolean", "the reader takes part in the care"),
        _in("patientRequested", "boolean", "the person asked for the certificate"),
        _in("necessary", "boolean", "what is read is necessary"),
        _in("organisation", "string", "one that an earlier answer named", "*"),
        _in("emergency", "BackboneElement", "what makes it an emergency (SVOD 3:6)"),
        _in("attitude", "BackboneElement", "what is known of the person's own attitude (2:6)"),
        _out("string", "what goes in X-Samvy-Session from now on", "session"),
        _out("instant", "when the session ends", "expires"),
        _out("code", "a rung that was shown", "shows", "*"),
        _out("code", "what the reader owes", "obligation", "*"),
        _out("string", "a section that opened something", "basis", "*"),
        _out("string", "what the reader can do next", "ask", "*"),
        _out("string", "the id of the log record", "receipt"),
    ),
    on_instance=True,
    affects_state=True,
)
CHANGE = _out("BackboneElement", "who reads how much, before and after", "change", "*")
"""What an act answers with besides: counts, nothing of content."""
REGISTER_BLOCK = Operation(
    "register-block",
    "The person opposes, and a block is set at once",
    ("Patient",),
    (
        _in("kind", "code", "outer, which is meant unless it is said, or inner"),
        _in("owner", "string", "whose information; the caller's own organisation otherwise"),
        _in("unit", "string", "only what this unit documented"),
        _in("process", "string", "only what this process documented; for an inner block"),
        _in("informationFrom", "date", "only information of this day or later"),
        _in("informationTo", "date", "only information of this day or earlier"),
        _in("excludedType", "code", "a type of information that stays open", "*"),
        _out("string", "the id of the block", "block"),
        CHANGE,
        _out(
            "BackboneElement", "a past opening that it would have stopped", "wouldHaveStopped", "*"
        ),
    ),
    on_instance=True,
    affects_state=True,
)
LIFT_BLOCK = Operation(
    "lift-block",
    "The person asks for it, and a block is lifted for good",
    ("Patient",),
    (
        _in("block", "string", "the id of the block", least=1),
        _out("string", "the id of the block that stands no more", "block"),
        CHANGE,
    ),
    on_instance=True,
    affects_state=True,
)
LIFT_BLOCK_TEMPORARILY = Operation(
    "lift-block-temporarily",
    "The blocking organisation's officer lifts a block for somebody, for a while",
    ("Patient",),
    (
        _in("block", "string", "the id of the block", least=1),
        _in("ground", "code", "consent or emergency", least=1),
        _in("until", "instant", "when it stands again; at most seven days ahead", least=1),
        _in("organisation", "string", "for whom; the officer's own organisation otherwise"),
        _in("unit", "string", "only this unit of it"),
        _in("user", "string", "only this person of it"),
        _in("reason", "string", "why, in the officer's own words", least=1),
        _in("emergency", "BackboneElement", "what makes it an emergency (SVOD 3:5)"),
        _out("string", "the id of the lift", "lift"),
    ),
    on_instance=True,
    affects_state=True,
)
REGISTER_CONSENT = Operation(
    "register-consent",
    "The person answers whether an organisation may read, and the answer is registered",
    ("Patient",),
    (
        _in("answer", "boolean", "yes, which is meant unless it is said, or no"),
        _in("organisation", "string", "who is to read; the caller's own otherwise"),
        _in("unit", "string", "only this unit of it"),
        _in("user", "string", "only this person of it"),
        _in("end", "date", "the last day that it counts; a yes needs one"),
        _in("obtained", "string", "how the answer was given"),
        _out("string", "the id of the answer", "consent"),
        CHANGE,
    ),
    on_instance=True,
    affects_state=True,
)
WITHDRAW_CONSENT = Operation(
    "withdraw-consent",
    "The person takes an answer back, and it counts no more",
    ("Patient",),
    (
        _in("consent", "string", "the id of the answer", least=1),
        _out("string", "the id of the answer that counts no more", "consent"),
        CHANGE,
    ),
    on_instance=True,
    affects_state=True,
)
CONSENTS = Operation(
    "consents",
    "The answers and blocks of one person that concern the reader",
    ("Patient",),
    (_out("Bundle", "a searchset of Consent, and of Observation for assessments"),),
    on_instance=True,
)
REQUEST_LIFT = Operation(
    "request-lift",
    "In an emergency the reader asks the vårdgivare that has blocked to lift",
    ("Patient",),
    (
        _in(
            "organisation", "string", "the vårdgivare that has blocked, as $open named it", least=1
        ),
        _in("kind", "code", "outer, which is meant unless it is said, or inner"),
        _in("reason", "string", "why, in the reader's own words", least=1),
        _in("emergency", "BackboneElement", "what makes it an emergency (SVOD 3:5)", least=1),
        _in("until", "instant", "how long the reader wishes; the officer decides"),
        _out("string", "the id of the request, which is that of its Task", "request"),
        _out("instant", "when it is escalated, unless it has been answered", "escalates"),
    ),
    on_instance=True,
    affects_state=True,
)
ANSWER_LIFT_REQUEST = Operation(
    "answer-lift-request",
    "The blocking vårdgivare's officer lifts wholly, in part, or not",
    ("Task",),
    (
        _in("decision", "code", "grant, part or refuse", least=1),
        _in("until", "instant", "when the block stands again; at most seven days ahead"),
        _in("block", "string", "a block that is lifted, of a lift in part", "*"),
        _in("unit", "string", "a unit whose information alone is opened, in part", "*"),
        _in("type", "code", "a type of information that alone is opened, in part", "*"),
        _in("personal", "boolean", "for the one who asked alone, not for their unit"),
        _in("reason", "string", "why, in the officer's own words", least=1),
        _out("code", "where the request stands", "state"),
        _out("string", "the id of a lift", "lift", "*"),
    ),
    on_instance=True,
    affects_state=True,
)
REGISTER_RELATION = Operation(
    "register-relation",
    "An organisation's system says that the person is its patient, or has its services",
    ("Patient",),
    (
        _in("state", "code", "current, ongoing or investigation", least=1),
        _in("evidence", "code", "contact, referral, decision, assignment or plan", least=1),
        _in("source", "string", "what it rests on, as the system names it", least=1),
        _in("unit", "string", "only this unit"),
        _in("service", "string", "what the service rests on"),
        _in("end", "date", "the last day; otherwise as long as such evidence is fresh"),
        _out("string", "the id of the relation", "relation"),
    ),
    on_instance=True,
    affects_state=True,
)
END_RELATION = Operation(
    "end-relation",
    "A relation has ended",
    ("Patient",),
    (
        _in("relation", "string", "the id of the relation", least=1),
        _out("string", "the id of the relation that has ended", "relation"),
    ),
    on_instance=True,
    affects_state=True,
)
REGISTER_ASSESSMENT = Operation(
    "register-assessment",
    "Staff assess the person's attitude, ability or maturity",
    ("Patient",),
    (
        _in("kind", "code", "attitude, capacity or maturity", least=1),
        _in("reason", "string", "what the assessment rests on", least=1),
        _in("clarified", "boolean", "the attitude has been clarified as far as possible"),
        _in("reasonToThinkOpposed", "boolean", "there is reason to think that they would oppose"),
        _in("ability", "code", "full, temporarily_lacking or lasting_lack"),
        _in("since", "date", "the day from which the ability has been lacking lastingly"),
        _in("mature", "boolean", "a child is mature enough to take a stand"),
        _out("string", "the id of the assessment", "assessment"),
    ),
    on_instance=True,
    affects_state=True,
)
END_ASSESSMENT = Operation(
    "end-assessment",
    "An assessment of attitude counts no more",
    ("Patient",),
    (
        _in("assessment", "string", "the id of the assessment", least=1),
        _in("reason", "string", "why", least=1),
        _out("string", "the id of the assessment that counts no more", "assessment"),
    ),
    on_instance=True,
    affects_state=True,
)
VOID_BLOCK = Operation(
    "void-block",
    "A block that staff registered by mistake is taken away",
    ("Patient",),
    (
        _in("block", "string", "the id of the block", least=1),
        _in("reason", "string", "what the mistake was", least=1),
        _out("string", "the id of the block that never was", "block"),
    ),
    on_instance=True,
    affects_state=True,
)
END_LIFT = Operation(
    "end-lift",
    "A lift ends before its time, and the block stands again",
    ("Patient",),
    (
        _in("lift", "string", "the id of the lift", least=1),
        _in("reason", "string", "why", least=1),
        _out("string", "the id of the lift that has ended", "lift"),
    ),
    on_instance=True,
    affects_state=True,
)
NOTICES = Operation(
    "notices",
    "What the person has been told of what was done with their blocks",
    ("Patient",),
    (_out("Bundle", "a searchset of Communication"),),
    on_instance=True,
)
EVERYTHING = Operation(
    "everything",
    "All of one person's record that the reader may see",
    ("Patient",),
    (
        _in("start", "date", "care on this day or later, and what has no date"),
        _in("end", "date", "care on this day or earlier, and what has no date"),
        _in("_since", "instant", "changed at this instant or later"),
        _in("_type", "code", "only resources of these types", "*"),
        _in("_count", "integer", "how many on a page"),
        _out("Bundle", "a searchset in pages, the Patient first"),
    ),
    on_instance=True,
)
SUMMARY = Operation(
    "summary",
    "An International Patient Summary of what the reader may see",
    ("Patient",),
    (_out("Bundle", "a document: Composition, Patient, and what its sections hold"),),
    on_instance=True,
)
LASTN = Operation(
    "lastn",
    "The last observations of each kind about one person",
    ("Observation",),
    (
        _in("max", "positiveInt", "how many of each kind; one unless it is said"),
        _in("patient", "reference", "whom they are about", least=1),
        _in("category", "token", "as in a search"),
        _in("code", "token", "as in a search"),
        _in("date", "date", "as in a search", "*"),
        _out("Bundle", "a searchset, the latest of each kind first"),
    ),
    on_type=True,
)
VALIDATE = Operation(
    "validate",
    "What is wrong with a resource",
    STORED,
    (
        _in("resource", "Resource", "what is to be checked; without it, what stands there"),
        _in("mode", "code", "create, update, delete or profile"),
        _in("profile", "uri", "a profile that it is to meet"),
        _out("OperationOutcome", "every fault that was found"),
    ),
    on_type=True,
    on_instance=True,
)
META = Operation(
    "meta",
    "The profiles, tags and labels of a resource",
    STORED,
    (_out("Meta", "what stands in its meta"),),
    on_instance=True,
)

META_ADD = Operation(
    "meta-add",
    "Profiles, tags and labels added to a resource of the writer's own",
    WRITTEN,
    (
        _in("meta", "Meta", "what is added", least=1),
        _out("Meta", "what stands in its meta then"),
    ),
    on_instance=True,
    affects_state=True,
)
META_DELETE = Operation(
    "meta-delete",
    "Profiles, tags and labels taken from a resource of the writer's own",
    WRITTEN,
    (
        _in("meta", "Meta", "what is taken away"),
        _out("Meta", "what stands in its meta then"),
    ),
    on_instance=True,
    affects_state=True,
)

EXPORT = Operation(
    "export",
    "An organisation's own documentation, given back to its own system",
    ("Patient",),
    (
        _in("_outputFormat", "string", "application/fhir+ndjson, which is meant unless it is said"),
        _in("_since", "instant", "changed at this instant or later"),
        _in("_type", "string", "only resources of these types, with commas between", "*"),
    ),
    on_type=True,
    on_system=True,
)

OPERATIONS = (
    OPEN,
    REGISTER_BLOCK,
    LIFT_BLOCK,
    LIFT_BLOCK_TEMPORARILY,
    REGISTER_CONSENT,
    WITHDRAW_CONSENT,
    CONSENTS,
    REQUEST_LIFT,
    ANSWER_LIFT_REQUEST,
    NOTICES,
    END_LIFT,
    VOID_BLOCK,
    REGISTER_RELATION,
    END_RELATION,
    REGISTER_ASSESSMENT,
    END_ASSESSMENT,
    EVERYTHING,
    SUMMARY,
    LASTN,
    VALIDATE,
    META,
    META_ADD,
    META_DELETE,
    EXPORT,
)
