"""What a person sets: the column of controls, and own data on the stage."""
