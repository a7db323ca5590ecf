#!/bin/sh
# Runs the R of docs/r.md on the files that its commands make, and holds what comes of it against the
# command's own numbers. Skipped where there is no R with rhdf5.
# Usage: r.sh DISSENSUS PROJECT
set -eu
dissensus=$1 project=$2
if ! Rscript -e 'library(rhdf5)' > /dev/null 2>&1; then
  echo "SKIPPED: no R with rhdf5 (Debian: r-base-core, r-bioc-rhdf5)"
  exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
cd "$folder"

# The commands of the page, as they stand there, with fewer resamples.
cp "$project/data/demo/comments.csv" .
sed -n '/^    dissensus import/,/^$/p' "$project/docs/r.md" |
  sed 's/--bootstrap 2000/--bootstrap 100 --permutations 1000/' > commands
[ "$(grep -c dissensus commands)" -eq 4 ]
dissensus() {
  "$dissensus" "$@"
}
. ./commands > /dev/null 2>&1

awk '/^```r$/ { on = 1; next } /^```$/ { on = 0 } on' "$project/docs/r.md" > page.R
[ "$(grep -c . page.R)" -gt 30 ]
"$dissensus" report groups.h5 --format csv | awk -F, '$6 == "gai" { print $2 ": " $3 "," $7 "," $12 }' > gai
cat page.R - > all.R << 'END'
# --- what must hold -------------------------------------------------------------------------------
ours <- read.csv("gai", header = FALSE, col.names = c("group", "estimate", "ge"))
close <- function(a, b) isTRUE(all.equal(c(a), c(b), tolerance = 1e-14))
stopifnot(nrow(ours) == 8, ours$group == table$group, close(ours$estimate, table$gai),
          ours$ge == ge["gai", , "toxicity"])
rows <- groups[groups$statistic == "gai", ]
stopifnot(close(rows$estimate, table$gai), close(rows$ci_low, table$low), close(rows$p, table$p))
stopifnot(is.numeric(groups$estimate), is.character(groups$group), sum(is.na(groups$group)) == 3)
stopifnot(sum(counts) == 1000, provenance$seed == "1", length(inner) == length(mids),
          abs(sum(inner * mids) / sum(inner) -
              groups$null_mean[groups$statistic == "gai" & groups$group %in% "woman"]) < 0.02)
table_of <- read.csv("comments.csv")
stopifnot(nrow(long) == 1200, nrow(raters) == 60, sum(is.na(raters$age)) == 1)
both <- merge(table_of, long, by.x = c("worker", "comment"), by.y = c("rater", "item"))
stopifnot(nrow(both) == 1200, both$toxicity.x == as.character(both$toxicity.y))
gender <- merge(table_of, raters, by.x = "worker", by.y = "rater")
stopifnot(gender$gender.x == as.character(gender$gender.y))
stopifnot(dim(kappa) == 10, close(kappa, t(kappa)), diag(kappa)[!is.nan(diag(kappa))] == 1)
cat("R reads study, results and pairs\n")
END
Rscript all.R > out 2> err || {
  cat out err >&2
  exit 1
}
tail -n 1 out | grep -q '^R reads study'
