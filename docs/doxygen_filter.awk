# Comments as the headers have them, in the way that doxygen wants them (Doxyfile.in): at the top of a
# file, before what they describe, and behind it. What follows a comment up to the next blank line
# shares it. Lines of dashes are left alone.
{
  line = $0
  gsub(/\\x/, "\\\\\\\\x", line)
}
NR == 1 {
  sub(/^\/\* /, "/** @file\n * ", line)
  print line
  next
}
/^ *\/\* ---/ || /extern "C"/ {
  print line
  next
}
line ~ /^ *\/\* / {
  if (depth == 0 && !open && line ~ /^\//) {
    print "/**@{*/"
    open = 1
  }
  sub(/\/\* /, "/** ", line)
}
line ~ /[^ ] *\/\* / { sub(/\/\* /, "/**< ", line) }
line == "" && open && depth == 0 {
  print "/**@}*/"
  open = 0
}
{
  print line
  depth += gsub(/{/, "{", line) - gsub(/}/, "}", line)
  if (depth < 0) depth = 0
}
