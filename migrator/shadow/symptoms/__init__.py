"""Signs that a system, or the experiment itself, is not well: each is looked for in what happened to the jobs, and named."""
