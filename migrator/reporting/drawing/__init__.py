"""Charts as SVG text, drawn by hand: no script, no font, no file but the page they stand on.

Every chart is drawn for the width of a phone and laid out in a grid, so that its letters stay legible at any width. Colour comes from
the page's style sheet by class (`arm0` is the current system, `arm1` … the candidates); each arm also has a dash pattern of its own.
"""
