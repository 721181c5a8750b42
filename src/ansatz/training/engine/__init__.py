"""The machine behind `fit`: rows made ready, one compiled program for all members, its blocks, the outcome."""
