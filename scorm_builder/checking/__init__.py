"""Check and inspect packages of any origin: zips, unpacked folders, single files."""
