"""What goes on inside networks, and how sums approach functions."""
