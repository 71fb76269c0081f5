"""An assistant for the UNESCO Creative Cities Network that quotes what it says."""
