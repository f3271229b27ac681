"""Singular values beside those of NumPy and PyTorch."""

from __future__ import annotations

import itertools
import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import spectra_weights as sw

EPSILON = {np.dtype("f8"): 2.0**-52, np.dtype("f4"): 2.0**-23, np.dtype("f2"): 2.0**-23}


def bound(shape, largest, epsilon):
    """Returns how far a computed value may be from another computation's: the documented bound, of both."""
    return 2 * (16 + max(shape[-2:], default=0)) * epsilon * largest


def random_array(rng):
    """Returns an array of random shape, type, scale, order and strides."""
    batch = tuple(rng.integers(0 if rng.random() < 0.05 else 1, 4, size=rng.choice([0, 0, 1, 2])))
    most = rng.choice([3, 20, 120])
    low = 0 if rng.random() < 0.05 else 1
    m, n = rng.integers(low, most + 1, size=2)
    steps = rng.choice([1, 1, 2, -1, -3], size=2)
    whole = rng.standard_normal((*batch, max(m, 1) * abs(steps[0]), max(n, 1) * abs(steps[1])))
    whole *= 2.0 ** rng.integers(-10, 10)
    if rng.random() < 0.2:
        whole[..., : m // 2, :] = 0
    dtype = rng.choice(["f8", "f4", "f2"])
    a = np.asarray(np.clip(whole, -6e4, 6e4), dtype=dtype)[..., :: steps[0], :: steps[1]][..., :m, :n]
    order = rng.integers(4)
    if order == 1:
        a = np.swapaxes(a, -1, -2)
    elif order == 2:
        a = np.asfortranarray(a)
    elif order == 3 and a.ndim > 2:
        a = np.moveaxis(a, 0, -1)
    return a


@pytest.mark.parametrize("seed", range(20))
def test_random_arrays_have_numpys_values(seed):
    """Catches wrong strides, orders, batches and types: fifty random arrays for each seed, a thousand in all."""
    rng = np.random.default_rng(seed)
    for _ in range(50):
        a = random_array(rng)
        before = a.copy()
        found = sw.svdvals(a)
        expected = np.linalg.svd(a.astype("f8"), compute_uv=False)
        assert found.shape == expected.shape
        assert found.dtype == ("f8" if a.dtype == "f8" else "f4")
        assert found.flags.writeable
        largest = expected.max(initial=0.0)
        # Floats of 32 bits round the values once more.
        tolerance = bound(a.shape, largest, EPSILON[a.dtype])
        np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance, err_msg=f"{a.shape} {a.dtype} {a.strides}")
        assert np.all(np.diff(found, axis=-1) <= 0)
        np.testing.assert_array_equal(a, before)


@pytest.mark.parametrize("seed", range(10))
def test_random_tensors_have_torchs_values(torch, seed):
    """Catches what DLPack hands over in another way than NumPy's interface, and types that only PyTorch has."""
    rng = np.random.default_rng(1000 + seed)
    types = [torch.float64, torch.float32, torch.float16, torch.bfloat16]
    for index in range(25):
        a = np.ascontiguousarray(random_array(rng).astype("f8"))
        tensor = torch.from_numpy(a).to(types[index % 4])
        if tensor.ndim > 2 and rng.random() < 0.5:
            tensor = tensor.movedim(0, -1)
        if rng.random() < 0.5:
            tensor = tensor.transpose(-1, -2)
        if rng.random() < 0.3:
            tensor.requires_grad_()
        found = sw.svdvals(tensor)
        expected = torch.linalg.svdvals(tensor.detach().double())
        assert found.shape == expected.shape
        assert found.dtype == (torch.float64 if tensor.dtype == torch.float64 else torch.float32)
        epsilon = 2.0**-52 if tensor.dtype == torch.float64 else 2.0**-23
        largest = float(expected.max()) if expected.numel() else 0.0
        assert torch.all((found.double() - expected).abs() <= bound(tensor.shape, largest, epsilon))


def test_the_same_numbers_have_the_same_bits(torch):
    """Catches values that depend on where numbers lie or on how many threads there are."""
    a = np.random.default_rng(3).standard_normal((130, 70))
    first = sw.svdvals(a)
    for other in (np.asfortranarray(a), torch.from_numpy(a), np.stack([a, a])[1]):
        assert np.array_equal(np.asarray(sw.svdvals(other)), first)
    with ThreadPoolExecutor(8) as threads:
        assert all(np.array_equal(values, first) for values in threads.map(sw.svdvals, itertools.repeat(a, 64)))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["f8", "f4", "f2"])
