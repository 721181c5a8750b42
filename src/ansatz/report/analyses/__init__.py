"""How the findings of each kind of analysis are told: one function of findings to blocks per kind."""
