#!/bin/sh
# One seed, one answer: results are byte-identical for any number of threads and for every run, apart
# from the timestamp of their provenance. usage: reproducible.sh DISSENSUS
set -eu
dissensus=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

awk 'BEGIN { srand(3); print "rater,item,harm,kind,group,site"
  for (r = 1; r <= 40; r++) for (i = 1; i <= 50; i++) if (rand() < 0.3)
    printf "r%d,i%d,%d,%s,%s,%s\n", r, i, 1 + int(rand() * 5), substr("abc", 1 + int(rand() * 3), 1),
      r % 3 ? "x" : "y", r % 2 ? "north" : "south" }' > ratings.csv

make() { # name threads
  SOURCE_DATE_EPOCH=1700000000 "$dissensus" gai study.h5 -o "$1" --by all --depth 2 --metrics all \
    --permutations 4500 --bootstrap 300 --over both --threads "$2" --quiet
}

SOURCE_DATE_EPOCH=1700000000 "$dissensus" import ratings.csv -o study.h5 --rater rater --item item \
  --rating harm:ordinal --rating kind --rater-attr group,site --quiet
cp study.h5 first.h5
SOURCE_DATE_EPOCH=1700000000 "$dissensus" import ratings.csv -o study.h5 --rater rater --item item \
  --rating harm:ordinal --rating kind --rater-attr group,site --quiet --force
cmp first.h5 study.h5
make one.h5 1
make many.h5 7
make again.h5 7
cmp one.h5 many.h5
cmp many.h5 again.h5
# OpenMP may give fewer threads than it is asked for.
OMP_THREAD_LIMIT=2 make fewer.h5 7
OMP_THREAD_LIMIT=1 make alone.h5 7
cmp one.h5 fewer.h5
cmp one.h5 alone.h5

# Tests that stop, intervals and the null distributions in one run.
for threads in 1 7; do
  SOURCE_DATE_EPOCH=1700000000 "$dissensus" gai study.h5 -o "all$threads.h5" --by group \
    --metrics all,pair-gai --permutations 1000000 --stop-after 20 --bootstrap 100 --save-null \
    --threads "$threads" --quiet
done
cmp all1.h5 all7.h5

# Without a fixed epoch only the timestamp differs, and another seed gives other numbers.
"$dissensus" gai study.h5 -o now.h5 --by all --depth 2 --metrics all --permutations 4500 \
  --bootstrap 300 --over both --quiet
"$dissensus" gai study.h5 -o other.h5 --by all --depth 2 --metrics all --permutations 4500 \
  --bootstrap 300 --over both --seed 2 --quiet
for name in one now other; do "$dissensus" report "$name.h5" --format csv > "$name.csv"; done
cmp one.csv now.csv
for name in one other; do cut -d, -f6,25-28 "$name.csv" > "$name.intervals"; done
if cmp -s one.csv other.csv || cmp -s one.intervals other.intervals; then
  echo "another seed gave the same numbers" >&2
  exit 1
fi
