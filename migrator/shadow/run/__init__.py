"""Running an experiment: workers started, jobs sent, arms observed, everything written down, every job accounted for."""
