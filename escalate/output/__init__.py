"""What people and scripts get to see. Renderers return; `terminal` alone writes."""
