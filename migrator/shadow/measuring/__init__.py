"""From what happened to jobs to the numbers of each arm."""
