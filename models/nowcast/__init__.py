"""What the last weeks will have held once every report is in."""
