/* Names in a study file, for its writer and its reader. Format: docs/file-format.md. */
#ifndef DSS_STUDY_STUDY_H5_H
#define DSS_STUDY_STUDY_H5_H

#define DSS_STUDY_KIND "dissensus-study"
#define DSS_STUDY_FORMAT "1.0"
#define DSS_STUDY_FORMAT_MAJOR 1u

#endif
