"""Charts as pure functions: records of engine.results in, plotly figures out. Words and colours
are arguments.
"""
