"""One thread for numpy's matrix products.

A lesson multiplies many small matrices. Shared among threads, each product takes longer, and on a
busy computer many times longer. So `import helpers` sets one thread for the whole process.
"""

try:
    from threadpoolctl import threadpool_info, threadpool_limits
except ImportError:  # threadpoolctl needs ctypes, which some builds of Python lack
    threadpool_info = threadpool_limits = None


def limit(n_threads=1):
    """Let numpy's BLAS use so many threads from now on; return how many it uses, None if unknown.

    Source: the documentation of threadpoolctl, which knows OpenBLAS, MKL, BLIS and others.
    """
    import numpy  # noqa: F401  threadpoolctl sees only libraries that are loaded

    if threadpool_limits is None:
        return None
    threadpool_limits(n_threads, user_api="blas")
    return max((found["num_threads"] for found in threadpool_info()), default=None)
