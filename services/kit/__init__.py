"""Shared plumbing. A thing enters here at its second user."""

import warnings

# nameko stands on eventlet, which says at every start that it is deprecated; docs/decisions says why we use it still.
warnings.filterwarnings("ignore", r"\s*Eventlet is deprecated")
