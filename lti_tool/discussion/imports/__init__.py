"""Import posts that were written elsewhere: answers from packages, and archives of Disqus."""
