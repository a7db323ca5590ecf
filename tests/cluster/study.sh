# A small study for the tests of this folder, with a question of each kind. Sourced, with dissensus
# set to the command; makes study.h5 in the current folder.
export SOURCE_DATE_EPOCH=1700000000
awk 'BEGIN { srand(3); print "rater,item,harm,kind,group,site"
  for (r = 1; r <= 40; r++) for (i = 1; i <= 50; i++) if (rand() < 0.3)
    printf "r%d,i%d,%d,%s,%s,%s\n", r, i, 1 + int(rand() * 5), substr("abc", 1 + int(rand() * 3), 1),
      r % 3 ? "x" : "y", r % 2 ? "north" : "south" }' > ratings.csv
"$dissensus" import ratings.csv -o study.h5 --rater rater --item item --rating harm:ordinal \
  --rating kind --rater-attr group,site --quiet

die() {
  echo "$0: $*" >&2
  exit 1
}

# refuse STATUS PATTERN COMMAND...: it must end so, and say so in one line.
refuse() {
  wanted=$1
  pattern=$2
  shift 2
  status=0
  "$@" > said 2>&1 || status=$?
  [ "$status" -eq "$wanted" ] || die "status $status, not $wanted, of: $* ($(cat said))"
  # shellcheck disable=SC2254 # a pattern
  case $(cat said) in
    $pattern) ;;
    *) die "of $*: $(cat said)" ;;
  esac
}
