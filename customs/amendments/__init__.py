"""Changing what customs has accepted: amendments before cancellations, shut-outs, corrections asked for.

`preview` says what may be done with a checklist now and what a change would cause; `filing` takes requests in from the
one road, `deciding` is what people do with them, `applying` carries an approved one out. `shut_outs`, `corrections`,
`proofs` and `mandates` are what belongs to it. The rules are `customs.rules.amendments`.
"""
