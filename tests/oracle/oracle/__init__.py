"""An independent implementation of every number that dissensus reports.

Written from the published definitions and docs/determinism.md alone, in plain double precision,
so that it shares neither code nor mistakes with the C library.
"""
