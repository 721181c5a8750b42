"""Networks by name, with the arguments that a study file may give them."""
