"""Other planners on the same instances. Each module has ``solve(instance, seconds)``: rotation-1 in, sessions out."""
