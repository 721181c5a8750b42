"""What a report says, section by section, in the order in which it is read."""
