"""Patient/_search: the hub's Patient for a person number, the same for every well-formed number.

Source: INTERFACES; DESIGN §3, P3. The number stands in the body of a POST and nowhere else. Whether
the hub holds anything about the person cannot be told from the answer: the id is a keyed hash of
the number, made anew each time.
"""

from consent.period import STOCKHOLM
from hub.api.access import session_about, weigh
from hub.api.bundle import searchset
from hub.api.call import Answer, Call
from hub.api.log import records, write
from hub.api.patient import demographics, encode_patient, patient
from hub.api.search.search_person import RESULT_PARAMETERS
from hub.audit.record import Action, Outcome
from hub.errors import BadRequest
from hub.running import Hub
from hub.store.identity import hub_id
from hub.store.person_now import person_now
from mappings.personal_identity import NotAnIdentity, normalise


def search_patient(hub: Hub, call: Call) -> Answer:
    """Return a searchset with the one Patient that the identifier means.

    Raises:
        BadRequest: identifier is missing, given twice, or no well-formed number.
        Unavailable: the look-up cannot be logged.
    """
    unknown = {name for name, _ in call.parameters} - RESULT_PARAMETERS - {"identifier"}
    given = call.values("identifier")
    if len(given) != 1 or unknown:
        raise BadRequest(
            "Patient is searched with identifier=system|value, once, and nothing else",
            code="patient-by-identifier",
            expression="http.identifier",
        )
    system, bar, value = given[0].rpartition("|")
    try:
        identity = normalise(value, system if bar else None, call.at.astimezone(STOCKHOLM).date())
    except NotAnIdentity:
        raise BadRequest(
            "identifier is no well-formed person number; write system|value with twelve digits",
            code="not-a-person-number",
            expression="http.identifier",
        ) from None
    with hub.store.read() as connection:
        person = hub_id(connection, hub.identity_key, identity)
        now = person_now(connection, [person])
        session = session_about(connection, call, now.persons)
        access = weigh(hub, connection, call, now, session=session)
        found = demographics(connection, access)
    write(hub.log, *records(call, Action.SEARCH, Outcome.PERMIT, access, found, "Patient"))
    identifiers = [{"system": identity.system, "value": identity.value}]
    resource = encode_patient(patient(person, identifiers, found))
    links = [("self", f"{call.fhir_root}/Patient")]
    return Answer(200, searchset(call.fhir_root, [resource], links, 1))
