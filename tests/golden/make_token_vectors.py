"""Write `tokens.json`: the tokens of the sample photos and of generated textures.

Run it as ``python tests/golden/make_token_vectors.py``. Another implementation of the recipe checks
itself against them. All pictures are in the public domain or generated, so nothing is given away.
"""

import importlib.metadata
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from hashing import golden_tokens  # from the folder that was just put on the path


def main() -> None:
    """Compute and write all vectors."""
    vectors = {name: golden_tokens.of_photo(name) for name in golden_tokens.photo_names()}
    vectors |= {str(made): golden_tokens.of_texture(made) for made in golden_tokens.TEXTURES}
    made_with = f"NumPy {importlib.metadata.version('numpy')}"
    golden_tokens.VECTORS.write_text(golden_tokens.as_json(vectors, made_with), encoding="utf-8")
    print(f"{golden_tokens.VECTORS.name}: tokens of {len(vectors)} pictures, with {made_with}")


if __name__ == "__main__":
    main()
