"""The monitor as a callback of the Hugging Face Trainer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import TrainerCallback

    from .monitor import Monitor

__all__ = ["transformers_callback"]


def transformers_callback(monitor: Monitor) -> TrainerCallback:
    """Returns a callback that tells the monitor of each optimizer step and closes it at the end.

    Raises:
        ImportError: ``transformers`` is not installed.
    """
    from transformers import TrainerCallback

    class SpectraMonitor(TrainerCallback):
        """Tells a monitor of optimizer steps."""

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            model = kwargs.get("model")
            if model is not None:
                monitor.step(model, state.global_step)

        def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            monitor.close()

    return SpectraMonitor()
