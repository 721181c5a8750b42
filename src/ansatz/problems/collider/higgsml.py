"""The variables of the HiggsML challenge: what its derived columns should be, given its primary ones."""

from __future__ import annotations

MOMENTA: dict[str, str] = {
    "tau": "momentum(PRI_tau_pt, PRI_tau_eta, PRI_tau_phi)",
    "lep": "momentum(PRI_lep_pt, PRI_lep_eta, PRI_lep_phi)",
    "met": "momentum(PRI_met, 0, PRI_met_phi)",
}
"""Formulae, for `[data] new`, of the momenta of an event; that of the neutrinos has no part along the beam."""

TURN = "sign(sin(PRI_lep_phi - PRI_tau_phi))"
FIRST = f"sin(PRI_met_phi - PRI_tau_phi)*{TURN}"
SECOND = f"sin(PRI_lep_phi - PRI_met_phi)*{TURN}"
CENTRALITY = f"({FIRST} + {SECOND})/sqrt(({FIRST})**2 + ({SECOND})**2)"

CONSISTENCY: dict[str, str] = {
    "off_mass_vis": "mass(tau, lep) - DER_mass_vis",
    "off_mass_transverse": "transverse_mass(lep, met) - DER_mass_transverse_met_lep",
    "off_pt_h": "pt(tau, lep, met) - DER_pt_h",
    "off_pt_ratio": "pt(lep)/pt(tau) - DER_pt_ratio_lep_tau",
    "off_deltar": "delta_r(tau, lep) - DER_deltar_tau_lep",
    "off_pt_tot": "pt(tau, lep, met) - DER_pt_tot",
    "off_sum_pt": "pt(tau) + pt(lep) - DER_sum_pt",
    "off_centrality": f"{CENTRALITY} - DER_met_phi_centrality",
}
"""Formulae over `MOMENTA` of what a derived column is off from the value that the primary columns give it.

They are zero but for rounding where all columns belong together, or, in the two sums of momenta, what jets above 30 GeV
add; a detector that is out of order shows in them.
"""
