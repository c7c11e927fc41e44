"""In which form a body came: its encoding, its characters, its version of FHIR.

Source: RFC 9110 §8.4; FHIR R4 http.html#mime-type, versioning.html#mt-version. What is in another
form would be read as something that it is not, and is refused.
"""

from starlette.datastructures import Headers

from hub.errors import UnsupportedMediaType

FHIR_VERSIONS = ("4.0", "4.0.1")
_UTF_8 = ("utf-8", "utf8", "us-ascii")


def refuse_other_forms(headers: Headers, *, raw: bool = False) -> None:
    """Return if a body is as it says in the headers, and the hub reads that form.

    `raw`: it is a Binary's content, which may be in any characters.

    Raises:
        UnsupportedMediaType: it is compressed, in other characters, or of another FHIR.
    """
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise UnsupportedMediaType(
            "the body is compressed; send it as it is, without Content-Encoding",
            code="content-encoding",
            headers={"Accept-Encoding": "identity"},
        )
    if raw:
        return
    options = parameters_of(headers.get("content-type", ""))
    if options.get("charset", _UTF_8[0]) not in _UTF_8:
        raise UnsupportedMediaType("send the body in UTF-8", code="charset")
    if options.get("fhirversion", FHIR_VERSIONS[0]) not in FHIR_VERSIONS:
        raise UnsupportedMediaType("send FHIR 4.0", code="fhir-version")


def parameters_of(media_type: str) -> dict[str, str]:
    """Return the parameters of a media type, names and values in lower case."""
    found = (each.partition("=") for each in media_type.lower().split(";")[1:])
    return {name.strip(): value.strip().strip('"') for name, _, value in found}
