"""Write a file whole or not at all: a full disk or a power cut never leaves half of one."""

import os


def replace(path, content):
    """Put the bytes `content` in the place of the file at `path`, in one step.

    Raises OSError where there is no room or no permission; the file is then as it was.
    Source: rename(2) of POSIX, which either happens or does not.
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        try:
            draft.write_bytes(content)
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(
            f"{path.name} could not be written ({error.strerror}) and is as it was; "
            f"expected {len(content):,} bytes of room and the right to write here"
        ) from None
