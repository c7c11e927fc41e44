# ruff: noqa: E501, UP031  # exports have the lines and the braces that they have
"""The exports themselves: one person with something in scope, one without, and words that mark.

MARKORD stands wherever something is out of scope. All people are invented.
"""

import io
import zipfile

ADA, BERT = "194103122385", "195208172391"
MARK = "MARKORD"

ALVIK = f"""<?xml version="1.0" encoding="UTF-8"?>
<v:Leverans xmlns:v="urn:alvik:vo" xmlns:g="urn:alvik:gemensam" klar="2026-03-01">
<g:Enheter><g:Enhet kod="E7" benamning="Norr"/><g:Enhet kod="E8" benamning="{MARK}"/></g:Enheter>
<v:Omsorgstagare pnr="410312-2385" sekel="19" enhet="E7"><v:Namn f="Ada" e="Ek"/>
<v:Akt nr="1" slag="ÄO" upplagd="02.01.2026" hl="Handläggare ett" enhet="E7">
<v:Bslut lnr="1" den="16.02.2026" par="11 kap. 1 § SoL" svar="1" enhet="E7"><v:Ins lnr="1" k="H1"/></v:Bslut>
<v:Bslut lnr="2" den="16.02.2026" par="11 kap. 1 § SoL" svar="2" enhet="E7"><v:Ins lnr="2" k="L2"/></v:Bslut>
<v:Bslut lnr="3" den="16.02.2026" par="12 kap. 1 § SoL" svar="1" enhet="E7"><v:Ins lnr="3" k="{MARK}"/></v:Bslut>
<v:Dagbok><v:Rad lnr="1" den="19.02.2026" sign="AB" enhet="E7">Lugn kväll.</v:Rad></v:Dagbok></v:Akt>
<v:Akt nr="2" slag="IFO" upplagd="02.01.2026" hl="{MARK}"><v:Dagbok><v:Rad lnr="2" den="19.02.2026">{MARK}</v:Rad></v:Dagbok></v:Akt>
<v:Annat>{MARK}</v:Annat></v:Omsorgstagare>
<v:Omsorgstagare pnr="520817-2391" sekel="19"><v:Namn f="{MARK}" e="{MARK}"/><v:Akt nr="3" slag="IFO"/></v:Omsorgstagare>
<v:Loggar><v:Logg>{MARK}</v:Logg></v:Loggar></v:Leverans>""".encode()

BODA = (
    '{"Person": {"Nr": "%s", "Namn": "Ada Åkerö"}, "Poster": [{"Id": 1, "Typ": "Äldre", "Tid": "2026-02-19 21:10", '
    '"Ord": "Lugn kväll."}, {"Id": 2, "Typ": "Ekonomi", "Tid": "2026-02-19 21:10", "Ord": "%s"}], "Beslut": [{"Id": 1, '
    '"Typ": "Äldre", "Datum": "2026-02-16", "Lag": "4 kap. 1 § SoL", "Utfall": "Bifall", "Insats": "Hemtjänst"}], '
    '"Ovrigt": {"x": "%s"}}\n'
    '{"Person": {"Nr": "%s", "Namn": "%s"}, "Poster": [{"Id": 1, "Typ": "Ekonomi", "Ord": "%s"}]}\n'
    % (ADA, MARK, MARK, BERT, MARK, MARK)
).encode("windows-1252")

DUNBY = "\n".join(
    [
        '{"klient": "%s", "slag": "anteckning", "nr": 1, "mg": "A", "tid": "202602192110", "text": "Lugn kväll."}'
        % ADA,
        '{"klient": "%s", "slag": "anteckning", "nr": 1, "mg": "X", "tid": "202602192110", "text": "%s"}'
        % (BERT, MARK),
        '{"klient": "%s", "slag": "besok", "nr": 2, "mg": "A", "tid": "202602200800", "slut": "202602200830"}'
        % ADA,
        '{"klient": "%s", "slag": "anteckning", "nr": 3, "mg": "X", "tid": "202602192110", "text": "%s"}'
        % (ADA, MARK),
        '{"slag": "anteckning", "nr": 4, "mg": "A", "text": "%s"}' % MARK,
    ]
).encode()

ELVSTA = (
    """{"skapad": "2026-03-01", "data": {
"rader": [{"id": 1, "beslut": 1, "insats": 501, "antal": 12.5}, {"id": 2, "beslut": 2, "insats": 777},
          {"id": 3, "beslut": 3, "insats": "MARKORD"}],
"beslut": [{"id": 1, "arende": 1, "datum": "2026-02-16", "lagrum": "SoL 11:1", "utfall": 1},
           {"id": 2, "arende": 2, "datum": "2026-02-16", "lagrum": "LSS 9 § 10", "utfall": 1},
           {"id": 3, "arende": 3, "datum": "2026-02-16", "lagrum": "MARKORD", "utfall": 1},
           {"id": 4, "arende": 4, "datum": "2026-02-16", "lagrum": "MARKORD", "utfall": 1}],
"arenden": [{"id": 1, "person": 7, "omr": 10}, {"id": 2, "person": 7, "omr": 20}, {"id": 3, "person": 7, "omr": 90},
            {"id": 4, "person": 8, "omr": 90}],
"personer": [{"id": 7, "pnr": "%s", "namn": "Ada Ek"}, {"id": 8, "pnr": "%s", "namn": "MARKORD"}],
"ovrigt": ["MARKORD"]}}"""
    % (ADA, BERT)
).encode()


