from gluteal.estimators.inference import interval
from gluteal.frames.context import Beside, Ours, convert, pool_beside
from gluteal.frames.context_tables import lay_out_forest, lay_out_published, write_sentences
from gluteal.frames.published import choose

OURS = Ours(interval(-0.5, 0.1, 398), 400, None, 0, "Hedges g")
THREE = (
    "md_hip_abd_right_pizol2023",
    "mean_hip_abd_right_penney2014_lbp",
    "mean_hip_abd_sutherlin2015_lbp",
)


def results(part="abductors", named=None):
    return [Beside(one, used, convert(one)) for one, used in choose(part, named)]


def test_rows_stand_in_order_and_a_prediction_needs_three():
    two, three = results(), results(named=THREE)
    kinds = [row["kind"] for row in lay_out_forest(two, pool_beside(two), OURS, 0.95)]
    assert kinds == ["used", "used", "beside", "beside", "pooled", "ours"]
    kinds = [row["kind"] for row in lay_out_forest(three, pool_beside(three), OURS, 0.95)]
    assert kinds[-3:] == ["pooled", "prediction", "ours"]
    one = results("tilt")
    kinds = [row["kind"] for row in lay_out_forest(one, pool_beside(one), OURS, 0.95)]
    assert kinds == ["used", "beside", "ours"]


def test_every_result_is_listed_with_sign_mark_and_source():
    rows = lay_out_published(results())
    assert len(rows) == 9
    first = rows[0]
    assert first["As printed"] == "0.7 (0.49 to 0.9) SD"
    assert "turned round" in first["Sign"]
    assert first["As compared"].startswith("\N{MINUS SIGN}0.70")
    assert first["Numbers"] == "verified in the source"
    assert [r["As compared"] for r in rows].count("no interval printed") == 5


def test_sentences_follow_the_number_of_results():
    def text(found):
        return " ".join(write_sentences(found, pool_beside(found), OURS, "difference", "hips"))

    assert "doi:10.1002/sim.791" in text(results(named=THREE))
    assert "a prediction interval needs three" in text(results())
    assert "Turned round to read low back pain minus none: de Sousa 2019" in text(results())
    silent = [Beside(one.published, True, None) for one in results()]
    assert "nothing was subtracted" in text(silent)
