"""Plans of many sites made territory by territory, on several workers."""
