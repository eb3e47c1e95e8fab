"""From an inventory and a target system to a plan: what each job uses, what becomes of that, how hard and risky it is, in which order."""
