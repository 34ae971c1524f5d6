"""Thousands of defensible specifications fitted in one batch, and what they say together."""

from gluteal.estimators.multiverse.curve import Curve, summarise_curve
from gluteal.estimators.multiverse.joint import JointCurveTest, check_joint_null
from gluteal.estimators.multiverse.run import Multiverse, run_multiverse
from gluteal.estimators.multiverse.specifications import Specification, expand_grid

__all__ = [
    "Curve",
    "JointCurveTest",
    "Multiverse",
    "Specification",
    "check_joint_null",
    "expand_grid",
    "run_multiverse",
    "summarise_curve",
]
