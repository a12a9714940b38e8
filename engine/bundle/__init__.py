"""The bundle of a model version as a contract between training and serving."""
