"""The report for a team: how the jobs are, what is wrong, what a move would change, in which order to mend it, when it is finished."""
