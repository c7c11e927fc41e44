"""What a search across persons may ask about them, and what it may not (PDL 2:8, SoLPuL 7 a)."""

from consent.code import Code


class SearchTerm(Code):
    """What a search across persons asks about them (PDL 2:8, SoLPuL 7 a)."""

    HEALTH = "health"
    SOCIAL_SERVICES = "social_services"
    SENSITIVE = "sensitive"
    CRIME = "crime"
    ALIENS_ACT = "aliens_act"
