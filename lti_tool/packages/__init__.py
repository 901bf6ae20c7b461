"""Packages of a module for where there is no connection: built in the background, downloaded."""
