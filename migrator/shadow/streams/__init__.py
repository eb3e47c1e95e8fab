"""What event streams of job systems mean."""
