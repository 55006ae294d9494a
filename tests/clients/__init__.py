"""Our calendars as other people's programs read them: ical.js, libical, vdirsyncer and khal."""
