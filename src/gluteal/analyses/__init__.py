"""Every method is one module here: its settings (``Spec``) and its statistics (``fit``).

Discovery finds a new module by itself; nothing else has to be edited. A module has

``Spec``
    the settings, a subclass of ``gluteal.spec.Spec`` with ``method: Literal["<module>"]``;
``needs(spec)``
    the variables of the dictionary that it reads, for the check against cohort and graph;
``fit(cohort, spec)``
    the statistics: a ``gluteal.estimates.Fit``; its first estimate is the headline. Variables
    that a cohort lacks are its ``needs``; lacking people, visits, groups or events are a
    ``gluteal.errors.CannotTest``, which stops this analysis alone. A ``UserError`` with a place is
    for a fault of the config or of the data, and stops the run;
``headline(cohort, spec)``
    that first estimate alone and quickly, for imputed data sets and simulations: a mapping with
    the columns of ``gluteal.estimates``. Methods that only describe have none;
``IMPUTES``
    True where that first estimate is from complete cases and may be fitted again on imputed tables;
``freeze(cohort, spec)``
    settings in which what comes from the data (an SD that a slope is per) is fixed, if any does;
``FIGURE``
    the module of ``gluteal.figures`` that draws it.
"""

from functools import cache, reduce
from importlib import import_module
from operator import or_
from pkgutil import iter_modules
from types import ModuleType
from typing import Annotated, Any

from pydantic import Field

METHODS: tuple[str, ...] = tuple(sorted(m.name for m in iter_modules(__path__)))


@cache
def method(name: str) -> ModuleType:
    """Import the module of one method."""
    return import_module(f"{__name__}.{name}")


def any_spec() -> Any:
    """Build the union of all methods' settings, told apart by ``method``."""
    specs = [method(name).Spec for name in METHODS]
    return Annotated[reduce(or_, specs), Field(discriminator="method")]
