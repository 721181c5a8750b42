"""Whether states are what they claim to be: sampled, read from files, or made by a model."""
