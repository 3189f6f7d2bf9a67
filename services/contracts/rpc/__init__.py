"""Requests that the portal and the command line send to a service, and what it answers."""

from services.contracts.rpc.access import *  # noqa: F403
from services.contracts.rpc.accounts import *  # noqa: F403
from services.contracts.rpc.asking import *  # noqa: F403
from services.contracts.rpc.board import *  # noqa: F403
from services.contracts.rpc.busy import *  # noqa: F403
from services.contracts.rpc.days import *  # noqa: F403
from services.contracts.rpc.display import *  # noqa: F403
from services.contracts.rpc.journal import *  # noqa: F403
from services.contracts.rpc.notifications import *  # noqa: F403
from services.contracts.rpc.people import *  # noqa: F403
from services.contracts.rpc.permissions import *  # noqa: F403
from services.contracts.rpc.places import *  # noqa: F403
from services.contracts.rpc.proposals import *  # noqa: F403
from services.contracts.rpc.registration import *  # noqa: F403
from services.contracts.rpc.reminders import *  # noqa: F403
from services.contracts.rpc.request import *  # noqa: F403
from services.contracts.rpc.scheduling import *  # noqa: F403
from services.contracts.rpc.webhooks import *  # noqa: F403
from services.contracts.rpc.wishes import *  # noqa: F403
from services.contracts.rpc.wordings import *  # noqa: F403
