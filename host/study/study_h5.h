/* Names in a study file, for its writer and its reader. Format: docs/file-format.md. */
#ifndef DSS_STUDY_STUDY_H5_H
#define DSS_STUDY_STUDY_H5_H

#include "dissensus/study.h"
#include "host/core/h5.h"

#define DSS_STUDY_KIND "dissensus-study"
#define DSS_STUDY_FORMAT "1.0"
#define DSS_STUDY_FORMAT_MAJOR 1u

/* A categorical attribute as a folder of its name in parent, over the dimension of what it is of.
 */
DSS_MUST_USE dss_status dss_study_put_attribute(dss_h5 *h5, hid_t parent,
                                                const dss_attribute *attribute,
                                                const dss_h5_dim *dim);
/* What that wrote: n_codes codes, which nobody has held against the categories yet. The caller
 * frees both, also where it fails. */
DSS_MUST_USE dss_status dss_study_get_attribute(const dss_h5 *h5, hid_t parent, const char *name,
                                                hsize_t n_codes, bool *ordered, int32_t **codes,
                                                dss_texts *categories);

#endif
