"""The top bar and the bar of time: what runs, how fast, and at which step it stands."""
