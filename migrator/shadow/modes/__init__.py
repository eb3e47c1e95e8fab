"""Ways to run an experiment beside a plain split: `fallback` (the other system, once) and `mirror` (a copy without effects)."""
