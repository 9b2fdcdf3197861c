"""A case and its deadlines: page, lists, history, proof, and the JSON documents of each."""
