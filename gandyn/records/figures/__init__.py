"""Pictures of a run, made without a screen: functions of arrays that return a Pillow image or a Matplotlib Figure.

A Figure becomes an image by `canvas.image` and a file by `canvas.save`. Nothing here has global state, so threads may
draw at the same time.
"""
