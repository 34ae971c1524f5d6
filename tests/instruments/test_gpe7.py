from gluteal.instruments.gpe7 import ITEMS


def test_the_answer_is_the_variable(score):
    scores, _ = score("gpe7", [{"change": 1}, {"change": 7}])
    assert scores["gpe7"].tolist() == [1, 7]
    assert ITEMS == {"change": (1, 2, 3, 4, 5, 6, 7)}
