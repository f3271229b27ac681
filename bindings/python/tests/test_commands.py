"""The functions beside the commands, and arrays in memory beside files."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import spectra_weights as sw
from conftest import needed

RUN = "import sys; from spectra_weights._programs import {}; sys.exit({}())"


def command(*arguments, program="spectra"):
    """Returns what a program of the wheel prints."""
    code = RUN.format(program, program)
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def without_files(document):
    """Returns a document without what names the file."""
    if isinstance(document, dict):
        return {key: without_files(value) for key, value in document.items() if key not in ("file", "files")}
    if isinstance(document, list):
        return [without_files(item) for item in document]
    return document


def arrays(path):
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


@pytest.mark.parametrize(
    ("run", "options", "names"),
    [
        (lambda path: sw.analyze(path), ["analyze"], ["lenet-b4-dense.npz"]),
        (
            lambda path: sw.analyze(path, tensors=["ip*", "conv*"], exclude="*bias*", seed=7, draws=39, values=False),
            ["analyze", "--tensor", "ip*", "--tensor", "conv*", "--exclude", "*bias*", "--seed", "7", "--draws", "39",
             "--no-values"],
            ["lenet-b1.safetensors"],
        ),
        (
            lambda one, two: sw.compare(one, two, draws=39),
            ["compare", "--draws", "39"],
            ["lenet-b1.safetensors", "lenet-b4.safetensors"],
        ),
        (
            lambda path: sw.families(path, family=["low-rank", "dct"], budgets=["1/16", 0.25], image=(28, 28)),
            ["families", "--family", "low-rank,dct", "--budgets", "1/16,0.25", "--image", "28x28"],
            ["mnist-linear.npy"],
        ),
        (
            lambda path: sw.fit_basis(path, p=2, k=[5, 6], stages=[3], controls=False, restarts=1, iterations=5),
            ["fit-basis", "--p", "2", "--k", "5,6", "--stages", "3", "--no-controls", "--restarts", "1",
             "--iterations", "5"],
            ["mnist-linear.npy"],
        ),
        (
            lambda path: sw.sketch(path, k=16, l=2, trials=40, sweep=[8, 4], target=0.5),
            ["sketch", "--k", "16", "--l", "2", "--trials", "40", "--sweep", "8,4", "--target", "0.5"],
            ["mnist-linear.npy"],
        ),
    ],
    ids=["analyze", "analyze-options", "compare", "families", "fit_basis", "sketch"],
)
def test_documents_are_those_of_the_command_line(fixtures, run, options, names):
    """Catches a default, an option or a number that the package has otherwise than the command."""
    paths = [str(fixtures / name) for name in names]
    result = run(*paths)
    assert result.to_json() == command(*options, "--json", *paths)
    assert result.complete
    assert str(result) == command(*[option for option in options if option != "--no-values"], *paths)


def test_arrays_have_the_results_of_their_file(fixtures):
    """Catches names, kinds, views and numbers that memory has otherwise than a file."""
    path = fixtures / "lenet-b4-dense.npz"
    from_file, from_memory = sw.analyze(path), sw.analyze(arrays(path))
    assert without_files(from_memory.to_dict()) == without_files(from_file.to_dict())
    assert from_memory.files[0].format == "memory"
    assert len(from_memory.layers) > 3


def test_strides_do_not_matter():
    """Catches entries that are gathered in a wrong order."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((40, 30)), rng.standard_normal((6, 5, 3, 3)).astype("f4")
    plain = sw.analyze({"a": a, "b": b, "c": a[::-1, ::2].copy()}, draws=39)
    strided = sw.analyze(
        {
            "a": np.asfortranarray(a),
            "b": np.moveaxis(np.moveaxis(b, 0, -1).copy(), -1, 0),
            "c": a.astype(">f8")[::-1, ::2],
        },
        draws=39,
    )
    assert strided.to_json() == plain.to_json()


