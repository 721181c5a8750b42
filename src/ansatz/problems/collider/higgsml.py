"""The variables of the HiggsML challenge: what its derived columns should be, given its primary ones."""

from __future__ import annotations

VISIBLE = "sqrt(2*PRI_tau_pt*PRI_lep_pt*(cosh(PRI_tau_eta - PRI_lep_eta) - cos(PRI_tau_phi - PRI_lep_phi)))"
TRANSVERSE = "sqrt(2*PRI_lep_pt*PRI_met*(1 - cos(PRI_lep_phi - PRI_met_phi)))"
HIGGS_PT = (
    "sqrt((PRI_tau_pt*cos(PRI_tau_phi) + PRI_lep_pt*cos(PRI_lep_phi) + PRI_met*cos(PRI_met_phi))**2"
    " + (PRI_tau_pt*sin(PRI_tau_phi) + PRI_lep_pt*sin(PRI_lep_phi) + PRI_met*sin(PRI_met_phi))**2)"
)
RATIO = "PRI_lep_pt/PRI_tau_pt"
DISTANCE = "sqrt((PRI_tau_eta - PRI_lep_eta)**2 + arccos(cos(PRI_tau_phi - PRI_lep_phi))**2)"

TURN = "sign(sin(PRI_lep_phi - PRI_tau_phi))"
FIRST = f"sin(PRI_met_phi - PRI_tau_phi)*{TURN}"
SECOND = f"sin(PRI_lep_phi - PRI_met_phi)*{TURN}"
CENTRALITY = f"({FIRST} + {SECOND})/sqrt(({FIRST})**2 + ({SECOND})**2)"

PAIR_PT = "(PRI_tau_pt + PRI_lep_pt)"

CONSISTENCY: dict[str, str] = {
    "off_mass_vis": f"{VISIBLE} - DER_mass_vis",
    "off_mass_transverse": f"{TRANSVERSE} - DER_mass_transverse_met_lep",
    "off_pt_h": f"{HIGGS_PT} - DER_pt_h",
    "off_pt_ratio": f"{RATIO} - DER_pt_ratio_lep_tau",
    "off_deltar": f"{DISTANCE} - DER_deltar_tau_lep",
    "off_pt_tot": f"{HIGGS_PT} - DER_pt_tot",
    "off_sum_pt": f"{PAIR_PT} - DER_sum_pt",
    "off_centrality": f"{CENTRALITY} - DER_met_phi_centrality",
}
"""Formulae, for `[data] new`, of what a derived column is off from the value that the primary columns give it.

They are zero but for rounding where all columns belong together, or, in the two sums of momenta, what jets above 30 GeV
add; a detector that is out of order shows in them.
"""
