/* The designs that test_backends.c runs through every instruction set. */
#ifndef DSS_TESTS_BACKEND_DESIGNS_H
#define DSS_TESTS_BACKEND_DESIGNS_H

#include "parity_designs.h"

static const parity_design small_designs[] = {
    {"dense", 24, 30, 2, {{2}, {3}}, {{DSS_NOMINAL, 5, 24, 24, 0.4}}},
    {"sparse", 60, 80, 2, {{2}, {3}}, {{DSS_ORDINAL, 5, 0, 4, 0.5}}},
    {"one item", 15, 1, 2, {{2}, {3}}, {{DSS_RATIO, 3, 15, 15, 0.2}}},
    {"two raters, one group", 2, 9, 1, {{1}}, {{DSS_NOMINAL, 3, 1, 2, 0.5}}},
    {"two levels", 40, 50, 3, {{2}, {3}, {2}}, {{DSS_NOMINAL, 2, 2, 30, 0.4}}},
    {"seven levels", 40, 30, 2, {{2}, {4}}, {{DSS_INTERVAL, 7, 1, 40, 0.3}}},
    {"eight levels", 40, 30, 2, {{2}, {4}}, {{DSS_NOMINAL, 8, 1, 40, 0.3}}},
    {"nine levels", 40, 30, 2, {{2}, {4}}, {{DSS_ORDINAL, 9, 1, 40, 0.3}}},
    {"ten levels", 40, 30, 1, {{2}, {4}}, {{DSS_INTERVAL, 10, 1, 40, 0.3}}},
    {"fourteen levels", 30, 20, 1, {{2}, {4}}, {{DSS_INTERVAL, 14, 0, 30, 0.3, FRACTIONS}}},
    {"forty levels", 30, 8, 1, {{2}}, {{DSS_ORDINAL, 40, 5, 30, 0.3}}},
    {"most levels", 30, 6, 1, {{2}}, {{DSS_NOMINAL, 256, 5, 30, 0.5}}},
    {"groups of two", 40, 30, 2, {{3}, {20, 2}}, {{DSS_NOMINAL, 4, 2, 25, 0.4}}},
    {"one group of few", 60, 60, 1, {{2}, {20, 3}}, {{DSS_NOMINAL, 4, 2, 5, 0.4}}},
    {"everyone agrees", 20, 10, 2, {{2}, {3}}, {{DSS_NOMINAL, 4, 0, 20, 1.0}}},
    {"nearly everyone agrees", 63, 30, 2, {{2}, {3}}, {{DSS_ORDINAL, 4, 40, 63, 0.98}}},
    {"unknown values", 50, 40, 3, {{2, 0, 0.3}, {4, 0, 0.3}, {2}}, {{DSS_NOMINAL, 5, 0, 30, 0.4}}},
    {"unknown values, ranks", 50, 40, 2, {{3, 0, 0.2}, {2}}, {{DSS_ORDINAL, 5, 0, 30, 0.4}}},
    {"one unknown of 59", 59, 600, 1, {{2, 29, LAST_UNKNOWN}}, {{DSS_NOMINAL, 4, 59, 59, 0.0}}},
    {"one unknown of 63", 63, 600, 1, {{3, 25, LAST_UNKNOWN}}, {{DSS_NOMINAL, 3, 63, 63, 0.0}}},
    {"one unknown of 49", 49, 600, 1, {{3, 19, LAST_UNKNOWN}}, {{DSS_NOMINAL, 4, 49, 49, 0.0}}},
    {"unknown values alone", 30, 20, 1, {{1, 0, 0.5}}, {{DSS_RATIO, 3, 1, 9, 0.4}}},
    {"fractions", 30, 25, 2, {{2}, {3}}, {{DSS_INTERVAL, 5, 2, 20, 0.4, FRACTIONS}}},
    {"far apart", 30, 25, 2, {{2}, {3}}, {{DSS_INTERVAL, 5, 2, 20, 0.4, FAR_APART}}},
    {"ratio", 30, 25, 2, {{2}, {3}}, {{DSS_RATIO, 6, 2, 20, 0.4, FAR_APART}}},
    {"sizes about 31", 40, 40, 2, {{1}, {2}}, {{DSS_NOMINAL, 3, 30, 33, 0.5}}},
    {"sizes about 63", 70, 40, 2, {{2}, {3}}, {{DSS_NOMINAL, 3, 61, 66, 0.5}}},
    {"sizes about 63, ranks", 70, 40, 2, {{2}, {3}}, {{DSS_ORDINAL, 6, 61, 66, 0.3}}},
    {"sizes about 127", 130, 20, 2, {{2}, {3}}, {{DSS_INTERVAL, 4, 2, 128, 0.3}}},
    {"single ratings", 30, 60, 1, {{2}, {3}}, {{DSS_NOMINAL, 3, 1, 1, 0.5}}},
    {"single ratings and some pairs", 30, 90, 1, {{2}, {3}}, {{DSS_NOMINAL, 3, 1, 2, 0.5}}},
    {"sizes 2 to 200", 210, 25, 2, {{2}, {3}}, {{DSS_ORDINAL, 4, 2, 200, 0.3}}},
    {"ranks, then nominal",
     40,
     12,
     2,
     {{2}, {3, 0, 0.1}},
     {{DSS_ORDINAL, 5, 5, 30, 0.4}, {DSS_NOMINAL, 5, 40, 40, 0.4}}},
    {"four questions",
     60,
     20,
     2,
     {{2}, {3, 0, 0.1}},
     {{DSS_NOMINAL, 3, 2, 20, 0.4},
      {DSS_ORDINAL, 9, 0, 6, 0.4},
      {DSS_RATIO, 5, 0, 60, 0.4},
      {DSS_INTERVAL, 12, 1, 30, 0.4, FRACTIONS}}},
};
enum { SMALL_DESIGNS = sizeof small_designs / sizeof *small_designs };

