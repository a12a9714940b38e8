"""Charts as pure functions: data in, plotly figures out; words and colours are arguments."""
