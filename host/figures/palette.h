/* Colours, 0xRRGGBB, told apart without red and green (Okabe and Ito 2008) and in grey. Texts have
 * one of the two inks alone, whose contrast to white is above 7:1. */
#ifndef DSS_FIGURES_PALETTE_H
#define DSS_FIGURES_PALETTE_H

#include <stdint.h>

#include "axis.h"

typedef uint32_t dss_color;

#define DSS_INK 0x1a1a1au      /* texts, axes */
#define DSS_SOFT_INK 0x4d4d4du /* notes, ticks */
#define DSS_PAPER 0xffffffu
#define DSS_RULE 0xe2e2e2u /* lines of a grid */
#define DSS_LINE 0x8c8c8cu /* lines that mean something */
#define DSS_BAND 0xd0d3d8u /* the null's central 95% */
#define DSS_TAIL 0x9aa0a8u /* the null outside of it */
#define DSS_SURE_Q_COLOR 0x0072b2u
#define DSS_SURE_P_COLOR 0xd55e00u
#define DSS_SURE_NOT_COLOR 0x4d4d4du

dss_color dss_sureness_color(dss_sureness sureness);

/* From blue (0) over white (0.5) to orange (1). */
dss_color dss_diverging_color(double share);
/* From pale yellow (0) to dark blue (1), darker with every step. */
dss_color dss_sequential_color(double share);
/* Black or white, whichever is read better on it: at least 4.5:1 on any ground. */
dss_color dss_color_on(dss_color ground);
/* WCAG's contrast of two colours, 1 .. 21. */
double dss_contrast(dss_color a, dss_color b);

#endif
