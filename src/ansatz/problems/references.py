"""Where the problems come from, as BibTeX."""

NEYMAN_PEARSON = """@article{neyman1933most,
  author = {Neyman, Jerzy and Pearson, Egon S.},
  title = {On the problem of the most efficient tests of statistical hypotheses},
  journal = {Philosophical Transactions of the Royal Society of London A},
  volume = {231},
  pages = {289--337},
  year = {1933},
  doi = {10.1098/rsta.1933.0009}
}"""

COLLINS_SOPER = """@article{collins1977angular,
  author = {Collins, John C. and Soper, Davison E.},
  title = {Angular distribution of dileptons in high-energy hadron collisions},
  journal = {Physical Review D},
  volume = {16},
  pages = {2219--2225},
  year = {1977},
  doi = {10.1103/PhysRevD.16.2219}
}"""

NEXT_TO_LEADING_ORDER = """@article{frixione2002matching,
  author = {Frixione, Stefano and Webber, Bryan R.},
  title = {Matching {NLO QCD} computations and parton shower simulations},
  journal = {Journal of High Energy Physics},
  volume = {06},
  pages = {029},
  year = {2002},
  eprint = {hep-ph/0204244}
}"""

PERCEPTRONS = """@book{minsky1969perceptrons,
  author = {Minsky, Marvin and Papert, Seymour},
  title = {Perceptrons: an introduction to computational geometry},
  publisher = {MIT Press},
  year = {1969}
}"""

INTRODUCTION_FOR_PHYSICISTS = """@article{mehta2019high,
  author = {Mehta, Pankaj and Bukov, Marin and Wang, Ching-Hao and Day, Alexandre G. R. and Richardson, Clint
    and Fisher, Charles K. and Schwab, David J.},
  title = {A high-bias, low-variance introduction to machine learning for physicists},
  journal = {Physics Reports},
  volume = {810},
  pages = {1--124},
  year = {2019},
  eprint = {1803.08823}
}"""

DIGITS = """@misc{alpaydin1998optical,
  author = {Alpaydin, Ethem and Kaynak, Cenk},
  title = {Optical recognition of handwritten digits},
  howpublished = {UCI Machine Learning Repository},
  year = {1998},
  doi = {10.24432/C50P49}
}"""

DISCRIMINANT = """@article{fisher1936use,
  author = {Fisher, Ronald A.},
  title = {The use of multiple measurements in taxonomic problems},
  journal = {Annals of Eugenics},
  volume = {7},
  pages = {179--188},
  year = {1936},
  doi = {10.1111/j.1469-1809.1936.tb02137.x}
}"""

GLUON_REPLICAS = """@article{ball2009determination,
  author = {Ball, Richard D. and Del Debbio, Luigi and Forte, Stefano and Guffanti, Alberto and Latorre, Jose I.
    and Piccione, Andrea and Rojo, Juan and Ubiali, Maria},
  title = {A determination of parton distributions with faithful uncertainty estimation},
  journal = {Nuclear Physics B},
  volume = {809},
  pages = {1--63},
  year = {2009},
  eprint = {0808.1231}
}"""

NORMALIZATION = """@article{dagostini1994use,
  author = {D'Agostini, Giulio},
  title = {On the use of the covariance matrix to fit correlated data},
  journal = {Nuclear Instruments and Methods in Physics Research A},
  volume = {346},
  pages = {306--311},
  year = {1994},
  doi = {10.1016/0168-9002(94)90719-6}
}"""

DOUBLE_DESCENT = """@article{belkin2019reconciling,
  author = {Belkin, Mikhail and Hsu, Daniel and Ma, Siyuan and Mandal, Soumik},
  title = {Reconciling modern machine-learning practice and the classical bias-variance trade-off},
  journal = {Proceedings of the National Academy of Sciences},
  volume = {116},
  pages = {15849--15854},
  year = {2019},
  eprint = {1812.11118}
}"""

SPLOT = """@article{pivk2005splot,
  author = {Pivk, Muriel and Le Diberder, Francois R.},
  title = {sPlot: a statistical tool to unfold data distributions},
  journal = {Nuclear Instruments and Methods in Physics Research A},
  volume = {555},
  pages = {356--369},
  year = {2005},
  eprint = {physics/0402083}
}"""

ASYMPTOTIC = """@article{cowan2011asymptotic,
  author = {Cowan, Glen and Cranmer, Kyle and Gross, Eilam and Vitells, Ofer},
  title = {Asymptotic formulae for likelihood-based tests of new physics},
  journal = {European Physical Journal C},
  volume = {71},
  pages = {1554},
  year = {2011},
  eprint = {1007.1727}
}"""

LLOYD = """@article{lloyd1982least,
  author = {Lloyd, Stuart P.},
  title = {Least squares quantization in {PCM}},
  journal = {IEEE Transactions on Information Theory},
  volume = {28},
  pages = {129--137},
  year = {1982},
  doi = {10.1109/TIT.1982.1056489}
}"""

ISOMAP = """@article{tenenbaum2000global,
  author = {Tenenbaum, Joshua B. and de Silva, Vin and Langford, John C.},
  title = {A global geometric framework for nonlinear dimensionality reduction},
  journal = {Science},
  volume = {290},
  pages = {2319--2323},
  year = {2000},
  doi = {10.1126/science.290.5500.2319}
}"""

FLATNESS = """@article{rogozhnikov2015new,
  author = {Rogozhnikov, Alex and Bukva, Aleksandar and Gligorov, Vladimir V. and Ustyuzhanin, Andrey and
    Williams, Mike},
  title = {New approaches for boosting to uniformity},
  journal = {Journal of Instrumentation},
  volume = {10},
  pages = {T03002},
  year = {2015},
  eprint = {1410.4140}
}"""

MIXTURE = """@article{dempster1977maximum,
  author = {Dempster, Arthur P. and Laird, Nan M. and Rubin, Donald B.},
  title = {Maximum Likelihood from Incomplete Data via the {EM} Algorithm},
  journal = {Journal of the Royal Statistical Society B},
  volume = {39},
  pages = {1--38},
  year = {1977}
}"""

BOOSTED_REWEIGHTING = """@article{rogozhnikov2016reweighting,
  author = {Rogozhnikov, Alex},
  title = {Reweighting with boosted decision trees},
  journal = {Journal of Physics: Conference Series},
  volume = {762},
  pages = {012036},
  year = {2016},
  eprint = {1608.05806}
}"""

LIKELIHOOD_RATIO = """@article{cranmer2015approximating,
  author = {Cranmer, Kyle and Pavez, Juan and Louppe, Gilles},
  title = {Approximating likelihood ratios with calibrated discriminative classifiers},
  year = {2015},
  eprint = {1506.02169}
}"""

CELL_RESAMPLING = """@article{andersen2023efficient,
  author = {Andersen, Jeppe R. and Maier, Andreas and Ma{\\^\\i}tre, Daniel},
  title = {Efficient negative-weight elimination in large high-multiplicity {Monte Carlo} event samples},
  journal = {European Physical Journal C},
  volume = {83},
  pages = {835},
  year = {2023},
  eprint = {2303.15246}
}"""

POSITIVE_REWEIGHTING = """@article{nachman2020neural,
  author = {Nachman, Benjamin and Thaler, Jesse},
  title = {Neural resampler for {Monte Carlo} reweighting with preserved uncertainties},
  journal = {Physical Review D},
  volume = {102},
  pages = {076004},
  year = {2020},
  eprint = {2007.11586}
}"""
