"""Write ``formats/`` and ``page.json``: pictures in every format, and what Python hashes of them.

Run it as ``python tests/golden/make_page_vectors.py``. The victims' page hashes the same files in
real browsers and has to say the same. All pictures are made of photos in the public domain.
"""

import importlib.metadata
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from page import pictures, vectors  # from the folder that was just put on the path


def main() -> None:
    """Make and hash all pictures, and write them down."""
    vectors.FORMATS.mkdir(exist_ok=True)
    for old in vectors.FORMATS.iterdir():
        old.unlink()
    files = pictures.pictures() | pictures.refused()
    for name, content in files.items():
        vectors.picture(name).write_bytes(content)
    answers = {name: vectors.by_python(content) for name, content in files.items()}
    made_with = ", ".join(f"{it} {importlib.metadata.version(it)}" for it in ("Pillow", "NumPy"))
    vectors.VECTORS.write_text(vectors.as_json(answers, made_with), encoding="utf-8")
    size = sum(map(len, files.values())) // 1024
    print(f"{vectors.VECTORS.name}: {len(answers)} pictures of {size} KB, with {made_with}")


if __name__ == "__main__":
    main()
