"""Building views anew beside the live ones, comparing, and switching."""
