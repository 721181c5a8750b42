"""Studies without a target: groups, coordinates, densities, outliers, and what dimensions do."""
