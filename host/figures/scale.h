/* From numbers to places: limits of an axis, its ticks and their texts. Pure functions. */
#ifndef DSS_FIGURES_SCALE_H
#define DSS_FIGURES_SCALE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct dss_limits {
  double low, high; /* low < high, finite */
} dss_limits;

/* Limits that hold what most values need: values that lie beyond `fence` times the distance of the
 * quartiles from these do not count, so that one wild interval does not press all others into a
 * line. What is outside is for the caller to show as such. NaN and infinities are passed over;
 * values is rearranged. Without a value: 0 .. 1. */
dss_limits dss_limits_robust(double *values, size_t n, double fence);
#define DSS_FENCE_ENDS 3.0    /* of intervals and bands */
#define DSS_FENCE_VALUES 12.0 /* of estimates, which are what the picture is for */
/* The same limits, made to hold value too. */
dss_limits dss_limits_with(dss_limits limits, double value);
/* Room of `share` of the whole on both sides. */
dss_limits dss_limits_padded(dss_limits limits, double share);

bool dss_limits_hold(const dss_limits *limits, double value);
/* Where value lies between from (low) and to (high); values outside come to the nearer end. */
double dss_place(const dss_limits *limits, double value, double from, double to);

enum { DSS_MOST_TICKS = 16 };
typedef struct dss_ticks {
  double at[DSS_MOST_TICKS];
  size_t n;
  int decimals; /* that tell neighbours apart; -1: numbers so large or small that %g is better */
} dss_ticks;

/* Multiples of 1, 2 or 5 times a power of ten within the limits, at most `most` of them (2 ..
 * DSS_MOST_TICKS). */
dss_ticks dss_ticks_nice(const dss_limits *limits, size_t most);

/* A number with so many decimals (-1: %.4g), with a true minus sign and no minus before a zero;
 * "undefined" for NaN. */
enum { DSS_NUMBER_ROOM = 40 };
const char *dss_number_text(double value, int decimals, char text[DSS_NUMBER_ROOM]);
/* 1234567 as 1,234,567 */
const char *dss_count_text(unsigned long long count, char text[DSS_NUMBER_ROOM]);
/* A p-value: "0.0312", "2e-05". */
const char *dss_p_text(double p, char text[DSS_NUMBER_ROOM]);

/* How many bins of a histogram of n values of that spread are best drawn as one: 1, 2, 4, 8 or 16.
 * `width` is a bin's (Scott 1979). */
size_t dss_bins_together(double width, double deviation, double n);

#endif
