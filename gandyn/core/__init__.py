"""The mathematics of a GAN in training. Imports torch alone: no threads, no files, no screens."""
