"""Experiments on the application's own traffic: collected, observed, judged and ramped, until somebody ends it."""
