"""What drivers of AWS have in common."""
