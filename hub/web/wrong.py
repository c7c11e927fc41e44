"""What went wrong, in Swedish, for whoever looks at the console.

Source: hub/errors.py, whose texts are English and for programs. Nothing of the request is repeated.
"""

from hub.errors import HubError

BY_CODE = {
    "csrf": (
        "Formuläret hör inte till den här inloggningen",
        "Ingenting har ändrats. Ladda om sidan och försök igen.",
    ),
    "no-log-mandate": (
        "Du har inget uppdrag här",
        "Här läser logggranskare, och personen själv, loggen, och den som får häva spärrar svarar.",
    ),
    "insufficient-scope": (
        "Intyget räcker inte till det här",
        "Logga in med ett intyg som gäller begäranden att häva spärr (Task). Inget har ändrats.",
    ),
    "person-number-in-url": (
        "Ett personnummer får inte stå i adressen",
        "Adresser sparas i webbläsaren och i loggar. Använd fältet för personnummer i stället.",
    ),
    "unit-needed": (
        "En inre spärr gäller en enhet",
        "Välj den enhet vars uppgifter spärras mot andra enheter.",
    ),
    "own-access": (
        "Ingen bedömer sin egen åtkomst",
        "Be en annan granskare att bedöma den. Ingenting har sparats.",
    ),
    "extract-too-large": (
        "Utdraget är för stort",
        "Välj en kortare period. En fil rymmer högst 20 000 åtkomster, en PDF 5 000.",
    ),
    "login-expired": (
        "Inloggningen gäller inte den här webbläsaren",
        "Inloggningen tog för lång tid eller påbörjades någon annanstans. Logga in igen.",
    ),
    "login-refused": (
        "Inloggningstjänsten släppte inte in dig",
        "Inloggningen avbröts eller nekades av inloggningstjänsten. Försök igen.",
    ),
    "provider-away": (
        "Inloggningstjänsten svarar inte",
        "Försök igen om en stund, och säg till driften om det inte hjälper.",
    ),
    "console-key": (
        "Konsolens nyckel kan inte läsas",
        "Ingen kan logga in förrän driften har lagt nyckeln där SAMVY_CONSOLE_KEY säger.",
    ),
    "not-own-review": (
        "Granskningen är organisationens egen",
        "Åtkomsten bedöms av den organisation vars personal gjorde den. Ingenting har sparats.",
    ),
    "no-person-number": (
        "Numret går inte att läsa som ett personnummer",
        "Skriv tio eller tolv siffror, till exempel ÅÅÅÅMMDD-NNNN, och försök igen.",
    ),
}
BY_STATUS = {
    400: ("Det går inte att förstå", "Ett fält är fel ifyllt. Gå tillbaka och ändra det."),
    401: ("Inloggningen gäller inte", "Logga in igen med ett intyg som gäller nu."),
    403: ("Du har inte rätt till det här", "Inget har visats och inget har ändrats."),
    404: ("Här finns inget", "Det finns ingenting här som du får se."),
    405: ("Det går inte att göra så", "Gå tillbaka och använd sidans knappar."),
    409: ("Någon annan hann före", "Ladda om sidan och försök igen."),
    410: ("Länken gäller inte längre", "Gör om sökningen."),
    413: ("Det är för stort", "Skriv en kortare text."),
    503: (
        "Loggen eller databasen svarar inte",
        "Då visas ingenting. Försök igen om en stund och säg till driften om det inte hjälper.",
    ),
}
OTHERWISE = (
    "Något gick fel",
    "Inget har visats. Säg till driften, och ange numret i svarets huvud X-Request-Id.",
)


def told(error: HubError) -> tuple[str, str]:
    """Return a heading, and what to do about it."""
    return BY_CODE.get(error.code) or BY_STATUS.get(error.status) or OTHERWISE
