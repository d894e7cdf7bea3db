"""A list as a file to download: .xlsx, or CSV where `?format=csv` asks for it."""

from collections.abc import Iterable

from django.http import FileResponse, HttpRequest, StreamingHttpResponse

from distribution.spreadsheet import Cells, csv_chunks, workbook_file

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def downloaded(request: HttpRequest, chunks: Iterable[list[Cells]], name: str, title: str) -> StreamingHttpResponse:
    """`name` without an ending. `chunks` may be read after the view has returned, when another language is active."""
    return as_csv(chunks, name) if request.GET.get("format") == "csv" else as_workbook(chunks, name, title)


def as_csv(chunks: Iterable[list[Cells]], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_chunks(chunks), content_type="text/csv; charset=utf-8")
    return _private(response, f"{name}.csv")


def as_workbook(chunks: Iterable[list[Cells]], name: str, title: str, head: int = 1) -> FileResponse:
    response = FileResponse(workbook_file(chunks, title, head), content_type=XLSX)
    _private(response, f"{name}.xlsx")
    return response


def _private(response: StreamingHttpResponse, name: str) -> StreamingHttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
