"""`python -m flexura.render`: the render child. See `child.py`."""

import os

# One thread in the libraries of linear algebra; they read this once, when numpy is imported.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[_name] = "1"

from flexura.render.child import serve  # noqa: E402

if __name__ == "__main__":
    serve()
