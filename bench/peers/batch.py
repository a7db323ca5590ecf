"""Path (b): NumPy at its best. Counts of (level, group, item) for a batch of resamples and a tile
of items that stays in the cache, then whole-array arithmetic on them.

Formulations of the counts, of which the harness keeps the fastest on each workload:

    gemm   one-hot profiles [resamples x cells, raters] times one-hot ratings [raters, level x item]
    csr    the same product with sparse ratings
    sorted raters in the order of their cells, then sums of ranges of rows of the one-hot ratings
    cells  np.bincount over (resample, level, finest cell, item)
    axes   np.bincount over (resample, level, group, item), every axis at once

All but the last count the finest cells, the profiles that occur, and roll them up to the groups of
each axis with further matrix products.

With n_c the group's ratings of level c on an item, m = sum n_c, T_c and M the same of all raters
known on the axis, Q = sum n_c^2, P = sum n_c T_c, the sums over items that nominal IRR and XRR
need are

    (m^2 - Q) / (m - 1)                 disagreeing pairs within; 0 where m < 2
    (m (M - m) - P + Q) M / (m (M - m)) disagreeing pairs across; 0 where one side is empty
    n_c over items with m >= 2, n_c and T_c - n_c over items that both sides rated

The ordinal distance needs all pairs of levels: sums of n_c n_k / (m - 1), and so on.
"""

import numpy as np
import scipy.sparse


def midrank_distances(totals):
    """d(c, k) of the ordinal scale, from totals [.., levels]."""
    midrank = np.cumsum(totals, axis=-1) - totals / 2
    return (midrank[..., :, None] - midrank[..., None, :]) ** 2


class Rows:
    """Where ratings are counted: axis by axis a row for each tested group, and where values are
    unknown a row for the raters concerned. One row at the end takes all else."""

    def __init__(self, study):
        known_first = sorted(study.axes, key=lambda axis: bool((axis.codes < 0).any()))
        self.blocks = []  # (first row, end, row of the unknown or None): these share their totals
        self.spans = []  # of each axis, its row of the unknown included
        table, place, at = [], {}, 0
        for axis in known_first:
            end = at + len(axis.tested)
            unknown = end if (axis.codes < 0).any() else None
            row_of = np.full(len(axis.labels) + 1, -1)
            row_of[list(axis.tested)] = np.arange(at, end)
            row_of[-1] = -1 if unknown is None else unknown
            table.append(row_of[axis.codes])
            place |= {(axis.name, axis.labels[g]): at + i for i, g in enumerate(axis.tested)}
            if unknown is None and self.blocks:
                self.blocks[0] = (0, end, None)
            else:
                self.blocks.append((at, end, unknown))
            self.spans.append(slice(at, end + (unknown is not None)))
            at = self.spans[-1].stop
        self.n_rows = at
        self.table = np.stack(table)  # [axes, raters]
        self.has_rest = bool((self.table < 0).any())
        self.table[self.table < 0] = at
        self.back = [place[group] for group in study.groups]