def test_models_are_read_without_copies(torch):
    """Catches half floats that are converted, tied weights that count twice, and gradients that are in the way."""

    class Tied(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = torch.nn.Embedding(60, 40)
            self.norm = torch.nn.BatchNorm1d(40)
            self.head = torch.nn.Linear(40, 60, bias=False)
            self.head.weight = self.embed.weight

    model = Tied().to(torch.bfloat16)
    analysis = sw.analyze(model, draws=39)
    assert analysis.files[0].path == "Tied"
    rows = {row.name: row for row in analysis.layers}
    assert rows["embed.weight"].dtype == "BF16"
    assert rows["embed.weight"].status == "analyzed"
    assert rows["head.weight"].reason == "the same numbers as embed.weight"
    assert rows["norm.running_var"].reason == "a running statistic, not a weight"
    assert sw.analyze({"model": model.state_dict()}, draws=39).layers.names == [
        f"model.{name}" for name in analysis.layers.names
    ]


def test_tensors_and_files_of_torch_have_the_same_rows(torch, tmp_path):
    """Catches a tensor that is read in another way from memory than from what torch.save wrote of it."""
    torch.manual_seed(0)
    state = {
        "a.weight": torch.randn(30, 20),
        "b.weight": torch.randn(20, 30).half().T,
        "c.weight": torch.randn(4, 3, 3, 3, dtype=torch.float64),
        "step": torch.tensor(3),
        "position_ids": torch.arange(10)[None],
    }
    torch.save(state, tmp_path / "model.pt")
    from_file, from_memory = sw.analyze(tmp_path / "model.pt"), sw.analyze(state)
    assert without_files(from_memory.to_dict()) == without_files(from_file.to_dict())


def test_what_cannot_be_read_has_a_row_that_says_why(torch):
    state = {
        "fine": torch.randn(10, 10),
        "complex": torch.randn(10, 10, dtype=torch.complex64),
        "sparse": torch.eye(10).to_sparse(),
        "meta": torch.empty(10, 10, device="meta"),
        "nan": torch.full((10, 10), float("nan")),
    }
    rows = sw.analyze(state, draws=39).layers
    assert [row.status for row in rows] == ["analyzed", "failed", "failed", "failed", "failed"]
    assert "complex64 are not read" in rows["complex"].reason
    assert rows["nan"].reason == "100 entries are NaN or infinite, the first at [0, 0]"
    assert all(row.reason for row in rows[1:])


def test_inputs_and_bases_may_be_arrays(fixtures, tmp_path):
    """Catches activations or matrices of a basis that are taken otherwise from memory than from a file."""
    rng = np.random.default_rng(1)
    w, x = rng.standard_normal((6, 8)), rng.standard_normal((40, 8))
    matrices = {"M1": rng.standard_normal((5, 6, 8))}
    np.save(tmp_path / "w.npy", w)
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "basis.npz", **matrices)
    from_file = sw.fit_basis(tmp_path / "w.npy", basis=tmp_path / "basis.npz", inputs=tmp_path / "x.npy")
    from_memory = sw.fit_basis({"w": w}, basis=matrices, inputs=x)
    drop = ("inputs_file", "basis_file")
    documents = [without_files(fits.to_dict()) for fits in (from_file, from_memory)]
    for document in documents:
        for key in drop:
            assert document.pop(key)
    assert documents[0] == documents[1]
    sketches = [sw.sketch(tmp_path / "w.npy", trials=10, inputs=tmp_path / "x.npy"), sw.sketch({"w": w}, trials=10, inputs=x)]
    documents = [without_files(run.to_dict()) for run in sketches]
    assert [document.pop("inputs_file")["format"] for document in documents] == ["npy", "memory"]
    assert documents[0] == documents[1]


def test_fits_are_saved_and_loaded(fixtures, tmp_path):
    """Catches coefficients that do not belong to their fixed matrices."""
    with np.load(fixtures / "lenet-b4-dense.npz") as file:
        name = next(name for name in file.files if file[name].ndim == 2)
        w = file[name][:20, :20].astype("f8")
    fits = sw.fit_basis({"w": w}, k=100, seed=5, controls=False)
    fits.save(tmp_path / "fit.safetensors")
    fit = sw.load_fit(tmp_path / "fit.safetensors")
    assert fit.names == ["w"] and "w" in fit and len(fit) == 1
    assert fit.header.seed == 5
    assert [a.shape for a in fit.coefficients("w")] == [(100,)]
    residual = np.linalg.norm(w - fit.matrix("w")) / np.linalg.norm(w)
    assert residual == pytest.approx(fits.fits["w"].relative_residual, rel=1e-10)
    with pytest.raises(KeyError):
        fit.matrix("v")
    with pytest.raises(sw.Error, match="has no header of fits"):
        sw.load_fit(fixtures / "lenet-b1.safetensors")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda a: sw.analyze({"a": a}, draws=3), "draws': from 39"),
        (lambda a: sw.analyze({"a": a}, tensors="b*"), "no tensor has a name that matches tensors"),
        (lambda a: sw.analyze({"a": a}, tensors="["), "tensors: error parsing glob"),
        (lambda a: sw.analyze({}), "no tensors in it"),
        (lambda a: sw.analyze("nowhere.npy"), "nowhere.npy: cannot be read"),
        (lambda a: sw.sketch({"a": a}, stride=2), "stride goes with image or inputs"),
        (lambda a: sw.fit_basis({"a": a}, basis="cosine"), "basis cosine: is neither a file nor one of"),
        (lambda a: sw.compare({"a": a}, {"b": a}), "no matrix of the first file has a namesake"),
    ],
)
def test_errors_are_sentences_in_the_words_of_python(call, words):
    with pytest.raises(sw.Error, match=words.replace("(", r"\(").replace("[", r"\[")) as error:
        call(np.eye(4))
    assert "--" not in str(error.value)
    assert isinstance(error.value, ValueError)


