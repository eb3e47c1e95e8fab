"""What is wrong with running job systems: servers are asked, read-only, and what they say is held against limits and against the code."""
