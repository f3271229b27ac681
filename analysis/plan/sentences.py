"""Sentences for the encoder: from the docstrings of Python's standard library, each file in one part only."""

import ast
import random
import re
import sysconfig
from pathlib import Path

PARTS = {"calibration": 450, "held-out": 180, "test": 220}


def sentences(seed: int) -> dict[str, list[str]]:
    """Returns sentences of 6 to 60 words by part, a file's in one part only; the test's are the same for every seed."""
    library = Path(sysconfig.get_paths()["stdlib"])
    files = [f for f in sorted(library.rglob("*.py")) if "site-packages" not in f.parts and "test" not in f.parts and "tests" not in f.parts]
    random.Random(0).shuffle(files)
    third = len(files) // 3
    parts = {"test": files[:third]}
    rest = files[third:]
    random.Random(seed).shuffle(rest)
    parts["held-out"], parts["calibration"] = rest[:third], rest[third:]
    found = {}
    for part, count in PARTS.items():
        pool = sorted({sentence for file in parts[part] for sentence in of_file(file)})
        random.Random(seed if part != "test" else 0).shuffle(pool)
        if len(pool) < count:
            raise SystemExit(f"{part}: {len(pool)} sentences in {library}, {count} wanted")
        found[part] = pool[:count]
    return found


def of_file(file: Path) -> list[str]:
    try:
        tree = ast.parse(file.read_text())
    except (SyntaxError, UnicodeDecodeError):
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            text = re.sub(r"\s+", " ", ast.get_docstring(node) or "")
            for sentence in re.split(r"(?<=[.!?]) ", text):
                if 6 <= len(sentence.split()) <= 60 and sentence[0].isupper() and ">>>" not in sentence:
                    found.append(sentence)
    return found


if __name__ == "__main__":
    for part, texts in sentences(0).items():
        print(part, len(texts), texts[0])
