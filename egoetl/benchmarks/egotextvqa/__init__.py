"""EgoTextVQA: questions about text in first-person video, each answered from what was filmed before it was asked."""
