"""Write `pdq.json`: PDQ of the sample photos and of generated textures, by pdqhash.

Run it as ``python tests/golden/make_pdq_vectors.py``; it needs the extra ``oracle``. The vectors
change only when the sample photos or the textures do.
"""

import importlib.metadata
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from hashing import golden  # from the folder that was just put on the path


def main() -> None:
    """Compute and write all vectors."""
    vectors = {name: golden.by_pdqhash(golden.canonical_rgb(name)) for name in golden.photo_names()}
    vectors |= {str(made): golden.by_pdqhash(made.pixels()) for made in golden.TEXTURES}
    made_with = f"pdqhash {importlib.metadata.version('pdqhash')}"
    golden.VECTORS.write_text(golden.as_json(vectors, made_with), encoding="utf-8")
    print(f"{golden.VECTORS.name}: {len(vectors)} pictures in 8 orientations, by {made_with}")


if __name__ == "__main__":
    main()
