"""Arithmetic on counts and durations, numpy and scipy only: one idea a file, no knowledge of jobs, arms or ledgers."""
