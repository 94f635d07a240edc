"""`gandyn serve --classroom`: a run that a teacher steers and everybody sees, and runs of their own."""
