"""Offline packages of a module: built in the background, then downloaded."""
