"""How much exposure a slope, a ratio or a shift is for: the amount, its words, its faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluteal.constants import constant, constants
from gluteal.errors import Fault, UserError, suggest
from gluteal.notation import MINUS, write_number
from gluteal.variables import variables

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def faults_of_amount(amount: str | float, mdc: str | None = None, key: str = "per") -> list[str]:
    """Say what is wrong with the setting of an amount; ``key`` is its name.

    Examples
    --------
    >>> faults_of_amount(0.0), faults_of_amount("sd"), faults_of_amount(0.0, key="shift")
    (['per must not be 0'], [], ['shift must not be 0'])
    """
    if amount == "mdc" and mdc not in constants():
        near = suggest(mdc or "mdc_", constants())
        return [f"{key}: mdc needs mdc, the name of a constant. {near}".strip()]
    return [f"{key} must not be 0"] if amount == 0 else []


def usual_amount(name: str, per: str | float = "auto") -> float:
    """Return the amount that a slope is for: the usual one, unless settings state another.

    Examples
    --------
    >>> usual_amount("hip_abd_nm_kg"), usual_amount("nprs_avg")
    (0.1, 1.0)
    """
    if not isinstance(per, str):
        return per
    return 0.1 if variables()[name].unit == "Nm/kg" else 1.0


def write_amount(size: float, name: str, spread: str = "") -> str:
    """Write an amount of a variable; what it is one of, such as an SD, stands before it.

    Examples
    --------
    >>> write_amount(0.25, "hip_abd_nm_kg"), write_amount(0.25, "hip_abd_nm_kg", "SD")
    ('0.250 Nm/kg', 'SD (0.250 Nm/kg)')
    """
    text = f"{write_number(size)} {variables()[name].unit}".strip()
    return f"{spread} ({text})" if spread else text


def write_stated(size: float, name: str) -> str:
    """Write an amount as it was stated, without digits that nobody gave.

    Examples
    --------
    >>> write_stated(0.1, "hip_abd_nm_kg"), write_stated(-2.0, "nprs_avg")
    ('0.1 Nm/kg', '−2 point')
    """
    unit = variables()[name].unit
    return f"{size:g} {'point' if unit == '0-10' else unit}".strip().replace("-", MINUS)


def find_amount(
    values: Floats, exposure: str, per: str | float = "sd", mdc: str | None = None
) -> tuple[float, str]:
    """Return the amount of a numeric exposure that a slope is for, and its words.

    Parameters
    ----------
    values : ndarray, shape (n,)
        The exposure in the rows analysed.
    exposure : str
    per : "sd", "mdc" or float
        A standard deviation, the minimal detectable change, or an amount in its unit.
    mdc : str, optional
        The constant of the minimal detectable change.

    Raises
    ------
    UserError
        If the constant is in another unit.

    Examples
    --------
    >>> import numpy as np
    >>> find_amount(np.array([1.0, 2.0, 3.0]), "hip_abd_nm_kg")
    (1.0, 'SD (1.00 Nm/kg)')
    """
    if not isinstance(per, str):
        return float(per), write_amount(float(per), exposure)
    if per == "sd":
        sd = float(values.std(ddof=1))
        return sd, write_amount(sd, exposure, "SD")
    change, unit = constant(str(mdc)), variables()[exposure].unit
    if change.unit != unit:
        rule = f"the constant {change.name} is in {change.unit}, the exposure in {unit}"
        raise UserError(Fault("the config", rule, "Name a fitting constant.", column="mdc"))
    return change.value, f"minimal detectable change, {change.cite()}"


def name_amount(
    values: Floats, exposure: str, per: str | float = "sd", mdc: str | None = None
) -> tuple[float, str]:
    """Return the amount of exposure that an effect is for, and the contrast in words.

    Examples
    --------
    >>> import numpy as np
    >>> name_amount(np.array([0.0, 1.0]), "lbp")[0]
    1.0
    >>> name_amount(np.array([1.0, 2.0, 3.0]), "hip_abd_nm_kg")
    (1.0, 'per SD (1.00 Nm/kg) more')
    """
    known = variables()[exposure]
    if known.kind == "boolean":
        return 1.0, f"{known.levels.get('1', '1')} {MINUS} {known.levels.get('0', '0')}"
    units, words = find_amount(values, exposure, per, mdc)
    return units, f"per {words} more"
