#include "palette.h"

#include <math.h>

dss_color dss_sureness_color(dss_sureness sureness) {
  return sureness == DSS_SURE_Q   ? DSS_SURE_Q_COLOR
         : sureness == DSS_SURE_P ? DSS_SURE_P_COLOR
                                  : DSS_SURE_NOT_COLOR;
}

static double channel(dss_color c, unsigned shift) {
  return (double)(c >> shift & 0xff);
}

static dss_color between(dss_color a, dss_color b, double share) {
  dss_color mixed = 0;
  for (unsigned shift = 0; shift <= 16; shift += 8)
    mixed |= (dss_color)lround(channel(a, shift) + share * (channel(b, shift) - channel(a, shift)))
             << shift;
  return mixed;
}

static dss_color along(const dss_color *stops, size_t n, double share) {
  share = isnan(share) ? 0.0 : fmin(fmax(share, 0.0), 1.0) * (double)(n - 1);
  size_t at = share >= (double)(n - 1) ? n - 2 : (size_t)share;
  return between(stops[at], stops[at + 1], share - (double)at);
}

dss_color dss_diverging_color(double share) {
  static const dss_color stops[] = {0x08519c, 0x4a90c4, 0xb5d3e8, 0xf7f7f7,
                                    0xfbd3ab, 0xe58a3a, 0xa34a00};
  return along(stops, sizeof stops / sizeof *stops, share);
}

dss_color dss_sequential_color(double share) {
  static const dss_color stops[] = {0xfffbd6, 0xd3ecbb, 0x8fd0bd, 0x49a9c0,
                                    0x2a78b0, 0x25458f, 0x0f1c50};
  return along(stops, sizeof stops / sizeof *stops, share);
}

static double luminance(dss_color c) {
  static const double weights[] = {0.0722, 0.7152, 0.2126};
  double sum = 0.0;
  for (unsigned i = 0; i < 3; i++) {
    double v = channel(c, 8 * i) / 255.0;
    sum += weights[i] * (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
  }
  return sum;
}

double dss_contrast(dss_color a, dss_color b) {
  double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
  return x > y ? x / y : y / x;
}

dss_color dss_color_on(dss_color ground) {
  return dss_contrast(ground, 0x000000u) >= dss_contrast(ground, DSS_PAPER) ? 0x000000u : DSS_PAPER;
}
