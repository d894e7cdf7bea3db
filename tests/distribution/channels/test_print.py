import subprocess
from pathlib import Path

from distribution.states import ChannelName
from tests.distribution.channels.contract import ChannelContract


class TestPrint(ChannelContract):
    name = ChannelName.PRINT
    to = ("Havblikk Arkitekter AS", "Postboks 214 Sentrum", "5804 Bergen")

    def test_T78_the_recorded_address_stands_in_the_window(self, tmp_path: Path) -> None:
        path = tmp_path / "letter.pdf"
        path.write_bytes(self.prepare().data)
        window = ["-x", "43", "-y", "125", "-W", "300", "-H", "105"]  # points: 15-120 x 44-79 mm
        text = subprocess.run(["pdftotext", *window, str(path), "-"], capture_output=True, text=True, check=True).stdout

        assert [line for line in text.splitlines() if line.strip()][1:] == list(self.to)
