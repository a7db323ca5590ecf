#include "text.h"

#include <string.h>
#include <unistr.h>

/* A word whose bytes are no UTF-8 (a file name of another time) in the $'...' of POSIX 2024, so
 * that the line can stand in any text. */
static void quote_bytes(FILE *stream, const char *text) {
  fputs("$'", stream);
  for (; *text; text++) {
    unsigned char byte = (unsigned char)*text;
    if (byte < 0x20 || byte >= 0x7f)
      fprintf(stream, "\\x%02X", byte);
    else
      fprintf(stream, byte == '\'' || byte == '\\' ? "\\%c" : "%c", byte);
  }
  fputc('\'', stream);
}

void text_quote(FILE *stream, const char *text) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "_-+.,:/=@%";
  if (*text && text[strspn(text, plain)] == '\0') {
    fputs(text, stream);
    return;
  }
  if (u8_check((const uint8_t *)text, strlen(text))) {
    quote_bytes(stream, text);
    return;
  }
  fputc('\'', stream);
  for (; *text; text++) {
    if (*text == '\'')
      fputs("'\\''", stream);
    else
      fputc(*text, stream);
  }
  fputc('\'', stream);
}

void text_wrap(FILE *stream, const char *text, size_t column, size_t indent, size_t width) {
  size_t at = column;
  const char *between = "";
  while (*text) {
    if (*text == '\n') {
      fprintf(stream, "\n%*s", text[1] == '\n' ? 0 : (int)indent, "");
      at = indent;
      between = "";
      text++;
      continue;
    }
    size_t length = strcspn(text, " \n");
    if (*between && at + 1 + length > width) {
      fprintf(stream, "\n%*s", (int)indent, "");
      at = indent;
      between = "";
    }
    fprintf(stream, "%s%.*s", between, (int)length, text);
    at += strlen(between) + length;
    between = " ";
    text += length;
    if (*text == ' ') text++;
  }
  fputc('\n', stream);
}

enum { LONGEST = 63 };

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

void text_example(FILE *stream, const char *text, size_t length, size_t indent, size_t width) {
  size_t column = indent;
  fprintf(stream, "%*s", (int)indent, "");
  while (length) {
    size_t word = 0;
    while (word < length && text[word] != ' ')
      word++;
    if (column + word + 3 > width && column > indent + 2) {
      fprintf(stream, " \\\n%*s", (int)indent + 2, "");
      column = indent + 2;
    } else if (column > indent) {
      fputc(' ', stream);
      column++;
    }
    fprintf(stream, "%.*s", (int)word, text);
    column += word;
    text += word;
    length -= word;
    while (length && *text == ' ') {
      text++;
      length--;
    }
  }
  fputc('\n', stream);
}

/* Optimal string alignment (Damerau and Levenshtein), three rows of the table at a time. */
size_t text_distance(const char *a, const char *b) {
  size_t n = strlen(a), m = strlen(b);
  if (n > LONGEST || m > LONGEST) return n > m ? n : m;
  size_t rows[3][LONGEST + 1];
  for (size_t j = 0; j <= m; j++)
    rows[0][j] = j;
  for (size_t i = 1; i <= n; i++) {
    size_t *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
    now[0] = i;
    for (size_t j = 1; j <= m; j++) {
      now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = least(now[j], before[j - 2] + 1);
    }
  }
  return rows[n % 3][m];
}

int text_is_near(const char *a, const char *b) {
  size_t length = strlen(a);
  return text_distance(a, b) <= (length < 4 ? 1u : length < 8 ? 2u : 3u);
}

void text_duration(char *text, size_t room, double seconds) {
  unsigned long long s = seconds < 1e15 ? (unsigned long long)(seconds + 0.5) : 1000000000000000ull;
  if (s < 60)
    snprintf(text, room, "%llu s", s);
  else if (s < 3600)
    snprintf(text, room, "%llu min %02llu s", s / 60, s % 60);
  else
    snprintf(text, room, "%llu h %02llu min", s / 3600, s / 60 % 60);
}
