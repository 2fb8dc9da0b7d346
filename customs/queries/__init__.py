"""Reading: lists, one record with everything known of it, the feed of events. Nothing here writes."""
