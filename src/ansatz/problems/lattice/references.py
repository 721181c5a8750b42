"""Where the lattice models come from, as BibTeX."""

ONSAGER = """@article{onsager1944crystal,
  author = {Onsager, Lars},
  title = {Crystal statistics. {I}. {A} two-dimensional model with an order-disorder transition},
  journal = {Physical Review},
  volume = {65},
  pages = {117--149},
  year = {1944},
  doi = {10.1103/PhysRev.65.117}
}"""

KAUFMAN = """@article{kaufman1949crystal,
  author = {Kaufman, Bruria},
  title = {Crystal statistics. {II}. {P}artition function evaluated by spinor analysis},
  journal = {Physical Review},
  volume = {76},
  pages = {1232--1243},
  year = {1949},
  doi = {10.1103/PhysRev.76.1232}
}"""

PHASES = """@article{carrasquilla2017machine,
  author = {Carrasquilla, Juan and Melko, Roger G.},
  title = {Machine learning phases of matter},
  journal = {Nature Physics},
  volume = {13},
  pages = {431--434},
  year = {2017},
  eprint = {1605.01735}
}"""

CONFUSION = """@article{nieuwenburg2017learning,
  author = {van Nieuwenburg, Evert P. L. and Liu, Ye-Hua and Huber, Sebastian D.},
  title = {Learning phase transitions by confusion},
  journal = {Nature Physics},
  volume = {13},
  pages = {435--439},
  year = {2017},
  eprint = {1610.02048}
}"""

DISCOVERING = """@article{wang2016discovering,
  author = {Wang, Lei},
  title = {Discovering phase transitions with unsupervised learning},
  journal = {Physical Review B},
  volume = {94},
  pages = {195105},
  year = {2016},
  eprint = {1606.00318}
}"""

METROPOLIS = """@article{metropolis1953equation,
  author = {Metropolis, Nicholas and Rosenbluth, Arianna W. and Rosenbluth, Marshall N. and Teller, Augusta H.
    and Teller, Edward},
  title = {Equation of state calculations by fast computing machines},
  journal = {Journal of Chemical Physics},
  volume = {21},
  pages = {1087--1092},
  year = {1953},
  doi = {10.1063/1.1699114}
}"""

POTTS = """@article{wu1982potts,
  author = {Wu, Fa-Yueh},
  title = {The {P}otts model},
  journal = {Reviews of Modern Physics},
  volume = {54},
  pages = {235--268},
  year = {1982},
  doi = {10.1103/RevModPhys.54.235}
}"""

KOSTERLITZ_THOULESS = """@article{kosterlitz1973ordering,
  author = {Kosterlitz, J. Michael and Thouless, David J.},
  title = {Ordering, metastability and phase transitions in two-dimensional systems},
  journal = {Journal of Physics C},
  volume = {6},
  pages = {1181--1203},
  year = {1973},
  doi = {10.1088/0022-3719/6/7/010}
}"""

PHI4 = """@article{brower1989embedded,
  author = {Brower, Richard C. and Tamayo, Pablo},
  title = {Embedded dynamics for phi4 theory},
  journal = {Physical Review Letters},
  volume = {62},
  pages = {1087--1090},
  year = {1989},
  doi = {10.1103/PhysRevLett.62.1087}
}"""
