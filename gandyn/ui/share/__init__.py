"""Ways out of the page and back into it: links, files, texts to copy, exports, reports."""
