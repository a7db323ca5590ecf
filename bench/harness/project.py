"""dissensus gai, timed as a whole process.

A run of B permutations costs start-up (reading the study, the observed values, writing the results)
and B times something. start-up is a run of one permutation, and the rate is (B - 1) permutations
over the difference. Both are reported.
"""

import csv
import io
import json
import statistics


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values),
            "all": list(values)}


class Project:
    def __init__(self, tools, work, backend, threads):
        self.tools, self.backend, self.threads = tools, backend, threads
        self.results = work / "results.h5"

    def gai(self, study, workload, permutations, *more):
        arguments = ["gai", study, "-o", self.results, "--force", "--quiet",
                     "--metrics", workload.metrics, "--backend", self.backend,
                     "--threads", self.threads, "--permutations", permutations, *more]
        for axis in workload.axes:
            arguments += ["--by", axis]
        return self.tools.dissensus(*arguments)

    def choose(self, study, workload, startup, budget):
        """How many permutations take about `budget` seconds beyond start-up."""
        permutations = 4
        while True:
            seconds = self.gai(study, workload, permutations).seconds - startup
            if seconds > budget / 4:
                break
            factor = 16 if seconds <= budget / 64 else max(2, budget / 2 / seconds)
            permutations = int(permutations * min(16, factor))
        return max(2, int(float(f"{permutations * budget / seconds:.2g}")))

    def time(self, study, workload, budget, repeats, permutations=None):
        startups = [self.gai(study, workload, 1) for _ in range(repeats)]
        startup = statistics.median(run.seconds for run in startups)
        fixed = permutations is not None
        permutations = permutations or self.choose(study, workload, startup, budget)
        while True:
            runs = [self.gai(study, workload, permutations) for _ in range(repeats)]
            if fixed or statistics.median(run.seconds for run in runs) - startup > budget / 2:
                break
            permutations *= 2  # what chose this number was disturbed by something else
        rates = [(permutations - 1) / max(run.seconds - startup, 1e-9) for run in runs]
        cpu_startup = statistics.median(run.cpu_seconds for run in startups)
        return {"permutations": permutations,
                "startup_seconds": spread([run.seconds for run in startups]),
                "seconds": spread([run.seconds for run in runs]),
                "permutations_per_second": spread(rates),
                "whole_process_permutations_per_second": spread([permutations / run.seconds
                                                                 for run in runs]),
                "cpu_seconds_per_permutation": spread([(run.cpu_seconds - cpu_startup)
                                                       / (permutations - 1) for run in runs]),
                "max_rss_bytes": max(run.max_rss_bytes for run in startups + runs)}

    def more_resamples(self, study, workload, timing, seconds=4, wanted=2000):
        """Runs again if the latest run had too few resamples to judge null distributions by."""
        affordable = int(timing["permutations_per_second"]["median"] * seconds)
        if timing["permutations"] < min(wanted, affordable):
            self.gai(study, workload, min(wanted, affordable))

    def provenance(self):
        report = json.loads(self.tools.dissensus_says("report", self.results, "--format", "json"))
        return report["provenance"]

    def cells(self):
        """(axis, group, statistic) to a row of the tidy CSV, of the latest run."""
        text = self.tools.dissensus_says("report", self.results, "--format", "csv")
        return {(row["axis"], row["group"], row["statistic"]): row
                for row in csv.DictReader(io.StringIO(text))}
