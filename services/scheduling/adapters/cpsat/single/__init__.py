"""The general form by single sessions: one CP-SAT model, for what counts cannot say or cannot settle in time."""
