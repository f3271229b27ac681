"""The monitor as a callback of Lightning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lightning.pytorch import Callback

    from .monitor import Monitor

__all__ = ["lightning_callback"]


def lightning_callback(monitor: Monitor) -> Callback:
    """Returns a callback that tells the monitor of each optimizer step and closes it at the end.

    Raises:
        ImportError: Neither ``lightning`` nor ``pytorch_lightning`` is installed.
    """
    try:
        import lightning.pytorch as lightning
    except ImportError:
        import pytorch_lightning as lightning  # type: ignore[no-redef]

    class SpectraMonitor(lightning.Callback):
        """Tells a monitor of optimizer steps."""

        def __init__(self) -> None:
            self._last = 0

        def on_train_start(self, trainer: Any, pl_module: Any) -> None:
            self._last = trainer.global_step

        def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
            # batches whose gradients are accumulated make no step
            if trainer.global_step != self._last:
                self._last = trainer.global_step
                monitor.step(pl_module, trainer.global_step)

        def on_train_end(self, trainer: Any, pl_module: Any) -> None:
            monitor.close()

        def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:
            monitor.close()

    return SpectraMonitor()
