# ruff: noqa: E501  # exports have the lines that they have
"""Exports of municipalities that no profile of ours was made for, one person in scope in each.

They differ in format, nesting, names, encodings, forms of dates and numbers, and in how a person is
told. MARKORD stands wherever something is out of scope. All people are invented.
"""

import io
import json
import zipfile

ADA, BERT, COORDINATION = "194103122385", "195208172391", "194103722387"
SHORT = f"{ADA[2:8]}-{ADA[8:]}"

# Attributes and no texts, a table for each kind, the persons last; declared in another encoding.
KALLINGE = (
    """<?xml version="1.0" encoding="ISO-8859-1"?>
<Dump gjord="2026-03-02 02:00:00" kommun="Kallinge">
 <Journaler>
  <J nr="1" pid="11" dt="2026-02-19 21:10:00" hl="Ali Holm" avd="HT-N" lag="SOL" txt="Sov gott. Ville \u201dinte\u201d bli v\xe4ckt \u2013 4,50 kr."/>
  <J nr="2" pid="11" dt="2026-02-20 07:45:00" hl="Siv Ek" avd="HSL-N" lag="HSL" kva="QD016" txt="S\xe5r p\xe5 h\xe4len omlagt."/>
  <J nr="3" pid="11" dt="2026-02-20 09:00:00" hl="Ali Holm" avd="HT-N" lag="SOL" makul="1" txt="Fel person."/>
  <J nr="4" pid="12" dt="2026-02-20 09:00:00" hl="Ali Holm" avd="IFO" lag="EKB" txt="MARKORD"/>
 </Journaler>
 <Insatsrader>
  <IR rad="71" bnr="501" kod="HTJ" ant="22,5" enh="tim/m\xe5n" fr="2026-02-18 00:00:00" ti=""/>
  <IR rad="72" bnr="501" kod="LRM" ant="" enh="" fr="2026-02-18 00:00:00" ti=""/>
  <IR rad="73" bnr="502" kod="LDS" ant="4,0" enh="tim/v" fr="" ti=""/>
  <IR rad="74" bnr="503" kod="FST" ant="" enh="" fr="" ti=""/>
 </Insatsrader>
 <Beslutsrader>
  <BR nr="501" pid="11" omr="\xc4ldre" dat="2026-02-16 00:00:00" lr="SoL (2025:400) 11 kap 1 \xa7" utf="BIF" hl="BH Bo"/>
  <BR nr="502" pid="11" omr="\xc4ldre" dat="2026-02-16 00:00:00" lr="SoL (2025:400) 11 kap 1 \xa7" utf="AVS" hl="BH Bo" overkl="2026-02-25 00:00:00"/>
  <BR nr="503" pid="12" omr="IFO" dat="2026-02-16 00:00:00" lr="SoL (2025:400) 12 kap 1 \xa7" utf="BIF" hl="MARKORD"/>
 </Beslutsrader>
 <Personer>
  <P id="11" sek="19" pnr="4103122385" fn="Ada" en="\xc5ker\xf6" skydd="N"/>
  <P id="12" sek="19" pnr="5208172391" fn="MARKORD" en="MARKORD" skydd="N"/>
 </Personer>
</Dump>"""
).encode("windows-1252")
# Elements within elements, two namespaces, UTF-16, the unit and its board around the persons.
LILLBODA = (
    b"\xfe\xff"
    + f"""<?xml version="1.0" encoding="UTF-16"?>
<Export xmlns="http://lillboda.example/omsorg/2" xmlns:hs="http://lillboda.example/hs">
<Period><Fran>2026-02-01</Fran><Till>2026-02-28</Till></Period>
<Forvaltning><Kod>VON</Kod>
<Enhet><EnhetsId>E-204</EnhetsId><Namn>S\xe4bo Linden</Namn>
 <Omsorgstagare><Identitet><Typ>SAM</Typ><Varde>{COORDINATION[2:8]}-{COORDINATION[8:]}</Varde><Sekel>19</Sekel></Identitet><Visningsnamn>Ada \xc5ker\xf6</Visningsnamn>
  <Stallforetradare><Slag>God man</Slag><Heter>Per Sj\xf6din</Heter><Uppgift>bevaka r\xe4tt, f\xf6rvalta egendom</Uppgift><Sedan>1 mars 2025</Sedan></Stallforetradare>
  <Beslutsdokument><Lopnr>9</Lopnr><Fattat>16 februari 2026</Fattat><Lagrum>4 kap. 1 \xa7 SoL (2001:453)</Lagrum><Utslag>Beviljas delvis</Utslag><Beviljat><Tjanst>Permanent s\xe4rskilt boende</Tjanst></Beviljat><Skal>Beh\xf6ver tillsyn.</Skal></Beslutsdokument>
  <Handelser>
   <Handelse lop="1"><Nar>19 februari 2026 kl 21.10</Nar><Vem>Usk Lena</Vem><Fritext>Lugn kv\xe4ll.<br/>Drack te.</Fritext></Handelse>
   <hs:Handelse lop="2"><hs:Nar>20 februari 2026 kl 07.45</hs:Nar><hs:Vem>Ssk Mia</hs:Vem><hs:Fritext>Blodtryck 140/80.</hs:Fritext></hs:Handelse>
  </Handelser>
 </Omsorgstagare>
</Enhet></Forvaltning>
<Forvaltning><Kod>IFO</Kod><Enhet><EnhetsId>E-900</EnhetsId><Omsorgstagare><Identitet><Typ>PNR</Typ><Varde>520817-2391</Varde><Sekel>19</Sekel></Identitet><Visningsnamn>MARKORD</Visningsnamn><Handelser><Handelse lop="3"><Nar>19 februari 2026</Nar><Vem>MARKORD</Vem><Fritext>MARKORD</Fritext></Handelse></Handelser></Omsorgstagare></Enhet></Forvaltning>
</Export>""".encode("utf-16-be")
)
# Deep JSON in English, UTF-16, milliseconds for dates.
_MOSSEBY = {
    "exportedAt": "2026-03-02T02:00:00Z",
    "municipality": {"code": "9903", "name": "Mosseby"},
    "units": [
        {
            "unitId": "SE2329999999-2010",
            "teams": [
                {
                    "teamName": "North",
                    "clients": [
                        {
                            "identity": {
                                "number": {"century": 19, "value": "410312-2385"},
                                "protection": None,
                            },
                            "name": {"given": "Ada", "family": "Åkerö"},
                            "nextOfKin": [
                                {"relation": "daughter", "name": "Eva Ek", "mobile": "070-1740605"}
                            ],
                            "cases": [
                                {
                                    "caseNo": "C-1",
                                    "type": "ELDERLY",
                                    "opened": 1767571200000,
                                    "officer": "Bo Handläggare",
                                    "investigation": {
                                        "ref": "I-1",
                                        "method": "IBIC",
                                        "start": 1767571200000,
                                        "end": 1767916800000,
                                        "needs": [
                                            {
                                                "icf": "d510",
                                                "label": "Washing",
                                                "current": 3,
                                                "target": 2,
                                                "ownWords": "I want to shower safely.",
                                            }
                                        ],
                                    },
                                    "decisions": [
                                        {
                                            "ref": "D-1",
                                            "date": 1771200000000,
                                            "section": "SoL 11:1",
                                            "outcome": {"code": "GRANTED"},
                                            "services": [
                                                {
                                                    "ref": "S-1",
                                                    "kind": {"code": "HH"},
                                                    "amount": {"value": 22.5, "per": "hours/month"},
                                                },
                                                {"ref": "S-2", "kind": {"code": "ALARM"}},
                                            ],
                                        },
                                        {
                                            "ref": "D-2",
                                            "date": 1771200000000,
                                            "section": "SoL 11:1",
                                            "outcome": {"code": "DENIED"},
                                            "services": [
                                                {"ref": "S-3", "kind": {"code": "ESCORT"}}
                                            ],
                                        },
                                    ],
                                    "assignment": {
                                        "ref": "A-1",
                                        "decisionRef": "D-1",
                                        "provider": "SE2329999999-2010",
                                        "state": "ACCEPTED",
                                        "goals": [
                                            {
                                                "ref": "G-1",
                                                "icf": "d510",
                                                "target": 2,
                                                "text": "Shower twice a week",
                                            }
                                        ],
                                    },
                                    "plan": {
                                        "ref": "P-1",
                                        "assignmentRef": "A-1",
                                        "written": 1771804800000,
                                        "participated": True,
                                        "activities": [
                                            {
                                                "ref": "X-1",
                                                "ksi": "SMBRBZZ",
                                                "serviceRef": "S-1",
                                                "label": "Support in washing",
                                                "weekdays": ["TUE", "FRI"],
                                                "minutes": 40,
                                                "who": "Marisa Holm",
                                            }
                                        ],
                                    },
                                    "journal": [
                                        {
                                            "ref": "J-1",
                                            "at": "2026-02-19T20:10:00Z",
                                            "by": "Marisa Holm",
                                            "text": "Första duschen.\nGick bra.",
                                            "deviation": False,
                                        },
                                        {
                                            "ref": "J-2",
                                            "at": "2026-02-20T06:45:00Z",
                                            "by": "Jonas Ek",
                                            "text": "Fell in the hall.",
                                            "deviation": True,
                                        },
                                    ],
                                    "evaluation": [
                                        {
                                            "ref": "E-1",
                                            "date": 1772150400000,
                                            "decisionRef": "D-1",
                                            "results": [
                                                {
                                                    "goalRef": "G-1",
                                                    "icf": "d510",
                                                    "target": 2,
                                                    "level": 2,
                                                    "met": "YES",
                                                    "text": "Showers safely.",
                                                }
                                            ],
                                        }
                                    ],
                                },
                                {
                                    "caseNo": "C-2",
                                    "type": "ECONOMIC",
                                    "opened": 1767571200000,
                                    "officer": "MARKORD",
                                    "journal": [
                                        {
                                            "ref": "J-9",
                                            "at": "2026-02-19T20:10:00Z",
                                            "by": "MARKORD",
                                            "text": "MARKORD",
                                        }
                                    ],
                                },
                            ],
                        },
                        {
                            "identity": {"number": {"century": 19, "value": "520817-2391"}},
                            "name": {"given": "MARKORD", "family": "MARKORD"},
                            "cases": [
                                {
                                    "caseNo": "C-3",
                                    "type": "CHILD",
                                    "journal": [{"ref": "J-7", "text": "MARKORD"}],
                                }
                            ],
                        },
                    ],
                }
            ],
        }
    ],
}
MOSSEBY = b"\xff\xfe" + json.dumps(_MOSSEBY, ensure_ascii=False, indent=1).encode("utf-16-le")
# JSON in which persons and notes stand under their numbers.
_NORRVIK = {
    "version": 3,
    "brukare": {
        ADA: {
            "namn": "Ada Åkerö",
            "verksamhet": "Äldreomsorg",
            "journal": {
                "101": {"tid": "20260219T2110", "text": "Lugn kväll."},
                "102": {"tid": "20260220T0745", "text": "Sov länge."},
            },
            "beslut": {
                "b1": {
                    "datum": "20260216",
                    "lagrum": "11 kap. 1 § SoL",
                    "utfall": "Ja",
                    "insats": "Hemtjänst",
                }
            },
        },
        BERT: {
            "namn": "MARKORD",
            "verksamhet": "Ekonomiskt bistånd",
            "journal": {"103": {"tid": "20260219T2110", "text": "MARKORD"}},
        },
    },
}
NORRVIK = json.dumps(_NORRVIK, ensure_ascii=False).encode()
# No header, the kind of row in the first column, quotes around signs and lines.
OSTAD = (
    (
        f"""P;{SHORT};"Åkerö; Ada";N
B;{SHORT};B77;16.02.2026;"11 kap. 1 § SoL";"Bifall";"Hemtjänst";"22,50";"tim/mån"
B;{SHORT};B78;16.02.2026;"11 kap. 1 § SoL";"Avslag";"Ledsagning";;
J;{SHORT};J1;19.02.2026 21:10;"ÄO";"Lugn kväll; sov gott.
Drack te."
J;{SHORT};J2;19.02.2026 22:10;"EK";"MARKORD"
P;520817-2391;"MARKORD";N
J;520817-2391;J3;19.02.2026 22:10;"EK";"MARKORD"
"""
    )
    .replace("\n", "\r\n")
    .encode("windows-1252")
)
# Six files with commas and quotes, in English, with a case between a person and the rest.
_PORLA = {
    "Client.csv": f'"ClientKey","SSN","FirstName","LastName","Protected"\n"C1","{ADA}","Ada","Åkerö","No"\n"C2","{BERT}","MARKORD","MARKORD","No"\n',
    "Case.csv": '"CaseKey","ClientKey","Area"\n"K1","C1","Elderly care"\n"K2","C2","Financial aid"\n"K3","C1","Financial aid"\n',
    "Decision.csv": '"DecisionKey","CaseKey","Date","Law","Outcome"\n"D1","K1","02/16/2026","SoL 11:1","Approved"\n"D2","K1","02/16/2026","SoL 11:1","Rejected"\n"D3","K2","02/16/2026","SoL 12:1","Approved"\n',
    "Service.csv": '"ServiceKey","DecisionKey","ServiceCode","Quantity","Unit"\n"S1","D1","10","22.5","h/month"\n"S2","D1","20","",""\n"S3","D2","30","",""\n"S4","D3","MARKORD","",""\n',
    "Note.csv": '"NoteKey","CaseKey","Time","Author","Text","Signed"\n"N1","K1","02/19/2026 9:10 PM","Ali","Calm evening, ""slept"" well.","Y"\n"N2","K3","02/19/2026 9:10 PM","MARKORD","MARKORD","Y"\n',
    "ServiceCode.csv": '"Code","Name"\n"10","Home help"\n"20","Alarm"\n"30","Escort"\n',
}