class Steps:
    """How the counts of all rows come from those of the finest cells: each axis from the coarsest
    axis that is finer than it, by a product with a matrix of zeros and ones."""

    def __init__(self, rows, dtype):
        finest, self.cell = np.unique(rows.table, axis=1, return_inverse=True)
        self.cell, self.n_cells = self.cell.ravel(), finest.shape[1]
        self.list = []  # (rows to fill, matrix, rows to take or None for the finest cells)
        self.direct = None  # the rows, if any, that are the finest cells themselves
        done = []  # (span, index of the axis)
        for axis in sorted(range(len(finest)), key=lambda a: -len(np.unique(finest[a]))):
            span, taken, columns = rows.spans[axis], None, np.arange(self.n_cells)
            for other, parent in done:
                pairs = np.unique(finest[[parent, axis]], axis=1)
                width = other.stop - other.start
                if (len(np.unique(finest[parent])) == pairs.shape[1] == width and
                        (taken is None or width < taken.stop - taken.start)):
                    taken, columns = other, finest[parent] - other.start
            matrix = np.zeros((span.stop - span.start, columns.max() + 1), dtype)
            kept = finest[axis] < rows.n_rows
            matrix[finest[axis][kept] - span.start, columns[kept]] = 1
            if taken is None and np.array_equal(matrix, np.eye(self.n_cells)):
                self.direct = span
            else:
                self.list.append((span, matrix, taken))
            done.append((span, axis))

    def roll_up(self, cells, counts):
        """cells [.., cells, items] to counts [.., rows, items]"""
        for span, matrix, taken in self.list:
            source = cells if taken is None else counts[..., taken, :]
            if matrix.shape[0] == matrix.shape[1]:  # only another order
                counts[..., span, :] = source[..., matrix.argmax(axis=1), :]
            else:
                np.matmul(matrix, source, out=counts[..., span, :])


class Tile:
    """A range of items and its ratings."""

    def __init__(self, study, first, end, dtype):
        low, high = np.searchsorted(study.item, [first, end])
        self.n_items = end - first
        self.rater = study.rater[low:high]
        self.code, self.item = study.code[low:high], study.item[low:high] - first
        self.column = self.code * self.n_items + self.item
        self.totals = np.bincount(self.column, minlength=study.n_levels * self.n_items).reshape(
            study.n_levels, self.n_items).astype(dtype)


