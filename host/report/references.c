#include "references.h"

const char *dss_reference_text(dss_reference reference) {
  static const char *const texts[DSS_N_REFERENCES] = {
#define X(enumerator, text) text,
      DSS_REFERENCES(X)
#undef X
  };
  return texts[reference];
}
