"""Pictures of data and forecasts."""

import logging

# Matplotlib's remarks on its cache folder and on missing fonts are of no use to the reader of a picture.
logging.getLogger("matplotlib").setLevel(logging.ERROR)
