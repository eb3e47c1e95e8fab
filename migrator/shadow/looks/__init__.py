"""Systems that keep a job's state but not its history: what two looks at a job, one after the other, say about what happened between."""
