"""What has a model learned, and where could it be smaller?

    python examples/python/analyze_model.py fixtures/mlp-long.safetensors

A file here; a PyTorch module, a state dict or a dictionary of arrays is taken just as well.
"""

import sys

import spectra_weights as sw


def main(weights):
    analysis = sw.analyze(weights)
    print(analysis)

    for layer in analysis.layers:
        if layer.status == "analyzed":
            print(f"{layer.name}: {layer.verdict.text}")

    # Fewer numbers for those that nearly have low rank.
    names = [layer.name for layer in analysis.summary.compressible]
    if names:
        families = sw.families(weights, tensors=names, family=["low-rank", "monarch"], budgets=["1/8", "1/4"])
        for layer in families.layers:
            for fit in layer.families:
                if fit.relative_residual is not None:
                    kept = 1 - fit.relative_residual**2
                    print(f"{layer.name}: {fit.family} at {fit.budget:.0%} of the parameters keeps {kept:.0%} of the squares")


if __name__ == "__main__":
    main(sys.argv[1:] or ["fixtures/mlp-long.safetensors"])