def _zipped(files: dict[str, str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in files.items():
            made.writestr(f"export/{name}", text.encode("utf-8-sig"))
    return archive.getvalue()


PORLA = _zipped(_PORLA)
# A line for each event, the person's number within it, LSS and HSL.
_QVARNBY = [
    {
        "handelse": "JOURNAL",
        "klient": {"personnr": "410312-2385", "arhundrade": "19", "fornamn": "Ada"},
        "omrade": "LSS",
        "lag": "LSS",
        "id": 5,
        "nar": "2026-02-19T21:10:00.000+01:00",
        "text": "Var på daglig verksamhet.",
        "av": {"namn": "Eva", "titel": "Stödassistent"},
        "makulerad": None,
    },
    {
        "handelse": "BESLUT",
        "klient": {"personnr": "410312-2385", "arhundrade": "19"},
        "omrade": "LSS",
        "lag": "LSS",
        "id": 6,
        "datum": "2026-02-16",
        "lagrum": "9 § 10 LSS",
        "resultat": "Bifall",
        "insats": "Daglig verksamhet",
        "personkrets": "1",
    },
    {
        "handelse": "BESLUT",
        "klient": {"personnr": "410312-2385", "arhundrade": "19"},
        "omrade": "LSS",
        "lag": "LSS",
        "id": 8,
        "datum": "2026-02-16",
        "lagrum": "9 § 3 LSS",
        "resultat": "Avslag",
        "insats": "Ledsagarservice",
        "personkrets": "1",
    },
    {
        "handelse": "JOURNAL",
        "klient": {"personnr": "410312-2385", "arhundrade": "19"},
        "omrade": "HSL",
        "lag": "HSL",
        "id": 7,
        "nar": "2026-02-20T07:45:00.000+01:00",
        "text": "Epilepsi: anfall 2 min.",
        "av": {"namn": "Mia", "titel": "Sjuksköterska"},
    },
    {
        "handelse": "JOURNAL",
        "klient": {"personnr": "520817-2391", "arhundrade": "19", "fornamn": "MARKORD"},
        "omrade": "LVU",
        "lag": "LVU",
        "id": 9,
        "nar": "2026-02-20T07:45:00.000+01:00",
        "text": "MARKORD",
        "av": {"namn": "MARKORD"},
    },
]
QVARNBY = ("\r\n".join(json.dumps(q, ensure_ascii=False) for q in _QVARNBY) + "\r\n").encode(
    "utf-8-sig"
)
# XML in which each record repeats its person.
RASBO = f"""<?xml version='1.0' encoding='utf-8'?>
<Rader><Rad><Kund>{ADA[:8]}-{ADA[8:]}</Kund><Kundnamn>Ada \xc5ker\xf6</Kundnamn><Slag>Best\xe4llning</Slag><Lopnummer>1</Lopnummer><Datum>2026-02-17</Datum><Utforare>F</Utforare><Status>Mottagen</Status><Beslutsnummer>2</Beslutsnummer><Text>Dusch tv\xe5 g\xe5nger i veckan.</Text><Malgrupp>\xc4</Malgrupp></Rad>
<Rad><Kund>{ADA[:8]}-{ADA[8:]}</Kund><Kundnamn>Ada \xc5ker\xf6</Kundnamn><Slag>Beslut</Slag><Lopnummer>2</Lopnummer><Datum>2026-02-16</Datum><Lagrum>SoL 11:5</Lagrum><Insats>Hemtj\xe4nst service</Insats><Timmar>4</Timmar><Malgrupp>\xc4</Malgrupp></Rad>
<Rad><Kund>{ADA[:8]}-{ADA[8:]}</Kund><Kundnamn>Ada \xc5ker\xf6</Kundnamn><Slag>Anteckning</Slag><Lopnummer>3</Lopnummer><Datum>2026-02-19T21:10</Datum><Text>Lugn &amp; fin kv\xe4ll.</Text><Malgrupp>\xc4</Malgrupp></Rad>
<Rad><Kund>{ADA[:8]}-{ADA[8:]}</Kund><Kundnamn>Ada \xc5ker\xf6</Kundnamn><Slag>Anteckning</Slag><Lopnummer>4</Lopnummer><Datum>2026-02-19T21:10</Datum><Text>MARKORD</Text><Malgrupp>M</Malgrupp></Rad>
<Rad><Kund>{BERT[:8]}-{BERT[8:]}</Kund><Kundnamn>MARKORD</Kundnamn><Slag>Anteckning</Slag><Lopnummer>5</Lopnummer><Datum>2026-02-19T21:10</Datum><Text>MARKORD</Text><Malgrupp>M</Malgrupp></Rad></Rader>""".encode()

EXPORTS = {
    "kallinge": ("xml_export", "kallinge.xml", KALLINGE),
    "lillboda": ("xml_export", "lillboda.xml", LILLBODA),
    "mosseby": ("json_export", "mosseby.json", MOSSEBY),
    "norrvik": ("json_export", "norrvik.json", NORRVIK),
    "ostad": ("delimited", "ostad.csv", OSTAD),
    "porla": ("delimited", "porla.zip", PORLA),
    "qvarnby": ("json_export", "qvarnby.jsonl", QVARNBY),
    "rasbo": ("xml_export", "rasbo.xml", RASBO),
}
