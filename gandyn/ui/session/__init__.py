"""A page's counterpart on the server: the runs that it shows, and what its person asks of them."""
