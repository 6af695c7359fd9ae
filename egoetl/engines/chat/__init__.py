"""The chat engine: asks any server that speaks OpenAI's chat completions."""