/* Byte counters of 255, axes in parts, items so large that sums must be carried over to 128 bits,
 * or so many. Fewer sets of statistics: these take long. */
static const parity_design large_designs[] = {
    {"sizes beyond 255", 700, 6, 1, {{2}, {3}}, {{DSS_NOMINAL, 3, 250, 700, 0.5}}},
    {"sizes beyond 255, unknown", 700, 4, 1, {{2, 0, 0.2}}, {{DSS_ORDINAL, 5, 600, 700, 0.9}}},
    {"300 groups", 640, 10, 1, {{300, 2}, {2}}, {{DSS_NOMINAL, 3, 100, 300, 0.5}}},
    {"300 groups, unknown", 640, 12, 1, {{300, 2, 0.1}, {4}}, {{DSS_ORDINAL, 4, 2, 60, 0.5}}},
    {"1100 groups", 2300, 5, 1, {{1100, 2}}, {{DSS_NOMINAL, 3, 100, 300, 0.5}}}, /* over 4 bases */
    {"249 groups", 600, 10, 1, {{249, 2}, {7}}, {{DSS_NOMINAL, 3, 2, 60, 0.5}}},
    {"250 groups", 600, 10, 2, {{250, 2}, {2}}, {{DSS_NOMINAL, 3, 2, 60, 0.5}}},
    {"items of thousands", 16000, 14, 1, {{2}}, {{DSS_NOMINAL, 3, 14000, 16000, 0.2}}},
    {"items of thousands, ranks",
     16000,
     14,
     1,
     {{3, 0, 0.1}},
     {{DSS_ORDINAL, 2, 14000, 16000, 0.2}}},
    {"all rate, carried over", 2100, 70, 1, {{3}}, {{DSS_NOMINAL, 5, 2100, 2100, 0.3}}},
    {"all rate, ranks carried over",
     2100,
     70,
     1,
     {{40, 0, 0.1}},
     {{DSS_ORDINAL, 4, 2100, 2100, 0.3}}},
    {"most rate, carried over", 2100, 70, 1, {{40}}, {{DSS_NOMINAL, 3, 2090, 2100, 0.3}}},
    {"many items", 30, 34000, 1, {{2}}, {{DSS_NOMINAL, 2, 2, 3, 0.5}}},
};
enum { LARGE_DESIGNS = sizeof large_designs / sizeof *large_designs };

/* Items that are counted in slices: rated by everyone or by most, beside others, of any weight. */
static const parity_design dense_designs[] = {
    {"five levels", 170, 20, 2, {{2}, {3}}, {{DSS_NOMINAL, 5, 170, 170, 0.4}}},
    {"ranks", 90, 20, 2, {{2}, {3}}, {{DSS_ORDINAL, 5, 90, 90, 0.4}}},
    {"two levels", 100, 17, 2, {{2}, {3}}, {{DSS_NOMINAL, 2, 100, 100, 0.4}}},
    {"two ranks, unknown", 100, 33, 2, {{2, 0, 0.1}, {3}}, {{DSS_ORDINAL, 2, 100, 100, 0.3}}},
    {"unknown values", 80, 20, 3, {{2, 0, 0.3}, {4, 0, 0.2}, {2}}, {{DSS_NOMINAL, 4, 80, 80, 0.4}}},
    {"nine levels", 300, 9, 2, {{2}, {4}}, {{DSS_NOMINAL, 9, 300, 300, 0.3}}},
    {"nine ranks, unknown", 300, 9, 2, {{2}, {4, 0, 0.2}}, {{DSS_ORDINAL, 9, 300, 300, 0.3}}},
    {"everyone agrees", 70, 10, 2, {{2}, {3}}, {{DSS_NOMINAL, 4, 70, 70, 1.0}}},
    {"groups of two", 80, 20, 2, {{3}, {40, 2}}, {{DSS_INTERVAL, 4, 80, 80, 0.4, FRACTIONS}}},
    {"by most raters", 170, 20, 2, {{2}, {3, 0, 0.1}}, {{DSS_NOMINAL, 5, 160, 170, 0.4}}},
    {"few to all, ranks", 140, 50, 2, {{2}, {3, 0, 0.1}}, {{DSS_ORDINAL, 3, 0, 140, 0.4}}},
    {"beside others",
     72,
     20,
     2,
     {{2}, {3, 0, 0.1}},
     {{DSS_NOMINAL, 3, 72, 72, 0.4},
      {DSS_ORDINAL, 9, 0, 72, 0.4},
      {DSS_RATIO, 12, 72, 72, 0.4},
      {DSS_NOMINAL, 3, 2, 20, 0.4}}},
};
enum { DENSE_DESIGNS = sizeof dense_designs / sizeof *dense_designs };

#endif
