"""The matrix-product formulation on the same GPU, by CuPy or, where that is missing, PyTorch: what one
would write with whole arrays. Started by bench/gpu/check; prints JSON. Status 77: neither is here.

A batch of resamples as one-hot profiles [resamples x cells, raters] times one-hot ratings [raters,
level x item], in half precision, which is exact for what is counted here; cells rolled up to the
groups of all axes by a product with zeros and ones; then the sums of bench/peers/batch.py in single
precision, and the permutations drawn on the GPU too. The best batch is looked for. The estimates that
are compared with those of dissensus come from the same code in double precision.

Nominal ratings on axes where every value is known.
"""

import argparse
import json
import math
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

NONE = 77
BATCHES = (16, 32, 64, 128, 256, 512, 1024)
LARGEST_COUNT = 2048  # beyond which half precision has gaps
REPEATS = 3
TOLERANCE = 1e-5  # relative above 1; values as near as this count as equal: single precision


class CuPy:
    """Arrays on the GPU. NumPy, on the host, has the same functions."""

    def __init__(self, name="cupy"):
        self.xp = __import__(name)
        self.name = f"{'CuPy' if name == 'cupy' else 'NumPy'} {self.xp.__version__}"
        if name == "cupy":
            self.xp.cuda.runtime.getDeviceCount()
        self.types = {bits: getattr(self.xp, f"float{bits}") for bits in (16, 32, 64)}

    def array(self, host, bits):
        return self.xp.asarray(host, dtype=self.types[bits])

    def integers(self, host):
        return self.xp.asarray(host)

    def convert(self, array, bits):
        return array.astype(self.types[bits])

    def permutations(self, n, size):
        return self.xp.random.rand(n, size).argsort(axis=1)

    def host(self, array):
        return array.get() if hasattr(array, "get") else array

    def wait(self):
        if self.xp.__name__ == "cupy":
            self.xp.cuda.Device().synchronize()

    def where(self, condition, one, other):
        return self.xp.where(condition, one, other)

    def out_of_memory(self, error):
        return "OutOfMemory" in type(error).__name__


class Torch:
    def __init__(self):
        import torch
        self.xp, self.name = torch, f"PyTorch {torch.__version__}"
        if not torch.cuda.is_available():
            raise ImportError("PyTorch sees no GPU")
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
        self.types = {16: torch.float16, 32: torch.float32, 64: torch.float64}

    def array(self, host, bits):
        return self.xp.as_tensor(host, dtype=self.types[bits], device="cuda")

    def integers(self, host):
        return self.xp.as_tensor(host, device="cuda")

    def convert(self, array, bits):
        return array.to(self.types[bits])

    def permutations(self, n, size):
        return self.xp.rand(n, size, device="cuda").argsort(dim=1)

    def host(self, array):
        return array.cpu().numpy()

    def wait(self):
        self.xp.cuda.synchronize()

    def where(self, condition, one, other):
        return self.xp.where(condition, one, self.xp.full_like(one, other))

    def out_of_memory(self, error):
        return isinstance(error, self.xp.cuda.OutOfMemoryError)


def arrays_of(asked):
    """The first library that works, or None and why each does not."""
    reasons = []
    kinds = {"cupy": CuPy, "torch": Torch, "numpy": lambda: CuPy("numpy")}
    for name in [asked] if asked else ["cupy", "torch"]:
        try:
            return kinds[name](), None
        except Exception as error:  # no library, no driver, another version of CUDA
            reasons.append(f"{name}: {error}")
    return None, "; ".join(reasons)