def zipped(encoding: str, files: dict[str, str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in files.items():
            made.writestr(name, text.encode(encoding))
    return archive.getvalue()


FURBY = zipped(
    "windows-1252",
    {
        "pers_natt.csv": f"Löpnr;Person nr;Namn\r\n1;{ADA};Ada Åkerö\r\n2;{BERT};{MARK}\r\n",
        "besl_natt.csv": "Löpnr;Nr;Mål grupp;Dag;§;Utfall;Insats\r\n"
        "1;1;Äldreomsorg;2026-02-16;11 kap. 1 § SoL;Bifall;Trygghetslarm\r\n"
        f"1;2;Försörjningsstöd;2026-02-16;12 kap. 1 § SoL;Bifall;{MARK}\r\n",
        "dagb_natt.csv": "Löpnr;Nr;Mål grupp;Dag;Text\r\n"
        '1;1;Äldreomsorg;2026-02-19;"Lugn ""kväll"";\r\nsov gott."\r\n'
        f"2;2;Försörjningsstöd;2026-02-19;{MARK}\r\n9;3;Äldreomsorg;2026-02-19;{MARK}\r\n",
        "annat.csv": f"a;b\r\n{MARK};1\r\n",
    },
)
GRYT = zipped(
    "utf-8-sig",
    {
        "uttag_260301_1.txt": f"{ADA}|A|1|260219|G|Lugn kväll.\n{BERT}|A|2|260219|E|{MARK}\n",
        "uttag_260301_2.txt": f"{ADA}|A|3|260220|G|Sov gott.\n{ADA}|A|4|260220|E|{MARK}\n"
        f"{ADA}|B|5|260220|G|{MARK}\n",
    },
)
HULT = (
    "Personnummer\tNamn\tAkt\tBeslut\tDatum\tLag\tPunkt\tUtfall\r\n"
    f"{ADA}\tAda Ek\tLSS\t1\t2026-02-16\tLSS\t10\tJa\r\n"
    f"{ADA}\tAda Ek\tLSS\t2\t2026-02-16\tLSS\t3\tNej\r\n"
    f"{ADA}\tAda Ek\tBoU\t3\t2026-02-16\t{MARK}\t4\tJa\r\n"
    f"{BERT}\t{MARK}\tBoU\t4\t2026-02-16\tLVU\t4\tJa\r\n"
).encode("utf-16")


def _event(*values: str) -> str:
    names = ("KUNDNR", "NR", "ENHET", "LAG", "VERKS", "SPARR", "TID", "SIGN", "TEXT")
    cells = "".join(f"<{n}>{v}</{n}>" for n, v in zip(names, values, strict=True))
    return f"<HANDELSE>{cells}</HANDELSE>"


IVARSBY = (
    '<?xml version="1.0" encoding="ISO-8859-1"?><DATA>'
    + _event("1", "1", "N", "S", "AO", "N", "2026-02-19 21:10", "AB", "Handläggarens rad.")
    + _event("1", "2", "N", "H", "AO", "N", "2026-02-19 21:10", "SK", "Sår på hälen.")
    + _event("1", "3", "F", "S", "AO", "N", "2026-02-19 21:10", "UF", "Utförarens rad.")
    + _event("1", "4", "N", "S", "EK", "N", "2026-02-19 21:10", "AB", MARK)
    + _event("1", "5", "N", "S", "AO", "J", "2026-02-19 21:10", "AB", MARK)
    + _event("2", "6", "N", "S", "EK", "N", "2026-02-19 21:10", "AB", MARK)
    + f"<KUND><NR>1</NR><PNR>{ADA}</PNR><NAMN>Ada Åkerö</NAMN></KUND>"
    + f"<KUND><NR>2</NR><PNR>{BERT}</PNR><NAMN>{MARK}</NAMN></KUND><LOGG>{MARK}</LOGG></DATA>"
).encode("iso-8859-1")

EXPORTS = {
    "alvik": ("xml_export", "alvik.xml", ALVIK),
    "boda": ("json_export", "boda.jsonl", BODA),
    "dunby": ("json_export", "dunby.jsonl", DUNBY),
    "elvsta": ("json_export", "elvsta.json", ELVSTA),
    "furby": ("delimited", "furby.zip", FURBY),
    "gryt": ("delimited", "gryt.zip", GRYT),
    "hult": ("delimited", "hult.txt", HULT),
    "ivarsby": ("xml_export", "ivarsby.xml", IVARSBY),
}
