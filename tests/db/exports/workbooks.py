"""Binary files made from rows: workbooks cell by cell as spreadsheets and PHP shops write them, archives, Parquet."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_DATE = 1  # the second of the two cell formats below


@dataclass(frozen=True)
class Formula:
    """A formula with the value that the spreadsheet computed last."""

    text: str
    value: str | float


@dataclass(frozen=True)
class Phonetic:
    """A text with its reading, as Japanese Excel keeps it beside the signs."""

    text: str
    reading: str


@dataclass(frozen=True)
class Missing:
    """A cell with an error, such as #N/A."""

    error: str = "#N/A"


def xlsx(
    *sheets: Sequence[Sequence[object]],
    names: Sequence[str] = (),
    merged: Sequence[str] = (),
    hidden: Sequence[int] = (),
    from_1904: bool = False,
) -> bytes:
    """An .xlsx of sheets of rows of cells; ``merged`` are ranges of every sheet, such as A2:A4."""
    names = names or [f"Sheet{number}" for number in range(1, len(sheets) + 1)]
    first_day = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)
    listed, links = "", ""
    for number, name in enumerate(names, 1):
        state = ' state="hidden"' if number - 1 in hidden else ""
        listed += f'<sheet name="{escape(name)}" sheetId="{number}"{state} r:id="rId{number}"/>'
        links += _link(number, "worksheet", f"worksheets/sheet{number}.xml")
    links += _link(len(sheets) + 1, "styles", "styles.xml")
    epoch = '<workbookPr date1904="1"/>' if from_1904 else ""
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _links(_link(1, "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{epoch}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _links(links),
        "xl/styles.xml": _STYLES,
    }
    for number, rows in enumerate(sheets, 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = _sheet(rows, merged, first_day)
    return zipped(parts)


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm:ss"/>'
    '</numFmts><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/>'
    '<xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def _content_types(sheets: int) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = [("workbook.xml", "sheet.main"), ("styles.xml", "styles")]
    parts += [(f"worksheets/sheet{number}.xml", "worksheet") for number in range(1, sheets + 1)]
    overrides = "".join(
        f'<Override PartName="/xl/{name}" ContentType="{kind}.{what}+xml"/>' for name, what in parts
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _link(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'


def _links(inside: str) -> str:
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'


def _sheet(rows: Sequence[Sequence[object]], merged: Sequence[str], first_day: datetime) -> str:
    body = ""
    for number, row in enumerate(rows, 1):
        cells = "".join(
            _cell(f"{chr(65 + k)}{number}", value, first_day) for k, value in enumerate(row)
        )
        body += f'<row r="{number}">{cells}</row>'
    ranges = "".join(f'<mergeCell ref="{one}"/>' for one in merged)
    ranges = f'<mergeCells count="{len(merged)}">{ranges}</mergeCells>' if merged else ""
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData>{ranges}</worksheet>'


def _cell(place: str, value: object, first_day: datetime) -> str:
    match value:
        case None:
            return ""
        case bool():
            return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
        case int() | float():
            return f'<c r="{place}"><v>{value!r}</v></c>'
        case datetime():
            days = (value - first_day) / timedelta(days=1)
            return f'<c r="{place}" s="{_DATE}"><v>{days!r}</v></c>'
        case Formula(text, str(result)):
            return f'<c r="{place}" t="str"><f>{escape(text)}</f><v>{escape(result)}</v></c>'
        case Formula(text, result):
            return f'<c r="{place}"><f>{escape(text)}</f><v>{result!r}</v></c>'
        case Phonetic(text, reading):
            beside = f'<rPh sb="0" eb="{len(text)}"><t>{escape(reading)}</t></rPh>'
            return f'<c r="{place}" t="inlineStr"><is><t>{escape(text)}</t>{beside}</is></c>'
        case Missing(error):
            return f'<c r="{place}" t="e"><v>{error}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def parquet(**columns: pa.Array) -> bytes:
    """A Parquet file of these columns."""
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def biff(rows: Sequence[Sequence[str | float]], encoding: str = "gbk") -> bytes:
    """The .xls that old PHP shops write by hand: a bare BIFF stream of labels and numbers, no workbook around it."""
    stream = struct.pack("<6H", 0x809, 8, 0, 0x10, 0, 0)
    for number, row in enumerate(rows):
        for k, value in enumerate(row):
            if isinstance(value, str):
                text = value.encode(encoding)
                stream += struct.pack("<6H", 0x204, 8 + len(text), number, k, 0, len(text)) + text
            else:
                stream += struct.pack("<5Hd", 0x203, 14, number, k, 0, value)
    return stream + struct.pack("<2H", 0x0A, 0)


def html_table(rows: Sequence[Sequence[object]], head: str = "") -> str:
    """An HTML table, as many shops write under .xls."""
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f'{head}<table border="1">{body}</table>'


def xml_2003(rows: Sequence[Sequence[object]]) -> str:
    """Excel's XML of 2003, as some shops write under .xls."""
    body = "".join(
        "<Row>"
        + "".join(f'<Cell><Data ss:Type="String">{escape(str(cell))}</Data></Cell>' for cell in row)
        + "</Row>"
        for row in rows
    )
    return (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="Sheet1"><Table>{body}</Table></Worksheet></Workbook>'
    )
