"""The monitor as a callback of trainers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn

from conftest import Memory, needed
from spectra_weights.monitor import Monitor


class Waiting(Monitor):
    """A monitor that waits for each beat, so that none is skipped."""

    def __init__(self, monitor: Monitor) -> None:
        self.__dict__ = monitor.__dict__

    def step(self, model: nn.Module, step: int | None = None) -> None:
        super().step(model, step)
        self.wait(60)


def test_lightning_trains_with_it(tmp_path: Path) -> None:
    """Catches steps of accumulated batches that are counted as optimizer steps."""
    lightning = needed("lightning.pytorch")

    class Module(lightning.LightningModule):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 4)

        def training_step(self, batch: Any, index: int) -> torch.Tensor:
            loss: torch.Tensor = self.layer(batch).square().mean()
            return loss

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), 0.1)

    memory = Memory()
    monitor = Monitor(every=2, log=memory)
    slow = Waiting(monitor)
    trainer = lightning.Trainer(
        max_epochs=1, accumulate_grad_batches=2, accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, callbacks=[slow.lightning()], default_root_dir=tmp_path,
    )
    data: Any = list(torch.randn(12, 4))
    trainer.fit(Module(), torch.utils.data.DataLoader(data, batch_size=1))
    assert [step for step, _ in memory.logged] == [2, 4, 6] and memory.closed == 1
    assert "spectra/layer/update_stable_rank" in memory.logged[1][1]


def test_the_hugging_face_trainer_trains_with_it(tmp_path: Path) -> None:
    transformers = needed("transformers")
    needed("accelerate")

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 1)
            self.wide = nn.Linear(4, 4)

        def forward(self, x: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
            y = self.layer(self.wide(x))
            return {"loss": (y[:, 0] - labels).square().mean(), "logits": y}

    memory = Memory()
    slow = Waiting(Monitor(every=2, log=memory))
    data = [{"x": torch.randn(4), "labels": torch.tensor(1.0)} for _ in range(6)]
    arguments = transformers.TrainingArguments(
        output_dir=str(tmp_path), per_device_train_batch_size=1, num_train_epochs=1, report_to=[], save_strategy="no",
        use_cpu=True, disable_tqdm=True,
    )
    transformers.Trainer(model=Model(), args=arguments, train_dataset=data, callbacks=[slow.transformers()]).train()
    assert [step for step, _ in memory.logged] == [2, 4, 6] and memory.closed == 1
