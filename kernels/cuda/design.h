/* How a plan is run on a GPU: by which kernels, in which parts, in what memory. A pure function of
 * the plan, of the memory there is, and of whether cuBLAS is there where products are wanted. */
#ifndef DSS_CUDA_DESIGN_H
#define DSS_CUDA_DESIGN_H

#include "lists.h"
#include "pairwise.h"

typedef enum dss_cu_method {
  DSS_CU_LISTS,    /* lists.cu: walks over ratings */
  DSS_CU_PRODUCTS, /* products.cu: matrix products */
  DSS_CU_GENERAL   /* general.cu: the rest */
} dss_cu_method;

/* Items first .. end - 1 of a question, its ratings from begin on. */
typedef struct dss_cu_items {
  uint32_t first, end;
  uint64_t begin, n_ratings;
} dss_cu_items;

typedef struct dss_cu_question {
  dss_cu_method method;
  dss_cu_tally tally; /* what its kernel adds up */
  uint32_t n_parts;   /* of the items: as many as 64-bit sums, or the memory, ask for */
  dss_cu_items *part; /* [n_parts] */
  uint64_t saved;     /* bytes of a resample and group between parts */
  bool lacks_blas;    /* products would have been taken */
} dss_cu_question;

typedef struct dss_cu_design {
  const dss_kernel_plan *plan;
  const dss_pairwise_plan *pairs; /* statistics of pairs beside those of the plan; or NULL */
  uint32_t width;                 /* columns of a group: statistics of items, then of pairs */
  unsigned bits; /* of a label; words of 32 hold n_words times as many axes as fit */
  uint32_t n_words;
  uint32_t n_planes;  /* axes whose labels also stand by themselves, for lists of axes in no pack:
                         all or none */
  dss_cu_lists *axes; /* [n_axes] without what the device holds */
  uint32_t n_packs;   /* where lists are walked */
  dss_cu_pack *packs; /* [n_packs] */
  dss_cu_question *questions;
  int forced;                           /* a method, or -1 */
  char no_blas[160];                    /* why there is no cuBLAS, or "" */
  bool resident;                        /* every question's ratings stay on the device */
  uint32_t n_tested;                    /* groups */
  uint32_t at_once;                     /* of these, by the general kernel */
  uint32_t n_places;                    /* raters, padded, for products */
  uint64_t product_bytes;               /* of a product's labels, and of its counts, about */
  uint32_t product_warps, product_rows; /* it takes so many warps of resamples, and rows each */
  uint64_t image; /* bytes of accumulators on their way: of a block of moments, and of some more */
  uint64_t fixed; /* bytes, whatever the number of resamples */
  uint64_t a_resample; /* bytes of one more */
  uint32_t resamples;  /* at once: whole warps */
} dss_cu_design;

/* For so many bytes of the device's memory; pairs may be NULL. DSS_ERR_MEMORY names the least that
 * would do, in MiB; DSS_ERR_DATA: more raters than labels have room for; DSS_ERR_DEVICE: DSS_CUDA
 * forces products, and there is no cuBLAS. dss_cu_design_free afterwards. */
dss_status dss_cu_design_make(const dss_kernel_plan *plan, const dss_pairwise_plan *pairs,
                              uint64_t bytes, dss_cu_design *design);
void dss_cu_design_free(dss_cu_design *design);

/* Columns of all groups: what dss_pairwise_columns says, or dss_kernel_columns. */
static inline uint64_t dss_cu_columns(const dss_cu_design *d) {
  return d->plan->n_questions * d->plan->n_groups * (uint64_t)d->width;
}

/* Bytes of a part's arrays on the device; and what a resample saves, of the question that saves
 * most.
 */
uint64_t dss_cu_part_bytes(const dss_cu_design *design, size_t question, const dss_cu_items *part);
uint64_t dss_cu_saved(const dss_cu_design *design);
/* Bytes of a product's labels and counts; 0 and 0 where there is none. */
void dss_cu_product_sizes(const dss_cu_design *design, uint64_t *labels, uint64_t *counts);

/* Bytes of the lists of pairs, and of one more resample's sums; pairwise.c. */
uint64_t dss_cu_pairwise_fixed(const dss_pairwise_plan *pairs);
uint64_t dss_cu_pairwise_a_resample(const dss_cu_design *design);

/* Method and reason into a report. */
void dss_cu_describe(const dss_cu_design *design, size_t n_devices, const char *name,
                     dss_backend_report *report);

/* The label words of a rater's own profile: words [n_words]. */
void dss_cu_words(const dss_cu_design *design, uint32_t rater, uint32_t *words);

#endif
