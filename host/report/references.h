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
  X(CAMERON,                                                                                       \
    "Cameron, A. C., Gelbach, J. B., Miller, D. L. (2011). Robust inference with multiway "        \
    "clustering. Journal of Business & Economic Statistics 29, 238-249.")                          \
  X(CLIFF,                                                                                         \
    "Cliff, N. (1993). Dominance statistics: ordinal analyses to answer ordinal questions. "       \
    "Psychological Bulletin 114, 494-509.")                                                        \
  X(CLOPPER, "Clopper, C. J., Pearson, E. S. (1934). The use of confidence or fiducial limits "    \
             "illustrated in the case of the binomial. Biometrika 26, 404-413.")                   \
  X(COHEN, "Cohen, J. (1968). Weighted kappa: nominal scale agreement with provision for scaled "  \
           "disagreement or partial credit. Psychological Bulletin 70, 213-220.")                  \
  X(COVER, "Cover, T. M., Thomas, J. A. (2006). Elements of Information Theory, 2nd ed. Wiley.")   \
  X(EFRON, "Efron, B., Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & "     \
           "Hall.")                                                                                \
  X(FISHER, "Fisher, R. A. (1925). Statistical Methods for Research Workers. Oliver and Boyd.")    \
  X(GOODMAN, "Goodman, L. A., Kruskal, W. H. (1954). Measures of association for cross "           \
             "classifications. Journal of the American Statistical Association 49, 732-764.")      \
  X(HOLM,                                                                                          \
    "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian "      \
    "Journal of Statistics 6, 65-70.")                                                             \
  X(JENNISON, "Jennison, C., Turnbull, B. W. (1983). Confidence intervals for a binomial "         \
              "parameter following a multistage test. Technometrics 25.")                          \
  X(KENDALL, "Kendall, M. G. (1945). The treatment of ties in ranking problems. Biometrika 33, "   \
             "239-251.")                                                                           \
  X(KNIJNENBURG, "Knijnenburg, T. A., Wessels, L. F. A., Reinders, M. J. T., Shmulevich, I. "      \
                 "(2009). Fewer permutations, more accurate P-values. Bioinformatics 25.")         \
  X(KRIPPENDORFF, "Krippendorff, K. (2011). Computing Krippendorff's Alpha-Reliability. "          \
                  "University of Pennsylvania.")                                                   \
  X(KRUSKAL, "Kruskal, W. H., Wallis, W. A. (1952). Use of ranks in one-criterion variance "       \
             "analysis. Journal of the American Statistical Association 47, 583-621.")             \
  X(LUXBURG, "von Luxburg, U., Franz, V. H. (2009). A geometric approach to confidence sets for "  \
             "ratios: Fieller's theorem, generalizations and bootstrap. Statistica Sinica 19.")    \
  X(MANN,                                                                                          \
    "Mann, H. B., Whitney, D. R. (1947). On a test of whether one of two random variables is "     \
    "stochastically larger than the other. Annals of Mathematical Statistics 18, 50-60.")          \
  X(MCCARTHY, "McCarthy, P. J. (1969). Pseudo-replication: half samples. Review of the "           \
              "International Statistical Institute 37, 239-264.")                                  \
  X(NEWCOMBE, "Newcombe, R. G. (2001). Logit confidence intervals and the inverse sinh "           \
              "transformation. The American Statistician 55, 200-202.")                            \
  X(OWEN, "Owen, A. B., Eckles, D. (2012). Bootstrapping data arrays of arbitrary order. Annals "  \
          "of Applied Statistics 6. arXiv 1106.2125.")                                             \
  X(PAN, "Pan, W., Wall, M. M. (2002). Small-sample adjustments in using the sandwich variance "   \
         "estimator in generalized estimating equations. Statistics in Medicine 21, 1429-1441.")   \
  X(PEARSON, "Pearson, K. (1895). Note on regression and inheritance in the case of two parents. " \
             "Proceedings of the Royal Society of London 58, 240-242.")                            \
  X(PHIPSON, "Phipson, B., Smyth, G. K. (2010). Permutation p-values should never be zero: "       \
             "calculating exact p-values when permutations are randomly drawn. Statistical "       \
             "Applications in Genetics and Molecular Biology 9.")                                  \
  X(PRABHAKARAN, "Prabhakaran, V., et al. (2024). GRASP: A Disagreement Analysis Framework to "    \
                 "Assess Group Associations in Perspectives. Proceedings of NAACL 2024.")          \
  X(SALMON, "Salmon, J. K., Moraes, M. A., Dror, R. O., Shaw, D. E. (2011). Parallel random "      \
            "numbers: as easy as 1, 2, 3. Proceedings of SC 2011.")                                \
  X(SATTERTHWAITE,                                                                                 \
    "Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance "           \
    "components. Biometrics Bulletin 2, 110-114.")                                                 \
  X(SOMERS,                                                                                        \
    "Somers, R. H. (1962). A new asymmetric measure of association for ordinal variables. "        \
    "American Sociological Review 27, 799-811.")                                                   \
  X(SPEARMAN, "Spearman, C. (1904). The proof and measurement of association between two things. " \
              "American Journal of Psychology 15, 72-101.")                                        \
  X(RIJSBERGEN, "van Rijsbergen, C. J. (1979). Information Retrieval, 2nd ed. Butterworths.")      \
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
