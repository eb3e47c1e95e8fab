"""The whole way once, on two example applications and real servers: `make demo`."""
