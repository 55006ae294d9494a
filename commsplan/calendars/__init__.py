"""The plan as iCalendar feeds."""
