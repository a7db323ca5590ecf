/* Whom the methods cite. */
#ifndef DSS_REPORT_REFERENCES_H
#define DSS_REPORT_REFERENCES_H

/* By author. */
#define DSS_REFERENCES(X)                                                                          \
  X(BENJAMINI, "Benjamini, Y., Hochberg, Y. (1995). Controlling the false discovery rate: a "      \
               "practical and powerful approach to multiple testing. Journal of the Royal "        \
               "Statistical Society B 57, 289-300.")                                               \
  X(BESAG, "Besag, J., Clifford, P. (1991). Sequential Monte Carlo p-values. Biometrika 78, "      \
           "301-304.")                                                                             \
  X(CLOPPER, "Clopper, C. J., Pearson, E. S. (1934). The use of confidence or fiducial limits "    \
             "illustrated in the case of the binomial. Biometrika 26, 404-413.")                   \
  X(EFRON, "Efron, B., Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & "     \
           "Hall.")                                                                                \
  X(HOLM,                                                                                          \
    "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian "      \
    "Journal of Statistics 6, 65-70.")                                                             \
  X(JENNISON, "Jennison, C., Turnbull, B. W. (1983). Confidence intervals for a binomial "         \
              "parameter following a multistage test. Technometrics 25.")                          \
  X(KNIJNENBURG, "Knijnenburg, T. A., Wessels, L. F. A., Reinders, M. J. T., Shmulevich, I. "      \
                 "(2009). Fewer permutations, more accurate P-values. Bioinformatics 25.")         \
  X(KRIPPENDORFF, "Krippendorff, K. (2011). Computing Krippendorff's Alpha-Reliability. "          \
                  "University of Pennsylvania.")                                                   \
  X(LUXBURG, "von Luxburg, U., Franz, V. H. (2009). A geometric approach to confidence sets for "  \
             "ratios: Fieller's theorem, generalizations and bootstrap. Statistica Sinica 19.")    \
  X(OWEN, "Owen, A. B., Eckles, D. (2012). Bootstrapping data arrays of arbitrary order. Annals "  \
          "of Applied Statistics 6. arXiv 1106.2125.")                                             \
  X(PHIPSON, "Phipson, B., Smyth, G. K. (2010). Permutation p-values should never be zero: "       \
             "calculating exact p-values when permutations are randomly drawn. Statistical "       \
             "Applications in Genetics and Molecular Biology 9.")                                  \
  X(PRABHAKARAN, "Prabhakaran, V., et al. (2024). GRASP: A Disagreement Analysis Framework to "    \
                 "Assess Group Associations in Perspectives. Proceedings of NAACL 2024.")          \
  X(SALMON, "Salmon, J. K., Moraes, M. A., Dror, R. O., Shaw, D. E. (2011). Parallel random "      \
            "numbers: as easy as 1, 2, 3. Proceedings of SC 2011.")                                \
  X(WESTFALL, "Westfall, P. H., Young, S. S. (1993). Resampling-Based Multiple Testing. Wiley.")   \
  X(WONG, "Wong, K., Paritosh, P., Aroyo, L. (2021). Cross-replication Reliability: An Empirical " \
          "Approach to Interpreting Inter-rater Reliability. Proceedings of ACL 2021.")

typedef enum dss_reference {
#define X(enumerator, text) DSS_REFERENCE_##enumerator,
  DSS_REFERENCES(X)
#undef X
      DSS_N_REFERENCES
} dss_reference;

const char *dss_reference_text(dss_reference reference);

#endif
