"""`commsplan doctor`: what is well and what is wrong with this installation, in plain words."""
