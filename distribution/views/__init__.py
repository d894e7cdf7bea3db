"""The pages. A view is four moves: fetch through access, one verb, a message, a page or a redirect."""
