"""Risk factors (风险要素): pure rules from facts to points, and the tier that follows from them."""
