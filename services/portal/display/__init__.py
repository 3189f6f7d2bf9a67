"""Plans arranged for the eye: days, board, map, reach, sheets of a day."""