class Products:
    def __init__(self, study, arrays, bits):
        import numpy as np
        if study.scale != "nominal" or any((axis.codes < 0).any() for axis in study.axes):
            raise SystemExit("a peer for nominal ratings where every value is known")
        self.arrays, self.bits, self.study = arrays, bits, study
        self.product_bits = 16 if bits == 32 and arrays.name[0] != "N" else bits
        table = np.stack([axis.codes for axis in study.axes])
        finest, cell = np.unique(table, axis=1, return_inverse=True)
        self.cell, self.n_cells = arrays.integers(cell.ravel()), finest.shape[1]
        rows = [finest[a] == g for a, axis in enumerate(study.axes) for g in axis.tested]
        hot = np.zeros((study.n_raters, study.n_levels * study.n_items), np.float32)
        hot[study.rater, study.code * study.n_items + study.item] = 1
        totals = hot.sum(axis=0).reshape(study.n_levels, study.n_items)
        if self.product_bits == 16 and totals.max() > LARGEST_COUNT:
            raise SystemExit("too many ratings of an item for half precision")
        self.roll_up = arrays.array(np.array(rows), self.product_bits)
        self.ratings = arrays.array(hot, self.product_bits)
        self.totals = arrays.array(totals, bits)
        self.numbers = arrays.integers(np.arange(self.n_cells))

    def counts(self, sources):
        """[resamples, groups, levels, items]"""
        n = len(sources)
        profiles = self.cell[sources][:, None, :] == self.numbers[None, :, None]
        profiles = self.arrays.convert(profiles, self.product_bits)
        cells = profiles.reshape(n * self.n_cells, -1) @ self.ratings
        rows = self.roll_up @ cells.reshape(n, self.n_cells, -1)
        return self.arrays.convert(rows, self.bits).reshape(n, -1, self.study.n_levels,
                                                            self.study.n_items)

    def values(self, sources):
        """IRR and XRR, [resamples, groups] each."""
        where, totals = self.arrays.where, self.totals
        n = self.counts(sources)
        m, everyone = n.sum(axis=2), totals.sum(axis=0)
        squares, products = (n * n).sum(axis=2), (n * totals).sum(axis=2)
        paired, others = m >= 2, everyone - m
        crossed = (m > 0) & (others > 0)
        within = where(paired, (m * m - squares) / where(paired, m - 1, 1.0), 0.0).sum(axis=2)
        pairs = m * others
        across = where(crossed, (pairs - products + squares) * everyone /
                       where(crossed, pairs, 1.0), 0.0).sum(axis=2)
        entering = self.arrays.convert(crossed, self.bits)
        own = (n @ self.arrays.convert(paired, self.bits)[..., None])[..., 0]
        mine = (n @ entering[..., None])[..., 0]
        theirs = entering @ totals.T - mine
        of_own, of_mine, of_theirs = own.sum(axis=2), mine.sum(axis=2), theirs.sum(axis=2)
        own_chance = of_own * of_own - (own * own).sum(axis=2)
        cross_chance = of_mine * of_theirs - (mine * theirs).sum(axis=2)
        irr = 1 - within * (of_own - 1) / where(own_chance > 0, own_chance, math.nan)
        xrr = 1 - (across / (of_mine + of_theirs) * (of_mine * of_theirs) /
                   where(cross_chance > 0, cross_chance, math.nan))
        return irr, xrr

    def run(self, n, batch):
        """Resamples of its own, batch by batch; only the last batch's values are returned."""
        for _ in range(max(1, n // batch)):
            values = self.values(self.arrays.permutations(batch, self.study.n_raters))
        self.arrays.wait()
        return values


def seconds(peer, n, batch):
    peer.arrays.wait()
    start = time.perf_counter()
    peer.run(n, batch)
    return time.perf_counter() - start


def best_batch(peer, most):
    """(batch, permutations a second, all that were tried)"""
    tried = {}
    for batch in BATCHES:
        if batch > most:
            break
        try:
            seconds(peer, batch, batch)  # warms up
            tried[batch] = batch * 3 / seconds(peer, 3 * batch, batch)
        except Exception as error:
            if not peer.arrays.out_of_memory(error):
                raise
            break
    batch = max(tried, key=tried.get)
    return batch, tried[batch], tried


def with_gai(irr, xrr):
    import numpy as np
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.stack([irr, xrr, np.where(xrr > 0, irr / xrr, np.nan)], axis=-1)


def nulls(peer, estimates, batch, wanted=2000):
    """What verify.same holds null distributions against."""
    import numpy as np
    found = {name: 0 for name in ("ge", "undefined", "sum")}
    done = 0
    while done < wanted:
        values = peer.values(peer.arrays.permutations(batch, peer.study.n_raters))
        values = with_gai(*(peer.arrays.host(one).astype(float) for one in values))
        undefined = np.isnan(values)
        with np.errstate(invalid="ignore"):
            ge = (values >= estimates - TOLERANCE * np.maximum(1, np.abs(estimates))) | undefined
        found["ge"] += ge.sum(axis=0)
        found["undefined"] += undefined.sum(axis=0)
        found["sum"] += np.where(undefined, 0, values).sum(axis=0)
        done += batch
    return {"resamples": done, **{name: value.tolist() for name, value in found.items()}}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("table", help="the CSV that the study was imported from")
    parser.add_argument("rater", help="its columns")
    parser.add_argument("item")
    parser.add_argument("rating")
    parser.add_argument("--by", action="append", required=True)
    parser.add_argument("--array", choices=("cupy", "torch", "numpy"),
                        help="numpy: on the host, to try this program")
    parser.add_argument("--seconds", type=float, default=1.5, help="of a timed run, about")
    given = parser.parse_args()
    try:
        import numpy as np

        from peers import study as studies
    except ImportError as error:
        print(f"a peer needs numpy ({error})", file=sys.stderr)
        return NONE
    arrays, why = arrays_of(given.array)
    if not arrays:
        print(why, file=sys.stderr)
        return NONE
    study = studies.read_table(given.table, (given.rater, given.item, given.rating),
                               [axis.split(",") for axis in given.by])
    exact = Products(study, arrays, 64).values(arrays.integers(np.arange(study.n_raters)[None]))
    estimates = with_gai(*(arrays.host(one)[0] for one in exact))
    peer = Products(study, arrays, 32)
    batch, rate, tried = best_batch(peer, 64 if given.array == "numpy" else BATCHES[-1])
    n = max(1, round(given.seconds * rate / batch)) * batch
    rates = [n / seconds(peer, n, batch) for _ in range(REPEATS)]
    json.dump({"peer": "products on the GPU", "array": arrays.name, "batch": batch,
               "tried": tried, "permutations": n,
               "permutations_per_second": {"median": statistics.median(rates), "least": min(rates),
                                           "most": max(rates)},
               "groups": study.groups,
               "observed": [[None if math.isnan(value) else value for value in row]
                            for row in estimates.tolist()],
               **nulls(peer, estimates, batch)}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
