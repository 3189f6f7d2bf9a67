"""A released plan made anew: as few moves as can be, proved over counts of half-days, then the cost."""
