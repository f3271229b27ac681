"""Plans of whole models, where a model must run: probes, refits, measurements."""

from .choice import Choice
from .evaluate import Evaluation, evaluate
from .factor import factor
from .file import Budget, read_plan
from .layers import PlanError
from .probe import probe
from .refit import refit

__all__ = ["Budget", "Choice", "Evaluation", "PlanError", "evaluate", "factor", "probe", "read_plan", "refit"]
