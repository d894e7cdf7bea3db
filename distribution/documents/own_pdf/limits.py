"""How much of a stranger's PDF is unpacked and looked at. Past a limit the file is refused: nobody waits for a bomb.

qpdf's limits are of the whole process, and it wants them set before anything is read; so whoever opens a PDF imports this.
"""

import pikepdf

MAX_UNPACKED = 64 * 1024 * 1024  # bytes of any one stream, also of one that holds the file's own objects
MAX_CONTENT = (
    1024 * 1024
)  # bytes that one page is painted by, those of its drawings among them, as often as they are drawn
MAX_VALUES = 200_000  # of all that hangs together in the file
MAX_DEPTH = 8  # drawings within drawings

pikepdf.settings.set_qpdf_limits(
    flate_max_memory=MAX_UNPACKED,
    png_max_memory=MAX_UNPACKED,
    tiff_max_memory=MAX_UNPACKED,
    run_length_max_memory=MAX_UNPACKED,
    dct_max_memory=MAX_UNPACKED,
    max_stream_filters=4,
)