class Batch:
    """values(sources): IRR and XRR, [resamples, groups, 2]."""

    def __init__(self, study, formulation, batch, tile_items, dtype=np.float32):
        self.study, self.formulation, self.batch, self.dtype = study, formulation, batch, dtype
        self.how = {"formulation": formulation, "batch": batch, "tile_items": tile_items,
                    "dtype": np.dtype(dtype).name}
        self.rows = Rows(study)
        self.steps = Steps(self.rows, dtype)
        self.n_cells, self.cell = self.steps.n_cells, self.steps.cell
        self.tiles = [Tile(study, first, min(first + tile_items, study.n_items), dtype)
                      for first in range(0, study.n_items, tile_items)]
        self.scratch = {}
        if formulation in ("gemm", "csr", "sorted"):
            self._one_hot_ratings()

    def _one_hot_ratings(self):
        sizes = np.bincount(self.cell)
        self.starts = np.append(0, np.cumsum(sizes))
        self.by_cell = np.argsort(self.cell, kind="stable")
        small = np.uint8 if sizes.max() < 256 else np.uint16
        for tile in self.tiles:
            shape = (self.study.n_raters, self.study.n_levels * tile.n_items)
            hot = scipy.sparse.csr_array((np.ones(len(tile.rater), self.dtype),
                                          (tile.rater, tile.column)), shape=shape)
            tile.hot = (hot.toarray() if self.formulation == "gemm" else hot.T.tocsr()
                        if self.formulation == "csr" else hot.astype(small).toarray())

    # Counts of the finest cells: [resamples, levels, cells, items], in any order in memory.

    def _axes(self, tile, sources):
        """Of the rows themselves."""
        rows = self.rows.n_rows + self.rows.has_rest
        return self._bincount(tile, rows, self.carried)

    def _cells(self, tile, sources):
        return self._bincount(tile, self.n_cells, self.carried)

    def _bincount(self, tile, rows, carried):
        """carried: [resamples, raters] or [resamples, axes, raters], the row that each rater's
        ratings count in."""
        levels, items = self.study.n_levels, tile.n_items
        keys = carried.take(tile.rater, axis=-1)
        keys *= items
        keys += tile.code * (rows * items) + tile.item
        if len(keys) > 1:
            starts = np.arange(len(keys)) * (levels * rows * items)
            keys += starts.reshape(-1, *[1] * (keys.ndim - 1))
        counts = np.bincount(keys.ravel(), minlength=len(keys) * levels * rows * items)
        return counts.reshape(len(keys), levels, rows, items)

    def _profiles(self, sources):
        """One-hot, [resamples x cells, raters]."""
        hot = np.zeros((len(sources), self.n_cells, self.study.n_raters), self.dtype)
        np.put_along_axis(hot, self.cell[sources][:, None, :], 1, axis=1)
        return hot.reshape(-1, self.study.n_raters)

    def _by_levels(self, counts, tile, sources):
        shape = (len(sources), self.n_cells, self.study.n_levels, tile.n_items)
        return counts.reshape(shape).transpose(0, 2, 1, 3)

    def _gemm(self, tile, sources):
        return self._by_levels(self.profiles @ tile.hot, tile, sources)

    def _csr(self, tile, sources):
        counts = np.ascontiguousarray((tile.hot @ self.profiles.T).T)
        return self._by_levels(counts, tile, sources)

    def _sorted(self, tile, sources):
        counts = np.empty((len(sources), self.n_cells, tile.hot.shape[1]), tile.hot.dtype)
        carrier = np.empty(self.study.n_raters, np.int64)
        for own, source in zip(counts, sources):
            carrier[source] = np.arange(len(source))
            ordered = tile.hot[carrier[self.by_cell]]
            for cell in range(self.n_cells):
                np.add.reduce(ordered[self.starts[cell]:self.starts[cell + 1]], axis=0,
                              dtype=counts.dtype, out=own[cell])
        return self._by_levels(counts, tile, sources)

    def _counts(self, tile, sources):
        """[resamples, levels, rows, items], and possibly a row for all else at the end"""
        cells = getattr(self, "_" + self.formulation)(tile, sources)
        if self.formulation == "axes":
            rows = self._room(cells.shape, "rows")
            rows[...] = cells
            return rows
        rows = self._room((*cells.shape[:2], self.rows.n_rows, cells.shape[3]), "rows")
        finest = (self._room(cells.shape, "finest") if self.steps.direct is None else
                  rows[:, :, self.steps.direct])
        finest[...] = cells
        self.steps.roll_up(finest, rows)
        return rows

    # Sums over items.

    def _room(self, shape, name):
        """Arrays that are written again and again, so that they stay where they are."""
        key = (shape, name)
        if key not in self.scratch:
            self.scratch[key] = np.empty(shape, self.dtype)
        return self.scratch[key]

    def _block(self, n, totals, sums, at):
        """n: [resamples, levels, groups, items]. totals: [resamples or 1, levels, items] of all
        raters known on the axis."""
        shape = (n.shape[0], *n.shape[2:])
        m, q, p, t, w = (self._room(shape, name) for name in "mqptw")
        tiny = 1e-30  # 1 / tiny is finite, and what it multiplies is 0 there
        by_level = totals.transpose(0, 2, 1)
        np.add.reduce(n, axis=1, out=m)
        np.einsum("scgu,scgu->sgu", n, n, out=q)
        np.einsum("scgu,scu->sgu", n, np.broadcast_to(totals, (shape[0], *totals.shape[1:])), out=p)
        np.subtract(m, 1, out=w)
        w += tiny
        np.divide(1, w, out=w)
        np.multiply(m, m, out=t)
        t -= q
        sums["within"][:, at] += np.vecdot(t, w)
        if self.study.scale != "nominal":
            np.multiply(w, t > 0, out=w)  # where m < 2 there are no pairs, and no infinite weights
            self._pairs(n, w, None, sums["within_pairs"], at)
        np.greater_equal(m, 2, out=t)
        sums["n"][:, :, at] += np.vecdot(n, t[:, None])

        everyone = totals.sum(axis=1)[:, None, :]
        np.subtract(everyone, m, out=w)
        np.equal(w, 0, out=t)
        alone = np.matmul(t, by_level)  # the ratings of items that the other side did not rate
        np.greater(m, 0, out=t)
        reached = np.matmul(t, by_level)
        own = np.matmul(n, np.ones(shape[2], self.dtype))
        sums["x"][:, :, at] += own - alone.transpose(0, 2, 1)
        sums["y"][:, :, at] += reached.transpose(0, 2, 1) - own
        w *= m
        np.subtract(q, p, out=t)
        t += w
        w += tiny
        np.divide(everyone, w, out=w)
        sums["across"][:, at] += np.vecdot(t, w)
        if self.study.scale != "nominal":
            np.multiply(w, w < 1 / np.sqrt(tiny), out=w)
            self._pairs(n, w, by_level, sums["across_pairs"], at)

    def _pairs(self, n, w, by_level, sums, at):
        """sum n_c n_k w, or where by_level is given sum n_c (T_k - n_k) w."""
        levels, weighted = n.shape[1], self._room(w.shape, "weighted")
        sign = 1 if by_level is None else -1
        for c in range(levels):
            np.multiply(n[:, c], w, out=weighted)
            if by_level is not None:
                sums[:, c, :, at] += np.matmul(weighted, by_level).transpose(0, 2, 1)
            pairs = sign * np.vecdot(n[:, c:], weighted[:, None])
            sums[:, c, c:, at] += pairs
            sums[:, c + 1:, c, at] += pairs[:, 1:]

    def _sums(self, sources):
        n, levels, rows = len(sources), self.study.n_levels, self.rows.n_rows
        sums = {name: np.zeros((n, rows)) for name in ("within", "across")}
        sums |= {name: np.zeros((n, levels, rows)) for name in "nxy"}
        if self.study.scale != "nominal":
            sums |= {name: np.zeros((n, levels, levels, rows))
                     for name in ("within_pairs", "across_pairs")}
        if self.formulation in ("gemm", "csr"):
            self.profiles = self._profiles(sources)
        elif self.formulation == "axes":
            self.carried = self.rows.table[:, sources].transpose(1, 0, 2)
        elif self.formulation == "cells":
            self.carried = self.cell[sources]
        for tile in self.tiles:
            counts = self._counts(tile, sources)
            for first, end, unknown in self.rows.blocks:
                totals = tile.totals[None]
                if unknown is not None:
                    totals = totals - counts[:, :, unknown]
                self._block(counts[:, :, first:end], totals, sums, slice(first, end))
        return sums

    def _last_steps(self, sums):
        chosen = self.rows.back
        n, x, y = (sums[name][..., chosen].transpose(0, 2, 1) for name in "nxy")
        of_n, of_x, of_y = n.sum(axis=-1), x.sum(axis=-1), y.sum(axis=-1)
        if self.study.scale == "nominal":
            within, across = sums["within"][:, chosen], sums["across"][:, chosen]
            by_chance = of_n ** 2 - (n ** 2).sum(axis=-1)
            cross_chance = of_x * of_y - (x * y).sum(axis=-1)
        else:
            d, d_x = midrank_distances(n), midrank_distances(x + y)
            within = np.einsum("sckg,sgck->sg", sums["within_pairs"][..., chosen], d)
            across = np.einsum("sckg,sgck->sg", sums["across_pairs"][..., chosen], d_x)
            by_chance = np.einsum("sgc,sgck,sgk->sg", n, d, n)
            cross_chance = np.einsum("sgc,sgck,sgk->sg", x, d_x, y)
        with np.errstate(divide="ignore", invalid="ignore"):
            irr = 1 - within * (of_n - 1) / by_chance
            xrr = 1 - across / (of_x + of_y) * (of_x * of_y) / cross_chance
        irr[~(by_chance > 0)] = np.nan
        xrr[~(cross_chance > 0)] = np.nan
        return np.stack([irr, xrr], axis=-1)

    def values(self, sources):
        parts = [self._last_steps(self._sums(sources[first:first + self.batch]))
                 for first in range(0, len(sources), self.batch)]
        return np.concatenate(parts)
