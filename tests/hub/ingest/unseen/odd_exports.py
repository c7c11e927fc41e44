# ruff: noqa: E501  # exports have the lines that they have
"""Exports in forms that are no tables and no trees of names: lists, lines of several kinds, fields.

As in exports.py: one person in scope in each, MARKORD wherever something is out of scope.
"""

import io
import json
import zipfile

from tests.hub.ingest.unseen.exports import ADA, BERT, COORDINATION

SHORT, OTHER = f"{ADA[2:8]}-{ADA[8:]}", f"{BERT[2:8]}-{BERT[8:]}"

# JSON of lists alone: persons, and rows of two kinds within them, by place.
TJUST = [
    [ADA, "Ada Åkerö", [["B", 501, "20260216", "SoL 11:1", "1", "HTJ"], ["B", 502, "20260216", "SoL 11:1", "2", "LDS"], ["J", 1, "20260219", None, "Sov gott."]], "ÄO"],
    [BERT, "MARKORD", [["B", 503, "20260216", "SoL 12:1", "1", "EKB"], ["J", 9, "20260219", None, "MARKORD"]], "EKB"],
]  # fmt: skip

# One object a line: persons, cases, decisions and notes, which name each other, some by two keys.
ULLARED = [
    {"_typ": "anteckning", "arendenr": "2026/77", "nr": 1, "skrevs": "2026-02-19T21:10:00", "av": "Ali Holm", "text": "Träffade Ada."},
    {"_typ": "anteckning", "arendenr": "2026/78", "nr": 2, "skrevs": "2026-02-19T21:10:00", "av": "MARKORD", "text": "MARKORD"},
    {"_typ": "person", "kommun": "9903", "lopnr": 11, "pnr": SHORT, "sekel": 19, "namn": {"fornamn": "Ada", "efternamn": "Åkerö"}},
    {"_typ": "person", "kommun": "9904", "lopnr": 11, "pnr": OTHER, "sekel": 19, "namn": {"fornamn": "MARKORD", "efternamn": "MARKORD"}},
    {"_typ": "arende", "kommun": "9903", "lopnr": 11, "arendenr": "2026/77", "omrade": "Funktionshinder", "inlett": "2026-01-05"},
    {"_typ": "arende", "kommun": "9904", "lopnr": 11, "arendenr": "2026/78", "omrade": "Barn och unga", "inlett": "2026-01-05"},
    {"_typ": "beslut", "arendenr": "2026/77", "nr": 1, "fattat": "2026-02-16", "stod": "9 § 4 LSS", "utfall": "beviljat", "insats": "Kontaktperson"},
    {"_typ": "beslut", "arendenr": "2026/78", "nr": 2, "fattat": "2026-02-16", "stod": "SoL 11:1", "utfall": "beviljat", "insats": "MARKORD"},
]  # fmt: skip

# Tabs without a header, UTF-16, joined by two columns, the number in three, Swedish numbers.
VISKAN = {
    "PERS_20260302.txt": f"Norr\t7\t{ADA[2:8]}\t{ADA[8:]}\t19\tÅkerö, Ada\r\nSöder\t7\t{BERT[2:8]}\t{BERT[8:]}\t19\tMARKORD\r\n",
    "BESL_20260302.txt": "Norr\t7\t501\tÄldre\t16.2.2026\tSoL 2001:453 4:1\tBifall\tHemtjänst\t1 234,50\ttim/mån\r\nNorr\t7\t502\tÄldre\t16.2.2026\tSoL 2001:453 4:1\tDelvis bifall\tDagverksamhet\t3,0\tggr/v\r\nSöder\t7\t503\tVuxen missbruk\t16.2.2026\tSoL 2001:453 4:1\tBifall\tMARKORD\t\t\r\n",
    "DAGB_20260302.txt": "Norr\t7\t1\tÄldre\t19.2.2026 kl. 21.10\tLena\tLugn kväll.\r\nSöder\t7\t2\tVuxen missbruk\t19.2.2026 kl. 21.10\tMARKORD\tMARKORD\r\n",
}  # fmt: skip

# Pipes, texts over several lines, the time in two columns, SoL's and HSL's rows in one file.
YNGSJO = f"""\ufeffPnr|Sekel|Namn|Typ av rad|Radnr|Datum|Klocka|Verksamhetsområde|Ansvarig enhet|Innehåll|Signerad|Makulerad
{SHORT}|19|Ada Åkerö|Social dokumentation|1|19 feb 2026|21:10|Hemtjänst äldre|HT Norr|"Lugn kväll.
Drack te | kaffe."|Ja|Nej
{SHORT}|19|Ada Åkerö|HSL|2|20 feb 2026|07:45|Kommunal hälso- och sjukvård|HSL Norr|Omlagt.|Ja|Nej
{SHORT}|19|Ada Åkerö|Social dokumentation|3|20 feb 2026|09:00|Hemtjänst äldre|HT Norr|Fel person.|Ja|Ja
{OTHER}|19|MARKORD|Social dokumentation|4|20 feb 2026|09:00|Familjerätt|FR|MARKORD|Ja|Nej
"""

