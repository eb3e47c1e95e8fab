"""What applications add to their workers, where they want to know exactly when each attempt began and ended."""
