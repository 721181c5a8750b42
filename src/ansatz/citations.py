"""`cite(anything)`: BibTeX of the methods that a model, a fit or a name stands for."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

SOFTWARE = {
    "jax": (
        "software",
        "James Bradbury and others",
        "JAX: composable transformations of Python+NumPy programs",
        "2018",
        "howpublished = {github.com/jax-ml/jax}",
    ),
    "equinox": (
        "article",
        "Patrick Kidger and Cristian Garcia",
        "Equinox: neural networks in JAX via callable PyTrees and filtered transformations",
        "2021",
        "eprint = {2111.00254}, archiveprefix = {arXiv}",
    ),
    "optax": (
        "software",
        "DeepMind and others",
        "The DeepMind JAX Ecosystem",
        "2020",
        "howpublished = {github.com/google-deepmind}",
    ),
    "scikit-learn": (
        "article",
        "Fabian Pedregosa and others",
        "Scikit-learn: Machine Learning in Python",
        "2011",
        "journal = {Journal of Machine Learning Research}, volume = {12}, pages = {2825}",
    ),
}
"""Libraries behind the methods: kind, authors, title, year, and further BibTeX fields."""

METHODS = {
    "backpropagation": (
        "article",
        "David E. Rumelhart and Geoffrey E. Hinton and Ronald J. Williams",
        "Learning representations by back-propagating errors",
        "1986",
        "journal = {Nature}, volume = {323}, pages = {533}",
    ),
    "adam": (
        "article",
        "Diederik P. Kingma and Jimmy Ba",
        "Adam: A Method for Stochastic Optimization",
        "2014",
        "eprint = {1412.6980}, archiveprefix = {arXiv}",
    ),
    "adamw": (
        "article",
        "Ilya Loshchilov and Frank Hutter",
        "Decoupled Weight Decay Regularization",
        "2017",
        "eprint = {1711.05101}, archiveprefix = {arXiv}",
    ),
    "dropout": (
        "article",
        "Nitish Srivastava and others",
        "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
        "2014",
        "journal = {Journal of Machine Learning Research}, volume = {15}, pages = {1929}",
    ),
    "he": (
        "article",
        "Kaiming He and Xiangyu Zhang and Shaoqing Ren and Jian Sun",
        "Delving Deep into Rectifiers",
        "2015",
        "eprint = {1502.01852}, archiveprefix = {arXiv}",
    ),
    "glorot": (
        "inproceedings",
        "Xavier Glorot and Yoshua Bengio",
        "Understanding the difficulty of training deep feedforward neural networks",
        "2010",
        "booktitle = {AISTATS}, volume = {9}, pages = {249}",
    ),
    "bootstrap": (
        "article",
        "Bradley Efron",
        "Bootstrap Methods: Another Look at the Jackknife",
        "1979",
        "journal = {Annals of Statistics}, volume = {7}, pages = {1}",
    ),
    "ridge": (
        "article",
        "Arthur E. Hoerl and Robert W. Kennard",
        "Ridge Regression: Biased Estimation for Nonorthogonal Problems",
        "1970",
        "journal = {Technometrics}, volume = {12}, pages = {55}",
    ),
    "lasso": (
        "article",
        "Robert Tibshirani",
        "Regression Shrinkage and Selection via the Lasso",
        "1996",
        "journal = {Journal of the Royal Statistical Society B}, volume = {58}, pages = {267}",
    ),
    "elastic-net": (
        "article",
        "Hui Zou and Trevor Hastie",
        "Regularization and variable selection via the elastic net",
        "2005",
        "journal = {Journal of the Royal Statistical Society B}, volume = {67}, pages = {301}",
    ),
    "lda": (
        "article",
        "Ronald A. Fisher",
        "The use of multiple measurements in taxonomic problems",
        "1936",
        "journal = {Annals of Eugenics}, volume = {7}, pages = {179}",
    ),
    "svm": (
        "article",
        "Corinna Cortes and Vladimir Vapnik",
        "Support-Vector Networks",
        "1995",
        "journal = {Machine Learning}, volume = {20}, pages = {273}",
    ),
    "knn": (
        "article",
        "Thomas Cover and Peter Hart",
        "Nearest neighbor pattern classification",
        "1967",
        "journal = {IEEE Transactions on Information Theory}, volume = {13}, pages = {21}",
    ),
    "tree": (
        "book",
        "Leo Breiman and Jerome Friedman and Richard Olshen and Charles Stone",
        "Classification and Regression Trees",
        "1984",
        "publisher = {Wadsworth}",
    ),
    "forest": (
        "article",
        "Leo Breiman",
        "Random Forests",
        "2001",
        "journal = {Machine Learning}, volume = {45}, pages = {5}",
    ),
    "extra-trees": (
        "article",
        "Pierre Geurts and Damien Ernst and Louis Wehenkel",
        "Extremely randomized trees",
        "2006",
        "journal = {Machine Learning}, volume = {63}, pages = {3}",
    ),
    "adaboost": (
        "article",
        "Yoav Freund and Robert E. Schapire",
        "A Decision-Theoretic Generalization of On-Line Learning and an Application to Boosting",
        "1997",
        "journal = {Journal of Computer and System Sciences}, volume = {55}, pages = {119}",
    ),
    "boosted-trees": (
        "article",
        "Jerome H. Friedman",
        "Greedy function approximation: A gradient boosting machine",
        "2001",
        "journal = {Annals of Statistics}, volume = {29}, pages = {1189}",
    ),
    "perceptron": (
        "article",
        "Frank Rosenblatt",
        "The perceptron: A probabilistic model for information storage and organization in the brain",
        "1958",
        "journal = {Psychological Review}, volume = {65}, pages = {386}",
    ),
    "k-means": (
        "article",
        "Stuart P. Lloyd",
        "Least squares quantization in PCM",
        "1982",
        "journal = {IEEE Transactions on Information Theory}, volume = {28}, pages = {129}",
    ),
    "gap": (
        "article",
        "Robert Tibshirani and Guenther Walther and Trevor Hastie",
        "Estimating the number of clusters in a data set via the gap statistic",
        "2001",
        "journal = {Journal of the Royal Statistical Society B}, volume = {63}, pages = {411}",
    ),
    "silhouette": (
        "article",
        "Peter J. Rousseeuw",
        "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis",
        "1987",
        "journal = {Journal of Computational and Applied Mathematics}, volume = {20}, pages = {53}",
    ),
    "trustworthiness": (
        "inproceedings",
        "Jarkko Venna and Samuel Kaski",
        "Neighborhood preservation in nonlinear projection methods",
        "2001",
        "booktitle = {International Conference on Artificial Neural Networks}, pages = {485}",
    ),
    "two-nn": (
        "article",
        "Elena Facco and Maria d'Errico and Alex Rodriguez and Alessandro Laio",
        "Estimating the intrinsic dimension of datasets by a minimal neighborhood information",
        "2017",
        "journal = {Scientific Reports}, volume = {7}, pages = {12140}",
    ),
    "levina-bickel": (
        "inproceedings",
        "Elizaveta Levina and Peter J. Bickel",
        "Maximum likelihood estimation of intrinsic dimension",
        "2004",
        "booktitle = {Advances in Neural Information Processing Systems}, pages = {777}",
    ),
    "tsne": (
        "article",
        "Laurens van der Maaten and Geoffrey Hinton",
        "Visualizing data using t-SNE",
        "2008",
        "journal = {Journal of Machine Learning Research}, volume = {9}, pages = {2579}",
    ),
    "delong": (
        "article",
        "Elizabeth R. DeLong and David M. DeLong and Daniel L. Clarke-Pearson",
        "Comparing the Areas under Two or More Correlated Receiver Operating Characteristic Curves",
        "1988",
        "journal = {Biometrics}, volume = {44}, pages = {837}",
    ),
    "wilson": (
        "article",
        "Edwin B. Wilson",
        "Probable Inference, the Law of Succession, and Statistical Inference",
        "1927",
        "journal = {Journal of the American Statistical Association}, volume = {22}, pages = {209}",
    ),
    "mcnemar": (
        "article",
        "Quinn McNemar",
        "Note on the sampling error of the difference between correlated proportions or percentages",
        "1947",
        "journal = {Psychometrika}, volume = {12}, pages = {153}",
    ),
    "replicas": (
        "article",
        "Walter T. Giele and Stephane A. Keller and David A. Kosower",
        "Parton Distribution Function Uncertainties",
        "2001",
        "eprint = {hep-ph/0104052}, archiveprefix = {arXiv}",
    ),
    "ensemble": (
        "article",
        "Balaji Lakshminarayanan and Alexander Pritzel and Charles Blundell",
        "Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles",
        "2016",
        "eprint = {1612.01474}, archiveprefix = {arXiv}",
    ),
    "split-conformal": (
        "article",
        "Jing Lei and Max G'Sell and Alessandro Rinaldo and Ryan J. Tibshirani and Larry Wasserman",
        "Distribution-Free Predictive Inference for Regression",
        "2016",
        "eprint = {1604.04173}, archiveprefix = {arXiv}",
    ),
    "cv-plus": (
        "article",
        "Rina Foygel Barber and Emmanuel J. Candes and Aaditya Ramdas and Ryan J. Tibshirani",
        "Predictive inference with the jackknife+",
        "2019",
        "eprint = {1905.02928}, archiveprefix = {arXiv}",
    ),
    "quantiles": (
        "article",
        "Roger Koenker and Gilbert Bassett",
        "Regression Quantiles",
        "1978",
        "journal = {Econometrica}, volume = {46}, pages = {33}",
    ),
    "conformalized-quantile": (
        "article",
        "Yaniv Romano and Evan Patterson and Emmanuel J. Candes",
        "Conformalized Quantile Regression",
        "2019",
        "eprint = {1905.03222}, archiveprefix = {arXiv}",
    ),
    "heteroscedastic": (
        "inproceedings",
        "David A. Nix and Andreas S. Weigend",
        "Estimating the mean and variance of the target probability distribution",
        "1994",
        "booktitle = {IEEE International Conference on Neural Networks}, pages = {55}",
    ),
    "mc-dropout": (
        "article",
        "Yarin Gal and Zoubin Ghahramani",
        "Dropout as a Bayesian Approximation: Representing Model Uncertainty in Deep Learning",
        "2015",
        "eprint = {1506.02142}, archiveprefix = {arXiv}",
    ),
    "laplace": (
        "article",
        "David J. C. MacKay",
        "A Practical Bayesian Framework for Backpropagation Networks",
        "1992",
        "journal = {Neural Computation}, volume = {4}, pages = {448}",
    ),
    "temperature": (
        "article",
        "Chuan Guo and Geoff Pleiss and Yu Sun and Kilian Q. Weinberger",
        "On Calibration of Modern Neural Networks",
        "2017",
        "eprint = {1706.04599}, archiveprefix = {arXiv}",
    ),
    "platt": (
        "incollection",
        "John C. Platt",
        "Probabilistic outputs for support vector machines and comparisons to regularized likelihood methods",
        "1999",
        "booktitle = {Advances in Large Margin Classifiers}, publisher = {MIT Press}",
    ),
    "isotonic": (
        "inproceedings",
        "Bianca Zadrozny and Charles Elkan",
        "Transforming classifier scores into accurate multiclass probability estimates",
        "2002",
        "booktitle = {KDD}, pages = {694}",
    ),
    "conformal-sets": (
        "article",
        "Yaniv Romano and Matteo Sesia and Emmanuel J. Candes",
        "Classification with Valid and Adaptive Coverage",
        "2020",
        "eprint = {2006.02544}, archiveprefix = {arXiv}",
    ),
    "random-features": (
        "inproceedings",
        "Ali Rahimi and Benjamin Recht",
        "Random Features for Large-Scale Kernel Machines",
        "2007",
        "booktitle = {NeurIPS}",
    ),
    "bias-variance": (
        "article",
        "Stuart Geman and Elie Bienenstock and Rene Doursat",
        "Neural Networks and the Bias/Variance Dilemma",
        "1992",
        "journal = {Neural Computation}, volume = {4}, pages = {1}",
    ),
    "double-descent": (
        "article",
        "Mikhail Belkin and Daniel Hsu and Siyuan Ma and Soumik Mandal",
        "Reconciling modern machine-learning practice and the classical bias-variance trade-off",
        "2018",
        "eprint = {1812.11118}, archiveprefix = {arXiv}",
    ),
    "momentum": (
        "article",
        "Boris T. Polyak",
        "Some methods of speeding up the convergence of iteration methods",
        "1964",
        "journal = {USSR Computational Mathematics and Mathematical Physics}, volume = {4}, pages = {1}",
    ),
    "levenberg-marquardt": (
        "article",
        "Donald W. Marquardt",
        "An algorithm for least-squares estimation of nonlinear parameters",
        "1963",
        "journal = {Journal of the Society for Industrial and Applied Mathematics}, volume = {11}, pages = {431}",
    ),
    "bfgs": (
        "article",
        "Dong C. Liu and Jorge Nocedal",
        "On the limited memory BFGS method for large scale optimization",
        "1989",
        "journal = {Mathematical Programming}, volume = {45}, pages = {503}",
    ),
    "cma-es": (
        "article",
        "Nikolaus Hansen",
        "The CMA Evolution Strategy: A Tutorial",
        "2016",
        "eprint = {1604.00772}, archiveprefix = {arXiv}",
    ),
    "differential-evolution": (
        "article",
        "Rainer Storn and Kenneth Price",
        "Differential evolution: a simple and efficient heuristic for global optimization over continuous spaces",
        "1997",
        "journal = {Journal of Global Optimization}, volume = {11}, pages = {341}",
    ),
    "genetic-algorithm": (
        "book",
        "John H. Holland",
        "Adaptation in Natural and Artificial Systems",
        "1975",
        "publisher = {University of Michigan Press}",
    ),
    "test-functions": (
        "article",
        "Momin Jamil and Xin-She Yang",
        "A literature survey of benchmark functions for global optimisation problems",
        "2013",
        "eprint = {1308.4008}, archiveprefix = {arXiv}",
    ),
    "sgd": (
        "article",
        "Herbert Robbins and Sutton Monro",
        "A stochastic approximation method",
        "1951",
        "journal = {Annals of Mathematical Statistics}, volume = {22}, pages = {400}",
    ),
    "sgd-noise": (
        "article",
        "Stephan Mandt and Matthew D. Hoffman and David M. Blei",
        "Stochastic Gradient Descent as Approximate Bayesian Inference",
        "2017",
        "eprint = {1704.04289}, archiveprefix = {arXiv}",
    ),
    "mean-field": (
        "article",
        "Samuel S. Schoenholz and Justin Gilmer and Surya Ganguli and Jascha Sohl-Dickstein",
        "Deep Information Propagation",
        "2016",
        "eprint = {1611.01232}, archiveprefix = {arXiv}",
    ),
    "network-landscape": (
        "article",
        "Hao Li and Zheng Xu and Gavin Taylor and Christoph Studer and Tom Goldstein",
        "Visualizing the Loss Landscape of Neural Nets",
        "2017",
        "eprint = {1712.09913}, archiveprefix = {arXiv}",
    ),
    "universal-approximation": (
        "article",
        "George Cybenko",
        "Approximation by superpositions of a sigmoidal function",
        "1989",
        "journal = {Mathematics of Control, Signals, and Systems}, volume = {2}, pages = {303}",
    ),
    "approximation-theory": (
        "book",
        "Lloyd N. Trefethen",
        "Approximation Theory and Approximation Practice",
        "2013",
        "publisher = {SIAM}",
    ),
    "coverage": (
        "article",
        "Robert D. Cousins",
        "Why isn't every physicist a Bayesian?",
        "1995",
        "journal = {American Journal of Physics}, volume = {63}, pages = {398}",
    ),
}
"""Methods by the name that a study gives them: kind, authors, title, year, and further BibTeX fields."""

IMPLIES = {
    "mlp": ("backpropagation", "jax", "equinox", "optax"),
    "linear-descent": ("jax", "equinox", "optax"),
    "Architecture": ("backpropagation", "jax", "equinox"),
    "Network": ("jax", "equinox"),
    "Recipe": ("optax",),
    "MLP": ("backpropagation", "equinox", "jax"),
    "Dropout": ("dropout",),
    "Estimator": ("scikit-learn",),
    "SklearnLearner": ("scikit-learn",),
    "Replicas": ("replicas",),
    "Ensemble": ("ensemble",),
    "Bootstrap": ("bootstrap",),
    "SplitConformal": ("split-conformal",),
    "CVPlus": ("cv-plus",),
    "QuantileRegression": ("quantiles",),
    "ConformalizedQuantile": ("conformalized-quantile", "quantiles"),
    "Heteroscedastic": ("heteroscedastic",),
    "MonteCarloDropout": ("mc-dropout",),
    "LastLayerLaplace": ("laplace",),
    "ConformalSets": ("conformal-sets",),
    "RandomFeatures": ("random-features",),
    "Extraction": ("replicas", "jax", "equinox", "optax"),
}
"""What else is used where a name or a type is."""


def cite(*things: object) -> str:
    """BibTeX of what was used: names of methods, learners, fits, or collections of them.

    Example:
        >>> print(cite("ridge"))
        @article{ridge,
          author = {Arthur E. Hoerl and Robert W. Kennard},
          title = {Ridge Regression: Biased Estimation for Nonorthogonal Problems},
          year = {1970},
          journal = {Technometrics}, volume = {12}, pages = {55},
        }
    """
    return "\n\n".join(entries(*things))


def entries(*things: object) -> list[str]:
    """The BibTeX entries one by one, each once, in alphabetical order of their keys."""
    known = SOFTWARE | METHODS
    found = set()
    for word in _words(things, 0):
        found |= {name for name in (word, *IMPLIES.get(word, ())) if name in known}
    return [_entry(name, *known[name]) for name in sorted(found)]


def _entry(name: str, kind: str, author: str, title: str, year: str, more: str) -> str:
    fields = (f"author = {{{author}}}", f"title = {{{title}}}", f"year = {{{year}}}", more)
    return f"@{kind}{{{name},\n" + "".join(f"  {field},\n" for field in fields) + "}"


def _words(thing: object, depth: int) -> Iterator[str]:
    """Names of types and short texts in a record and what it holds."""
    if depth > 8 or thing is None:
        return
    if isinstance(thing, str):
        yield thing
        return
    if isinstance(thing, Mapping):
        thing = [*thing.keys(), *thing.values()]
    if isinstance(thing, list | tuple | set | frozenset):
        for part in thing:
            yield from _words(part, depth + 1)
        return
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        yield type(thing).__name__
        for field in dataclasses.fields(thing):
            if field.name != "tasks":
                yield from _words(getattr(thing, field.name), depth + 1)
