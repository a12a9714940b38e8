"""What the Retrain page is made of: settings, trainings that run or ran, versions and their promotion."""
