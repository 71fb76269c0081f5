"""Question sets, how answers to them are judged, and the runs."""
