"""What drivers of systems that live in Postgres share: a connection that comes back, a log of changes, and what those mean."""
