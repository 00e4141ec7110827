"""For the image: puts a model into a folder, and nothing that isn't pinned. python fetch_model.py NAME FOLDER [REVISION SHA256]"""

import sys

from callspool_whisper.models import WrongModel, fetch

if __name__ == "__main__":
    name, folder, revision, sha256 = [*sys.argv[1:], "", ""][:4]
    try:
        fetch(name, folder, revision or None, sha256 or None)
    except WrongModel as error:
        sys.exit(f"fetch_model: {error}")
