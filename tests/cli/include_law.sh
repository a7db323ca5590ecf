#!/bin/sh
# Who may include whom: reads the #include lines of every source file and holds them against the law
# below (CONTRIBUTING.md says why). Then plants violations in a copy, to see that each is found.
# Usage: include_law.sh PROJECT
set -eu
project=$1
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
trap 'exit 1' INT TERM

# A folder (or file), then whom it may include beside itself. bench and tests may include anything.
law='include/dissensus
host/core include/dissensus
host/study include/dissensus host/core
host/stats include/dissensus host/core
host/engine include/dissensus host/core host/study host/stats kernels/backend.h kernels/pairs.h kernels/pairwise.h
host/evaluate include/dissensus host/core host/study host/stats host/engine kernels/backend.h kernels/common
host/report include/dissensus host/core host/stats
host/figures include/dissensus host/core host/stats
host/cli include/dissensus
python/native include/dissensus
kernels/backend.h include/dissensus kernels/common
kernels/pairs.h include/dissensus kernels/common
kernels/pairwise.h kernels/backend.h include/dissensus kernels/common
kernels/common
kernels/reference kernels/backend.h kernels/pairs.h kernels/pairwise.h kernels/common
kernels/cpu kernels/backend.h kernels/pairs.h kernels/pairwise.h kernels/common
kernels/cuda kernels/backend.h kernels/pairs.h kernels/pairwise.h kernels/common'

# violations ROOT: a line for each, and last "N include lines".
violations() {
  (
    cd "$1"
    find include host kernels python/native -type f '(' -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh' ')' | sort |
      LAW=$law awk '
        # The part of the law that a path falls under.
        function place(path, parts) {
          if (path ~ /^kernels\/[a-z]*\.h$/) return path
          split(path, parts, "/")
          return parts[1] "/" parts[2]
        }
        # The file of ours that an include of name in file means, or "".
        function target(file, name, here) {
          here = file
          sub(/[^\/]*$/, "", here)
          if ((here name) in ours) return here name
          if (name in ours) return name
          return ("include/" name) in ours ? "include/" name : ""
        }
        function judge(file, line, quote, name, meant, from, to) {
          sub(/^[ \t]*#[ \t]*include[ \t]*/, "", line)
          quote = substr(line, 1, 1)
          name = substr(line, 2)
          sub(/[">].*/, "", name)
          if (name ~ /\.\./) {
            print file " includes " name ": paths go from the root of the project"
            return
          }
          meant = target(file, name)
          if (meant == "") {
            if (quote == "\"") print file " includes " name ": no such file of ours"
            return
          }
          from = place(file)
          to = place(meant)
          if (from != to && !((from " " to) in allowed))
            print file " includes " meant ": " from " may not include " to
        }
        { ours[$0] = 1; files[NR] = $0 }
        END {
          n_rules = split(ENVIRON["LAW"], rules, "\n")
          for (i = 1; i <= n_rules; i++) {
            n = split(rules[i], words, " ")
            for (k = 2; k <= n; k++) allowed[words[1] " " words[k]] = 1
          }
          for (i = 1; i <= NR; i++) {
            while ((getline line < files[i]) > 0)
              if (line ~ /^[ \t]*#[ \t]*include[ \t]*[<"]/) {
                seen++
                judge(files[i], line)
              }
            close(files[i])
          }
          print seen + 0 " include lines"
        }'
  )
}

# plant FILE LINE: the law must name this one and no other.
plant() {
  mkdir -p "$copy/$(dirname "$1")"
  echo "$2" > "$copy/$1"
  case $(violations "$copy" | sed '$d') in
    "$1 includes "*) rm "$copy/$1" ;;
    *)
      echo "planted in $1 and not found: $2" >&2
      exit 1
      ;;
  esac
}

found=$(violations "$project")
seen=$(echo "$found" | sed -n '$s/ .*//p')
if [ "$(echo "$found" | wc -l)" -ne 1 ] || [ "$seen" -lt 100 ]; then
  echo "$found" >&2
  exit 1
fi

mkdir "$copy/python"
cp -R "$project/include" "$project/host" "$project/kernels" "$copy"
cp -R "$project/python/native" "$copy/python"
plant host/core/planted.c '#include "host/study/study.h"'
plant host/stats/planted.c '#include "host/study/study.h"'
plant host/cli/planted.c '#include "host/core/context.h"'
plant host/cli/planted.c '#  include <host/core/context.h>'
plant host/study/planted.c '#include "kernels/backend.h"'
plant python/native/planted.c '#include "host/core/context.h"'
plant host/evaluate/planted.c '#include "kernels/pairs.h"'
plant host/report/planted.c '#include "host/evaluate/evaluation.h"'
plant host/report/planted.c '#include "kernels/pairs.h"'
plant host/report/planted.c '#include "kernels/common/formulas.h"'
plant host/figures/planted.c '#include "host/report/view.h"'
plant host/engine/planted.c '#include "../core/context.h"'
plant host/engine/planted.c '#include "no_such_file.h"'
plant kernels/common/planted.h '#include "dissensus/plan.h"'
plant kernels/cuda/planted.cu '#include "host/core/context.h"'
plant include/dissensus/planted.h '#include "host/core/context.h"'
echo "$seen include lines keep the law; every planted violation was found"
