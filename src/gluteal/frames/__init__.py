"""From the derived tables to arrays and back: what analyses share, between frames and engines."""
