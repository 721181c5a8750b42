"""Ansatz: machine learning for physicists."""
