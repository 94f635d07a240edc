"""The streams of a run's random numbers. A stream's number is part of every counter: never change or reuse one."""

STREAMS = {
    "real-uniform": 0,  # samples of the target
    "real-normal": 1,
    "real-index": 2,  # which of the stored samples
    "z": 3,  # latents
    "mix": 4,  # places of a gradient penalty's interpolates
    "noise": 5,  # the perturbation of DRAGAN
    "pixels": 6,  # black or white, where an image is drawn as binary
    "epoch": 7,  # the order of the stored samples in one epoch
    "weights": 8,  # initial weights
    "reference": 9,  # the reference samples of the measures
    "directions": 10,  # of the sliced Wasserstein distance
    "instance-noise": 12,  # beside real and generated samples
    "similarity": 13,  # of an augmentation in the plane
    "aside": 14,  # in which direction latents are moved to measure the generator's slope
    "past-samples": 15,  # which generated samples of before the critic sees again
    "evaluation": 11,  # which real digits serve as reference
}
