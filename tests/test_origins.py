import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.origins import Origins, normal, normals, origin_of


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://City.example/", "https://city.example"),
        ("https://city.example:443", "https://city.example"),
        ("http://city.example:80", "http://city.example"),
        ("http://localhost:08080", "http://localhost:8080"),
        ("https://*.ville.example", "https://*.ville.example"),
        ("https://städte.example", "https://xn--stdte-hra.example"),
        ("http://[::1]:7860", "http://[::1]:7860"),
    ],
)
def test_an_origin_is_read_as_browsers_send_it(written, sent):
    assert normal(written) == sent
    assert normal(sent) == sent


def test_the_same_origin_counts_once():
    assert normals(["https://a.example", "https://A.example/"]) == ("https://a.example",)


def test_an_origin_that_is_none_says_how_to_write_one():
    with pytest.raises(ValueError, match=r"https://city\.example"):
        normal("city.example")


@given(st.from_regex(r"[a-z0-9.*:/-]{0,12}", fullmatch=True))
def test_a_wildcard_lets_in_one_label_and_nothing_else(label):
    allowed = Origins(normals(["https://*.ville.example"])).allow(f"https://{label}.ville.example")

    plain = label.replace("-", "x").isalnum() and not label.startswith("-") and not label.endswith("-")
    assert allowed == plain


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://city.example/page?x=https://evil.example", "https://city.example"),
        ("http://city.example:80/", "http://city.example"),
        ("https://*.city.example/", ""),
        ("about:blank", ""),
        ("https://[", ""),
        ("", ""),
    ],
)
def test_the_origin_of_an_address(address, origin):
    assert origin_of(address) == origin


def test_a_frame_may_stand_on_the_exact_origins_and_the_one_that_asks():
    origins = Origins(normals(["https://city.example", "https://*.ville.example"]))

    assert origins.ancestors("") == "'self' https://city.example"
    assert origins.ancestors("https://city.example/a") == "'self' https://city.example"
    assert origins.ancestors("https://www.ville.example/a") == "'self' https://city.example https://www.ville.example"
