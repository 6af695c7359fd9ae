"""All scripts, in the order in which they are made."""

from egoetl.footage.reel.garage import GARAGE
from egoetl.footage.reel.garden import GARDEN
from egoetl.footage.reel.hallway import HALLWAY
from egoetl.footage.reel.kitchen import KITCHEN
from egoetl.footage.reel.market import MARKET
from egoetl.footage.reel.office import OFFICE
from egoetl.footage.reel.playroom import PLAYROOM
from egoetl.footage.reel.workshop import WORKSHOP
from egoetl.footage.script import Script

REEL: tuple[Script, ...] = (MARKET, KITCHEN, WORKSHOP, OFFICE, GARDEN, GARAGE, PLAYROOM, HALLWAY)
