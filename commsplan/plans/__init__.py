"""Why and when we speak: sponsor, owner, goals, and activities on a timeline."""
