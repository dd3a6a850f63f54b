"""Array types by element type."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Halves = NDArray[np.float16]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]
