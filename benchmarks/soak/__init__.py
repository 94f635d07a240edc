"""Many people at one server: how fast it is for each of them, and what is left when they have gone."""
