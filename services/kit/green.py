"""Import this first: eventlet then patches the standard library before any other module takes hold of it."""

import os

# Names are resolved as everywhere else on the machine, not by a second resolver inside eventlet.
os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")

import eventlet

eventlet.monkey_patch()
