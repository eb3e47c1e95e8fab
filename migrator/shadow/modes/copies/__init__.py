"""Copies of jobs, as a mirror sends them to candidates, and what runs them there instead of the jobs' own bodies."""
