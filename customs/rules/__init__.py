"""Pure customs decisions: functions of facts and a date. No session, no clock, no framework."""
