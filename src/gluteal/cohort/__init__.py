"""The cohort: its package on disk, its checks, and the analysis tables derived from it."""
