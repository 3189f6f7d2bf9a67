"""What every page is made of: who visits, what was typed, words, and how a view answers."""