def test_what_is_no_weight_is_a_type_error():
    with pytest.raises(TypeError, match="a mapping of names to arrays"):
        sw.analyze(3)
    with pytest.raises(TypeError, match="all files or all in memory"):
        sw.compare("a.npy", {"a": np.eye(3)})


def test_a_report_is_written(fixtures, tmp_path):
    analysis = sw.analyze(fixtures / "mnist-linear.npy", draws=39)
    analysis.report(tmp_path / "out")
    assert (tmp_path / "out" / "index.html").read_text().startswith("<!")
    assert json.loads((tmp_path / "out" / "report.json").read_text()) == analysis.to_dict()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(sw.Error, match="holds other files than a report"):
        analysis.report(tmp_path / "mine")


def test_tables_are_read_by_others(fixtures):
    """Catches columns that lose their type, their missing values or their order on the way."""
    polars, pandas, pyarrow = needed("polars"), needed("pandas"), needed("pyarrow")
    analysis = sw.analyze(fixtures / "lenet-b1.safetensors", draws=39)
    frame = analysis.to_polars()
    columns = analysis.columns()
    assert frame.columns == list(columns)
    assert {name: frame[name].to_list() for name in frame.columns} == columns
    assert frame["spikes"].null_count() > 0
    assert isinstance(frame, polars.DataFrame)
    table = analysis.to_arrow()
    assert isinstance(table, pyarrow.Table) and table.to_pydict() == columns
    pandas_frame = analysis.to_pandas()
    assert isinstance(pandas_frame, pandas.DataFrame) and list(pandas_frame["name"]) == analysis.layers.names


def test_results_read_as_their_document(fixtures):
    analysis = sw.analyze(fixtures / "lenet-b1.safetensors", draws=39)
    document = analysis.to_dict()
    assert analysis.summary == document["summary"] and analysis.seed == 0
    row = next(row for row in analysis.layers if row.status == "analyzed")
    assert analysis.layers[row.name] is analysis.layers[analysis.layers.names.index(row.name)]
    assert row.verdict.kind == row["verdict"]["kind"]
    with pytest.raises(AttributeError, match="its keys are"):
        _ = analysis.nothing
    assert row.name in analysis._repr_html_() and "<script" not in analysis._repr_html_()
    assert "html" not in repr(analysis)


def test_names_are_no_markup():
    """Catches a name that is run as code in a notebook."""
    analysis = sw.analyze({"<script>x</script>": np.random.default_rng(0).standard_normal((9, 9))}, draws=39)
    assert "<script" not in analysis._repr_html_()
    families = sw.families({"<b>": np.eye(8)}, family="low-rank")
    assert "<b>" not in families._repr_html_()


def test_arguments_that_cannot_be_are_said_in_python():
    """Catches words of the command line's parser, and a recursion without end, for mistakes that only Python can make."""
    w = np.random.default_rng(0).standard_normal((6, 8))
    with pytest.raises(TypeError, match=r"two whole numbers, \(height, width\), not \(3,\)"):
        sw.families({"w": w}, image=(3,))
    with pytest.raises(TypeError, match="two whole numbers"):
        sw.fit_basis({"w": w}, image="4x6")
    cyclic = {"w": w}
    cyclic["again"] = cyclic
    with pytest.raises(TypeError, match="the mapping again holds itself"):
        sw.analyze(cyclic)
