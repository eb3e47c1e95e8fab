"""What is said of the numbers: whether they can be trusted, how the arms compare, and the verdict."""
