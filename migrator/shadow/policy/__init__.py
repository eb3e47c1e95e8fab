"""Which system a job goes to in production: a rule that is read from the experiment file, and what people have changed about it since."""
