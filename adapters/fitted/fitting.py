"""The source profile of an export, checked and of the format that the adapter reads."""

from collections.abc import Mapping

from adapters.document import Unreadable
from mappings.source_profile import ProfileError, SourceProfile, check


def fitted_to(profile: Mapping[str, object] | None, form: tuple[str, ...]) -> SourceProfile:
    """Return the checked profile of a source.

    Raises:
        Unreadable: there is none, it is wrong, or it fits another format.
    """
    if profile is None:
        text = (
            "an export needs a source profile; set profile: of the source to a shipped profile's "
            "name or to a path"
        )
        raise Unreadable("no-profile", "source", text)
    try:
        fitted = check(profile)
    except ProfileError as error:
        raise Unreadable("bad-profile", error.key or error.file, error.remedy) from error
    if fitted.format not in form:
        text = f"the profile {fitted.name} fits {fitted.format} and not {form[0]}; give another one"
        raise Unreadable("wrong-profile", "format", text)
    return fitted
