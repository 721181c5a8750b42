"""Samples of physics processes: files with a class, a cross section and systematic variations, mixed into one."""
