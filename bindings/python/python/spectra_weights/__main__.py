"""``python -m spectra_weights`` is ``spectra``."""

import sys

from ._programs import spectra

sys.exit(spectra())
