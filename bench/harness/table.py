"""The readable tables. Every number in them stands in the JSON too."""

PEERS = (("loop-matrix", "(a) matrix"), ("loop-counts", "(a) counts"), ("batch", "(b)"))


def short(value):
    """Three digits and a thousands' letter."""
    if value is None:
        return "-"
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def rate(one):
    return f"{short(one['median'])} ({short(one['least'])}-{short(one['most'])})" if one else "-"


def layout(header, rows):
    """Text flush left in the first column, the others flush right."""
    rows = [header, *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]
    lines = ["  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                       for i, (cell, width) in enumerate(zip(row, widths))).rstrip()
             for row in rows]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def main_table(rows):
    return layout(
        ["workload", "raters", "items", "ratings", "groups", "permutations/s (least-most)",
         "start-up s", "rating-resamples/s", "ns/item/group", "of limit", "RSS MiB"],
        [[row["workload"], str(row["raters"]), str(row["items"]), str(row["ratings"]),
          str(row["groups"]), rate(row["permutations_per_second"]),
          f"{row['startup_seconds']['median']:.3f}", short(row["rating_resamples_per_second"]),
          f"{row['ns_per_item_group_resample']:.3g}",
          "-" if row["fraction_of_limit"] is None else f"{100 * row['fraction_of_limit']:.0f}%",
          f"{row['max_rss_bytes'] / 2**20:.0f}"] for row in rows])


def peer_table(rows):
    lines = []
    for row in rows:
        if not row["peers"]:
            continue
        cells = [row["workload"], rate(row["permutations_per_second"])]
        for name, _ in PEERS:
            peer = row["peers"].get(name)
            cells += [rate(peer["permutations_per_second"]), short(peer["ratio"])] if peer else [
                "-", "-"]
        batch = row["peers"].get("batch")
        lines.append(cells + [batch["how"]["formulation"] if batch else "-"])
    header = ["workload", "dissensus"]
    for _, title in PEERS:
        header += [title, "ratio"]
    return layout(header + ["(b) by"], lines)


def summary(results):
    """What the issue asks of the rows together."""
    lines = []
    for name, value in results["summary"].items():
        if value is not None:
            lines.append(f"{value['what']}: {value['text']}")
    return "\n".join(lines)
