import pytest

from hub.auth.refused import Reason, TokenRefused, bearer


def test_the_token_is_taken_from_the_header() -> None:
    assert bearer("Bearer a.b.c") == "a.b.c"
    assert bearer("bearer  a.b.c") == "a.b.c"


@pytest.mark.parametrize("header", [None, "", "Basic dTpw", "a.b.c", "Bearer\ta"])
def test_a_request_without_a_token_is_told_no_error_code(header: str | None) -> None:
    with pytest.raises(TokenRefused) as caught:
        bearer(header)
    assert caught.value.challenge == 'Bearer realm="samvy"'


def test_every_fault_of_a_token_has_the_same_answer() -> None:
    faults = set(Reason) - {Reason.MISSING, Reason.NOT_BEARER, Reason.ASSURANCE}
    assert {TokenRefused(each).challenge for each in faults} == {
        'Bearer realm="samvy", error="invalid_token"'
    }
    assert len({str(TokenRefused(each)) for each in Reason}) == 1


def test_a_log_in_that_was_too_weak_is_told_so() -> None:
    assert 'error="insufficient_user_authentication"' in TokenRefused(Reason.ASSURANCE).challenge
