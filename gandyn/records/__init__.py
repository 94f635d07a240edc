"""What a run leaves: configuration, trace, checkpoint, figures."""
