"""Several processes of the laboratory behind one address."""
