"""Recording in an application's process: nothing is waited for, nothing is raised, and what is lost is counted."""
