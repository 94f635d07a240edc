"""The laboratory as a server: what is on the air, and the routes by which frames and files travel."""
