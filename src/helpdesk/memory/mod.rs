//! A small helpdesk in memory, for fast tests and the benchmark.
