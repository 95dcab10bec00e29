"""Other people's formats: how hashreg speaks to what platforms run already."""
