"""Search by generations, without gradients."""