def test_the_first_bad_entry_is_named(bad, dtype):
    """Catches values of a matrix that has none, and a place counted in the wrong order."""
    a = np.ones((2, 3, 4), dtype=dtype)
    a[1, 2, 1] = a[1, 2, 3] = bad
    with pytest.raises(sw.Error, match=r"2 entries of the matrix are NaN or infinite, the first at \[1, 2, 1\]"):
        sw.svdvals(a)
    with pytest.raises(ValueError, match=r"at \[1, 1, 2\]"):
        sw.svdvals(np.swapaxes(a, -1, -2))


@pytest.mark.parametrize(
    ("a", "error", "words"),
    [
        (np.eye(3, dtype="i4"), TypeError, r"a\.astype\('float64'\)"),
        (np.eye(3, dtype="c16"), TypeError, "complex"),
        (np.ones(3), sw.Error, r"\(\.\.\., m, n\)"),
        (np.eye(3, dtype=">f8"), TypeError, "newbyteorder"),
        ([[1.0]], TypeError, r"numpy\.asarray"),
    ],
)
def test_what_is_no_matrix_says_what_to_give(a, error, words):
    with pytest.raises(error, match=words):
        sw.svdvals(a)


def test_entries_that_are_not_aligned_are_read():
    """Catches reads at addresses that the type does not allow: a field of packed records."""
    records = np.zeros((5, 7), dtype=np.dtype([("flag", "u1"), ("value", "f8")]))
    records["value"] = np.random.default_rng(4).standard_normal((5, 7))
    found = sw.svdvals(records["value"])
    np.testing.assert_array_equal(found, sw.svdvals(records["value"].copy()))


def test_other_packages_get_a_memoryview():
    """Catches a dependency on NumPy: arrays with DLPack's interface alone."""

    class Foreign:
        def __init__(self, a):
            self.a = a

        def __dlpack__(self):
            return self.a.__dlpack__()

    a = np.random.default_rng(5).standard_normal((2, 3, 4))
    found = sw.svdvals(Foreign(a))
    assert isinstance(found, memoryview)
    assert (found.shape, found.format) == ((2, 3), "d")
    np.testing.assert_array_equal(np.asarray(found), sw.svdvals(a))


def test_other_threads_go_on():
    """Catches a computation that keeps the interpreter to itself."""
    a = np.random.default_rng(6).standard_normal((1200, 1200))
    counted = []
    is_done = threading.Event()

    def count():
        while not is_done.is_set():
            counted.append(1)
            is_done.wait(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    before = len(counted)
    sw.svdvals(a)
    during = len(counted) - before
    is_done.set()
    thread.join()
    assert during > 10


def _values_in_child(connection):
    values = sw.svdvals(np.random.default_rng(7).standard_normal((600, 600)))
    connection.send(values.sum())
    connection.close()


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_forked_processes_compute():
    """Catches a child that waits for threads which only its parent has."""
    expected = sw.svdvals(np.random.default_rng(7).standard_normal((600, 600))).sum()
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_values_in_child, args=(there,))
    child.start()
    try:
        assert here.poll(120), "the child is stuck"
        assert here.recv() == expected
    finally:
        child.kill()
        child.join()


def test_arrays_without_numbers_in_memory_are_refused(torch):
    """Catches a read of memory that was given back, which ends the interpreter."""
    freed = torch.ones(9, 9)
    freed.untyped_storage().resize_(0)
    with pytest.raises(TypeError, match="storage was freed"):
        sw.svdvals(freed)
    analysis = sw.analyze({"freed": freed, "ok": torch.ones(9, 9) + torch.eye(9)})
    assert [row.status for row in analysis.layers] == ["failed", "analyzed"]
    for special, words in [
        (torch.eye(3).to_sparse(), "w.to_dense"),
        (torch.zeros(3, 3, device="meta"), "meta"),
        (torch.nested.nested_tensor([torch.ones(2, 2)]), "w.unbind"),
    ]:
        with pytest.raises(TypeError, match=words):
            sw.svdvals(special)


def test_masked_arrays_are_refused():
    """Catches entries that do not count and are counted."""
    masked = np.ma.masked_array(np.eye(3), mask=np.eye(3) > 0)
    with pytest.raises(TypeError, match="filled"):
        sw.svdvals(masked)
    assert sw.analyze({"masked": masked}).layers[0].status == "failed"
