"""The storage of each job system, read without changing it."""
