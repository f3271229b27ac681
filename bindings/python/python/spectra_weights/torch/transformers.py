"""Compressed models in transformers: importing this module teaches ``from_pretrained`` to read them.

    import spectra_weights.torch.transformers
    model = AutoModel.from_pretrained("folder of spectra compress --as factors")
"""

from __future__ import annotations

from typing import Any

from torch import nn
from transformers.quantizers.auto import register_quantization_config, register_quantizer
from transformers.quantizers.base import HfQuantizer
from transformers.utils.quantization_config import QuantizationConfigMixin

from .plan.stored import stored

__all__ = ["SpectraConfig", "SpectraQuantizer"]


@register_quantization_config("spectra")
class SpectraConfig(QuantizationConfigMixin):
    """The entry ``quantization_config`` of a compressed model: how each layer is stored."""

    def __init__(self, layers: dict[str, dict[str, Any]], version: int = 1, **_: Any) -> None:
        self.quant_method = "spectra"  # type: ignore[assignment]
        self.version = version
        self.layers = layers


@register_quantizer("spectra")
class SpectraQuantizer(HfQuantizer):
    """Puts the modules of the stored forms in the places of the layers, before their tensors are read."""

    requires_calibration = True
    quantization_config: SpectraConfig

    def _process_model_before_weight_loading(self, model: nn.Module, **kwargs: Any) -> nn.Module:
        if self.quantization_config.version != 1:
            raise ValueError(f"the model was compressed in version {self.quantization_config.version} of the form; update spectra-weights")
        layers: dict[str, dict[str, Any]] = self.quantization_config.layers
        for name, entry in layers.items():
            found = _place(model, name)
            new = stored(entry, model.get_submodule(found))
            if isinstance(new, str):
                raise ValueError(f"{name}: {new}")
            parent, _, child = found.rpartition(".")
            setattr(model.get_submodule(parent), child, new)
        return model

    def is_serializable(self) -> bool:
        """Returns whether ``save_pretrained`` writes the model: it does, in the same form."""
        return True

    @property
    def is_trainable(self) -> bool:
        """Whether the stored forms can be trained."""
        return True


def _place(model: nn.Module, name: str) -> str:
    """Returns the name of a layer of the file in the model, whose base model may be wrapped there or in the file."""
    prefix = str(getattr(model, "base_model_prefix", ""))
    modules = dict(model.named_modules())
    places = (name, f"{prefix}.{name}", name.removeprefix(f"{prefix}."))
    for place in places:
        if place in modules:
            return place
    raise ValueError(f"{name}: the model has no such module")
