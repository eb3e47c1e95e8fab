"""The live checks, each in a file of its own with its documentation."""
