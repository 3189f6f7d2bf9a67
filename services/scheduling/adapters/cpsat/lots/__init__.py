"""The general form in counts: alike classes as lots, what teams do in a day as sorties, and a master over both."""
