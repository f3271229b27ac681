"""Stand-ins for other packages: a notebook moves by changing one import."""
