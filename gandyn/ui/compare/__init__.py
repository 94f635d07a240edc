"""Several runs on one screen: the stages side by side, the pictures of many GANs, and what to compare with."""
