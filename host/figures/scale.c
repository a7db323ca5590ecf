#include "scale.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/stats/quantile.h"

#define MINUS "\xe2\x88\x92"
#define INFINITE "\xe2\x88\x9e"

/* Those that are numbers come first; how many they are. */
static size_t keep_finite(double *values, size_t n) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++)
    if (isfinite(values[i])) values[kept++] = values[i];
  return kept;
}

/* Limits that are no single point: some room about it. */
static dss_limits opened(double low, double high) {
  double least = 1e-9 * fmax(fabs(low), fabs(high));
  if (high - low > fmax(least, DBL_MIN)) return (dss_limits){low, high};
  double room = fmax(0.1 * fmax(fabs(low), fabs(high)), 0.1);
  return (dss_limits){low - room, high + room};
}

dss_limits dss_limits_robust(double *values, size_t n, double fence) {
  n = keep_finite(values, n);
  if (n == 0) return (dss_limits){0.0, 1.0};
  dss_sort_ascending(values, n);
  double first = dss_sorted_quantile(values, n, 0.25), third = dss_sorted_quantile(values, n, 0.75);
  double room = fence * fmax(third - first, 0.02 * fabs(third));
  double low = third, high = first;
  for (size_t i = 0; i < n; i++)
    if (values[i] >= first - room && values[i] <= third + room) {
      low = fmin(low, values[i]);
      high = fmax(high, values[i]);
    }
  return opened(low, high);
}

dss_limits dss_limits_with(dss_limits limits, double value) {
  if (!isfinite(value)) return limits;
  return opened(fmin(limits.low, value), fmax(limits.high, value));
}

dss_limits dss_limits_padded(dss_limits limits, double share) {
  double room = share * (limits.high - limits.low);
  return (dss_limits){limits.low - room, limits.high + room};
}

bool dss_limits_hold(const dss_limits *limits, double value) {
  return value >= limits->low && value <= limits->high;
}

double dss_place(const dss_limits *limits, double value, double from, double to) {
  double share = (value - limits->low) / (limits->high - limits->low);
  return from + fmin(fmax(share, 0.0), 1.0) * (to - from);
}

/* --- ticks ------------------------------------------------------------------------------- */

/* i * step, where step is `digit` times ten to `power`: rounded once. */
static double multiple(double i, double digit, int power) {
  double whole = i * digit;
  return power >= 0 ? whole * pow(10.0, power) : whole / pow(10.0, -power);
}

dss_ticks dss_ticks_nice(const dss_limits *limits, size_t most) {
  static const double digits[] = {1.0, 2.0, 5.0};
  dss_ticks ticks = {.n = 0, .decimals = -1};
  double span = limits->high - limits->low;
  if (most > DSS_MOST_TICKS) most = DSS_MOST_TICKS;
  if (!(span > 0.0) || !isfinite(span) || most < 2) return ticks;
  int power = (int)floor(log10(span / (double)most));
  for (size_t try = 0; try < 9; try++) {
    double digit = digits[try % 3];
    int at = power + (int)(try / 3);
    double step = multiple(1.0, digit, at), first = ceil(limits->low / step - 1e-9);
    double last = floor(limits->high / step + 1e-9);
    if (last - first + 1.0 > (double)most) continue;
    for (double i = first; i <= last; i++)
      ticks.at[ticks.n++] = multiple(i, digit, at) + 0.0; /* never -0 */
    double largest = fmax(fabs(limits->low), fabs(limits->high));
    if (at >= -6 && largest < 1e6) ticks.decimals = at < 0 ? -at : 0;
    return ticks;
  }
  return ticks;
}

/* --- texts ------------------------------------------------------------------------------- */

static void true_minus(const char *plain, char text[DSS_NUMBER_ROOM]) {
  size_t used = 0;
  for (; *plain && used + 4 < DSS_NUMBER_ROOM; plain++)
    if (*plain == '-') {
      memcpy(text + used, MINUS, 3);
      used += 3;
    } else {
      text[used++] = *plain;
    }
  text[used] = '\0';
}

const char *dss_number_text(double value, int decimals, char text[DSS_NUMBER_ROOM]) {
  char plain[32];
  if (isnan(value)) return strcpy(text, "undefined");
  if (isinf(value)) return strcpy(text, value > 0.0 ? INFINITE : MINUS INFINITE);
  if (decimals < 0 || fabs(value) >= 1e6)
    snprintf(plain, sizeof plain, "%.4g", value);
  else
    snprintf(plain, sizeof plain, "%.*f", decimals, value);
  bool zero = strspn(plain, "-0.") == strlen(plain);
  true_minus(zero && *plain == '-' ? plain + 1 : plain, text);
  return text;
}

const char *dss_count_text(unsigned long long count, char text[DSS_NUMBER_ROOM]) {
  char plain[24];
  int n = snprintf(plain, sizeof plain, "%llu", count);
  size_t used = 0;
  for (int i = 0; i < n; i++) {
    if (i > 0 && (n - i) % 3 == 0) text[used++] = ',';
    text[used++] = plain[i];
  }
  text[used] = '\0';
  return text;
}

const char *dss_p_text(double p, char text[DSS_NUMBER_ROOM]) {
  char plain[32];
  if (isnan(p)) return strcpy(text, "undefined");
  snprintf(plain, sizeof plain, p < 0.001 ? "%.2g" : "%.3g", p);
  true_minus(plain, text);
  return text;
}

size_t dss_bins_together(double width, double deviation, double n) {
  double wanted = 3.49 * deviation * pow(fmax(n, 1.0), -1.0 / 3.0);
  size_t together = 1;
  while (together < 16 && width * (double)together < 0.7 * wanted)
    together *= 2;
  return together;
}
