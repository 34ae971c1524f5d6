from gluteal.figures import absent
from gluteal.variables import variables

NEEDS = {"needs": [{"name": "hip_abd_nm_kg"}, {"name": "something_else"}]}


def test_what_is_lacking_is_named_with_its_label():
    words = "\n".join(text.get_text() for text in absent.draw(NEEDS, None, {}).axes[0].texts)
    assert f"{variables()['hip_abd_nm_kg'].label} (hip_abd_nm_kg)" in words
    assert "something_else" in words


def test_the_description_says_why():
    words = absent.describe(NEEDS, None, {})
    assert words.startswith("No figure: not testable")
    assert "hip_abd_nm_kg" in words


def test_a_reason_stands_where_no_variable_is_lacking():
    panels = {"needs": [], "reason": [{"text": "arm: there is a control arm only"}]}
    words = "\n".join(text.get_text() for text in absent.draw(panels, None, {}).axes[0].texts)
    assert words == "Not testable\narm: there is a control arm only"
    assert absent.describe(panels, None, {}) == (
        "No figure: not testable, arm: there is a control arm only."
    )