# XML whose elements say what they are in an attribute, with the value there or within.
ASELE = f"""<?xml version="1.0" encoding="UTF-8"?>
<v:Leverans xmlns:v="urn:asele:vof:3" xmlns:p="urn:asele:person"><v:Om><v:Tidpunkt>2026-03-02T02:00:00</v:Tidpunkt></v:Om>
 <v:Mottagare><p:Person p:idnr="{ADA}" p:idtyp="personnummer"><p:Namn tilltal="Ada" efter="Åkerö"/>
   <v:Akt v:typ="AKT_LSS" v:dnr="L-1">
     <v:Post slag="BESLUT" lop="1"><v:Falt namn="Beslutsdatum" varde="2026-02-16"/><v:Falt namn="Lagrum" varde="LSS 9 § 9"/><v:Falt namn="Utfall" varde="BIF"/><v:Falt namn="Insats" varde="Bostad med särskild service för vuxna"/></v:Post>
     <v:Post slag="DAGANT" lop="2"><v:Falt namn="Tid" varde="2026-02-19T21:10:00"/><v:Falt namn="Text">Sov <b>gott</b>.</v:Falt></v:Post>
   </v:Akt>
   <v:Akt v:typ="AKT_BOU" v:dnr="B-1"><v:Post slag="DAGANT" lop="3"><v:Falt namn="Tid" varde="2026-02-19T21:10:00"/><v:Falt namn="Text">MARKORD</v:Falt></v:Post></v:Akt>
 </p:Person>
 <p:Person p:idnr="{BERT}" p:idtyp="personnummer"><p:Namn tilltal="MARKORD" efter="MARKORD"/><v:Akt v:typ="AKT_BOU" v:dnr="B-2"><v:Post slag="DAGANT" lop="4"><v:Falt namn="Text">MARKORD</v:Falt></v:Post></v:Akt></p:Person></v:Mottagare>
</v:Leverans>"""


def _orust(number: str, name: str, area: str, word: str) -> dict[str, object]:
    asked = [
        {"nr": 1, "inkom": "2026-01-05", "sokande": {"roll": "Anhörig", "ref": "R1", "namn": "Eva Ek"}, "begaran": word},
        {"nr": 2, "inkom": "2026-01-07", "sokande": {"roll": "God man", "ref": "G1"}, "begaran": word},
        {"nr": 3, "inkom": "2026-01-08", "sokande": {"roll": "Den enskilde"}, "begaran": word},
        {"nr": 4, "inkom": "2026-01-09", "sokande": {"roll": "Vårdpersonal", "namn": "Ssk Mia"}, "begaran": word},
    ]  # fmt: skip
    return {
        "person": {"samordningsnummer": number, "namn": name},
        "anhoriga": [{"id": "R1", "vem": "Dotter", "namn": "Eva Ek"}],
        "ombud": [{"id": "G1", "slag": "God man", "namn": "Per Sjödin"}],
        "lagomrade": area,
        "ansokningar": asked,
        "journal": [{"nr": 1, "nar": "2026-02-19 21:10", "text": word}],
    }


# JSON whose cases stand under their numbers; the time of the export beside them.
ORUST = {
    "uttag": {"tid": "2026-03-02"},
    "akter": {
        "A-1": _orust(f"{COORDINATION[:8]}-{COORDINATION[8:]}", "Ada Åkerö", "SoL äldre", "Larm"),
        "A-2": _orust(BERT, "MARKORD", "EKB", "MARKORD"),
    },
}


def _zip(files: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text.encode("utf-16"))
    return made.getvalue()


def _lines(rows: list[dict[str, object]]) -> bytes:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    return "\n".join(lines).encode("windows-1252")


ODD = {
    "tjust": ("json_export", "tjust.json", json.dumps(TJUST).encode()),
    "ullared": ("json_export", "ullared.jsonl", _lines(ULLARED)),
    "viskan": ("delimited", "viskan.zip", _zip(VISKAN)),
    "yngsjo": ("delimited", "yngsjo.txt", YNGSJO.encode()),
    "asele": ("xml_export", "asele.xml", ASELE.encode()),
    "orust": ("json_export", "orust.json", json.dumps(ORUST, ensure_ascii=False).encode()),
}
