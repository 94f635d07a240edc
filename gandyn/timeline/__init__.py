"""An experiment in motion, with its past: the one stepping loop, and every step that it has made."""
