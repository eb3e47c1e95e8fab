"""A first experiment file, from what was said on the command line and what an audit found. What nobody knows is left to be filled in."""
