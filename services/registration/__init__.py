"""Schools, their classes and groups, their availabilities and their answers."""
