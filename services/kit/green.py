"""Import this first: eventlet then patches the standard library before any other module takes hold of it."""

import eventlet

eventlet.monkey_patch()
