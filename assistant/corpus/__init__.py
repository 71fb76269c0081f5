"""Reads `corpus/` and any folder of .md, .txt, .html, .pdf and .docx files into sources."""

from assistant.corpus.folder import READERS, Corpus, file_digests, read_corpus

__all__ = ["READERS", "Corpus", "file_digests", "read_corpus"]
