"""Experiments that run old and new job systems side by side and account for every job."""
