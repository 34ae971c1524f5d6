from gluteal.estimates import THREATS
from gluteal.frames.bias_words import SENTENCES, write_bias


def test_only_what_was_answered_is_described():
    assert [*write_bias(())] == []
    assert len([*write_bias(THREATS)]) == len(SENTENCES)


def test_every_sentence_has_its_source_and_no_promise():
    for threat, text in SENTENCES.items():
        assert threat in THREATS
        assert "doi:10." in text
        assert "causes" not in text
