"""Next-item models: data in arrays, scores out, no knowledge of the website.

Pure NumPy, SciPy, scikit-learn and PyTorch. Nothing here imports Django or any other part of
Segue, so every model can be trained, tested and measured on plain arrays. `contract.Recommender`
is the one interface; `data.SessionData` the one input; `evaluation.evaluate` the one judge.
"""
