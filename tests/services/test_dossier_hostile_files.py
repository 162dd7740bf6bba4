"""Files that are not as they should be, by mistake or on purpose: each is told, none does harm."""

from __future__ import annotations

import struct
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.dossier.tables import Before
from services.dossiers.files import gathered
from services.dossiers.files.reading import Read, read_bytes, read_path

HEADING = "field,value\ntitle,S\neffective_on,2025-07-01\n"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
DOSSIER_SHEET = """<row r="1"><c r="A1" t="inlineStr"><is><t>title</t></is></c>
<c r="B1" t="inlineStr"><is><t>effective_on</t></is></c></row>
<row r="2"><c r="A2" t="inlineStr"><is><t>S</t></is></c><c r="B2" s="2"><v>45839</v></c></row>"""
STYLES = """<numFmts><numFmt numFmtId="164" formatCode="00000"/></numFmts><cellXfs>
<xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf numFmtId="49"/></cellXfs>"""


def archive(members: dict[str, str | bytes]) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def csv_read(**tables: str | bytes) -> Read:
    return read_bytes(
        "x.zip", archive({f"{n}.csv": c for n, c in {"dossier": HEADING, **tables}.items()})
    )


def workbook(
    sheets: dict[str, str],
    hidden: tuple[str, ...] = (),
    is_1904: bool = False,
    after: str = "",
    **parts: str,
) -> bytes:
    """A workbook by hand: rows by name of sheet; `after` follows the rows of the last."""
    listed, related, members = "", "", dict[str, str | bytes]()
    for number, (name, rows) in enumerate({"dossier": DOSSIER_SHEET, **sheets}.items(), start=1):
        state = ' state="hidden"' if name in hidden else ""
        listed += f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"{state}/>'
        related += f'<Relationship Id="r{number}" Target="worksheets/sheet{number}.xml"/>'
        body = rows if rows.startswith("<?") else f"<sheetData>{rows}</sheetData>"
        end = after if number == len(sheets) + 1 else ""
        whole = f'<worksheet xmlns="{MAIN}">{body}{end}</worksheet>'
        members[f"xl/worksheets/sheet{number}.xml"] = rows if rows.startswith("<?") else whole
    properties = f'<workbookPr date1904="{int(is_1904)}"/>'
    members |= {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{properties}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{STYLES}</styleSheet>',
    }
    return archive(members | {f"xl/{name}.xml": content for name, content in parts.items()})


def before_sheet(*cells: str) -> str:
    """A sheet `before` of two columns with these cells in its second row."""
    head = "".join(
        f'<c r="{c}1" t="inlineStr"><is><t>{n}</t></is></c>'
        for c, n in zip("ABC", ("Đối tượng", "Mã số", "Tên gọi"), strict=True)
    )
    return f'<row r="1">{head}</row><row r="4">{"".join(cells)}</row>'


UNIT = '<c r="A4" t="inlineStr"><is><t>unit</t></is></c>'


def told(read: Read) -> list[tuple[str, str, int, str, str]]:
    return [(v.severity, v.table, v.row, v.field, v.rule) for v in read.verdicts]


# CSV


@pytest.mark.parametrize(
    "content",
    [
        "subject,code,name\r\nunit,00004,Xã A\r\n",
        "\ufeffsubject;code;name\nunit;00004;Xã A\n",
        "sep=;\nĐối tượng;Mã số;Tên gọi\nĐơn vị hành chính;00004;Xã A",
        'STT,DOI TUONG,"mã số",TÊN GỌI\n1,unit,"00004","Xã  A"\n\n,,,\n',
        "name,code,subject\nXa\u0303 A,00004,unit\n",
    ],
)
def test_a_csv_file_may_be_written_in_many_ways(content):
    read = csv_read(before=content)
    assert read.verdicts == ()
    assert read.tables.before == (Before(1, "unit", "00004", name="Xã A"),)


def test_columns_that_are_missing_unknown_or_twice_are_all_told():
    read = csv_read(before="subject,cde,name,Tên gọi,,Màu sắc\nunit,1,A,B,C,D\n")
    assert told(read) == [
        ("error", "before", 1, "cde", "column-known"),
        ("error", "before", 1, "name", "column-once"),
        ("error", "before", 1, "Màu sắc", "column-known"),
        ("error", "before", 1, "code", "column-missing"),
        ("error", "before", 2, "row", "row-form"),
    ]
    assert "did you mean 'code'" in read.verdicts[0].words


@pytest.mark.parametrize("title", ["DANH SÁCH CÁC XÃ ĐƯỢC SẮP XẾP", "PHỤ LỤC 1,,,"])
def test_a_title_above_the_headings_is_told_once(title):
    read = csv_read(before=f"{title}\nsubject,code\nunit,60001\nunit,60002\n")
    assert told(read) == [("error", "before", 1, "row", "columns")]
    assert "remove what stands above" in read.verdicts[0].words
    assert read.tables.before == ()


def test_a_value_too_many_is_told():
    read = csv_read(before="subject,code\nunit,1,2\nunit,2,\nunit\n")
    assert [(v.row, v.rule) for v in read.verdicts] == [(2, "row-form"), (4, "required")]


@pytest.mark.parametrize(
    ("content", "row", "rule"),
    [
        (b"subject,code\nunit,1\nunit,\xff\n", 3, "encoding"),
        ("subject,code\n".encode("utf-16"), 0, "encoding"),
        (b'subject,code\nunit,1\nunit,"2\n', 3, "csv-form"),
        (b'subject,code\nunit,"1"x\n', 2, "csv-form"),
        (b"", 0, "columns"),
    ],
)
def test_what_cannot_be_read_of_one_file_does_not_hide_the_others(content, row, rule):
    read = csv_read(before=content, after="subject,code\nunit,?\n")
    assert [(v.file, v.row, v.rule) for v in read.verdicts] == [
        ("before.csv", row, rule),
        ("after.csv", 2, "code-form"),
    ]


def test_files_of_no_table_and_of_one_twice_are_told():
    members = {
        "ho so/dossier.csv": HEADING,
        "ho so/befor.csv": "x",
        "ho so/rules.csv": "sort,rule\n",
        "Quy tắc.csv": "sort,rule\n",
        "../../etc/passwd.csv": "x",
        "readme.txt": "x",
        "__MACOSX/._before.csv": "x",
        ".git/before.csv": "x",
    }
    read = read_bytes("x.zip", archive(dict(members)))
    assert [(v.severity, v.file, v.rule) for v in read.verdicts] == [
        ("error", "befor.csv", "table-known"),
        ("error", "Quy tắc.csv", "table-once"),
        ("error", "passwd.csv", "table-known"),
        ("warning", "readme.txt", "file-kind"),
    ]
    assert "did you mean 'before'" in read.verdicts[0].words


@pytest.mark.parametrize(
    ("content", "rules"),
    [
        ("field,value\ntitle,S\n", ["column-missing"]),
        ("title,effective_on\nS,2025-07-01\n", []),
        ("title,effective_on\n", ["one-record"]),
        ("title,effective_on\nS,2025-07-01\nS,2025-07-01\n", ["one-record"]),
        ("Mục,Nội dung\nTên hồ sơ,S\nngay co hieu luc,01/07/2025\nTiêu đề,x\n", ["column-known"]),
        ("field,value\ntitle,S\ntitle,T\neffective_on,2025-07-01\n", ["column-once"]),
        ("field,value\ntitle,S,x\neffective_on,2025-07-01\n", ["row-form", "table-missing"]),
    ],
)
def test_a_heading_is_one_record_downwards_or_across(content, rules):
    read = csv_read(dossier=content)
    assert [v.rule for v in read.verdicts] == rules
    assert read.is_sound is (not rules)


def test_without_a_heading_there_is_no_dossier():
    read = read_bytes("x.zip", archive({"rules.csv": "sort,rule\nmembers,default_successor\n"}))
    assert [v.rule for v in read.verdicts] == ["table-missing"]
    assert not read.is_sound
    assert read.digest is None


# Workbooks


def test_a_number_is_a_code_by_its_format_and_the_verdict_says_so():
    number = '<c r="B4" s="1"><v>4</v></c>'
    read = read_bytes("x.xlsx", workbook({"before": before_sheet(UNIT, number)}))
    assert told(read) == [("warning", "before", 4, "code", "code-number")]
    assert read.is_sound
    assert read.tables.before[0].code == "00004"
    assert read.heading is not None
    assert f"{read.heading.effective_on}" == "2025-07-01"


def test_the_same_slip_in_a_column_is_noted_once_with_its_count():
    rows = before_sheet(UNIT, '<c r="B4" s="1"><v>4</v></c>')
    more = rows.partition('<row r="4">')[2]
    sheet = rows + "".join(f'<row r="{n}">{more.replace("4", "5")}' for n in (5, 6))
    sheet = sheet.replace('r="A5"', "").replace('r="B5"', "")
    [noted] = read_bytes("x.xlsx", workbook({"before": sheet})).verdicts
    assert (noted.row, noted.rule) == (4, "code-number")
    assert "2 more" in noted.words


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ('<c r="B4"><v>4</v></c>', "code-number"),
        ('<c r="B4" s="2"><v>45839</v></c>', "code-number"),
        ('<c r="B4" t="b"><v>1</v></c>', "value-type"),
        ('<c r="B4" t="e"><v>#N/A</v></c>', "cell-fault"),
        ('<c r="B4" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "cell-fault"),
        ('<c r="B4" t="s"><v>7</v></c>', "cell-fault"),
        ('<c r="B4" t="str"><f>A1</f></c>', "formula"),
        ('<c r="B4" s="99"><v>4</v></c>', "code-number"),
        ("", "required"),
    ],
)
def test_a_cell_that_is_no_code_is_told(cell, rule):
    read = read_bytes("x.xlsx", workbook({"before": before_sheet(UNIT, cell)}))
    assert told(read) == [("error", "before", 4, "code", rule)]


def test_a_formula_gives_what_it_came_to():
    cell = '<c r="B4" t="str"><f>TEXT(4,"00000")</f><v>00004</v></c>'
    read = read_bytes("x.xlsx", workbook({"before": before_sheet(UNIT, cell)}))
    assert told(read) == [("warning", "before", 4, "code", "formula")]
    assert read.tables.before[0].code == "00004"


def test_runs_readings_and_escapes_of_texts_are_put_together():
    strings = (
        f'<sst xmlns="{MAIN}"><si><r><t>Xã </t></r><r><t>A_x0041_</t></r>'
        "<rPh><t>doc</t></rPh></si></sst>"
    )
    cells = '<c r="B4" t="inlineStr"><is><t>1</t></is></c><c r="C4" t="s"><v>0</v></c>'
    read = read_bytes(
        "x.xlsx", workbook({"before": before_sheet(UNIT, cells)}, sharedStrings=strings)
    )
    assert read.tables.before[0].name == "Xã AA"


def test_days_of_a_workbook_from_1904():
    read = read_bytes("x.xlsx", workbook({}, is_1904=True))
    assert read.heading is not None
    assert f"{read.heading.effective_on}" == "2029-07-02"


def test_merged_cells_hidden_sheets_and_sheets_of_no_table_are_told():
    one = before_sheet(UNIT, '<c r="B4" t="inlineStr"><is><t>1</t></is></c>')
    merged = '<mergeCells><mergeCell ref="A4:A5"/></mergeCells>'
    sheets = {"after": one, "Ghi chep": one, "Sheet1": "", "Hướng dẫn": one, "TRUOC SAP XEP": one}
    read = read_bytes("x.xlsx", workbook(sheets, hidden=("after",), after=merged))
    assert told(read) == [
        ("warning", "after", 0, "file", "hidden"),
        ("error", "Ghi chep", 0, "file", "table-known"),
        ("error", "TRUOC SAP XEP", 4, "row", "merged"),
    ]
    assert len(read.tables.before) == 1
    assert read.tables.after == ()


def test_a_damaged_sheet_does_not_hide_the_others():
    code = '<c r="B4" t="inlineStr"><is><t>?</t></is></c>'
    broken = before_sheet(UNIT).replace("</row>", "<row>", 1)
    read = read_bytes("x.xlsx", workbook({"before": broken, "after": before_sheet(UNIT, code)}))
    assert [(v.table, v.row, v.rule) for v in read.verdicts] == [
        ("before", 0, "workbook-form"),
        ("after", 4, "code-form"),
    ]


def test_a_document_type_is_refused_before_anything_of_it_is_expanded():
    entities = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 10}">' for n in range(9)
    )
    bomb = (
        f'<?xml version="1.0"?><!DOCTYPE w [{entities}]><worksheet xmlns="{MAIN}">&e8;</worksheet>'
    )
    for place in ({"sheets": {"before": bomb}}, {"sheets": {}, "sharedStrings": bomb}):
        read = read_bytes("x.xlsx", workbook(**place))
        assert [v.rule for v in read.verdicts][:1] == ["workbook-form"]
        assert "document type" in read.verdicts[0].words


@pytest.mark.parametrize(
    "sheet",
    [
        "<row/>" + "<row>" + "<c/>" * 300_000 + "</row>",
        '<row r="1">' + '<c r="ZZ1"><v>1</v></c>' + "</row>",
        '<row r="2000000"><c><v>1</v></c></row>',
    ],
)
def test_a_sheet_larger_than_any_is_refused(sheet):
    read = read_bytes("x.xlsx", workbook({"before": sheet}))
    assert read.verdicts[0].rule in ("too-large", "workbook-form")
    assert not read.is_sound


def test_an_encrypted_workbook_and_an_old_one_are_told_apart_from_damage():
    read = read_bytes("x.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512)
    assert [v.rule for v in read.verdicts] == ["encrypted"]
    sealed = bytearray(archive({"dossier.csv": HEADING}))
    start = sealed.index(b"PK\x01\x02")
    for at in (6, start + 8):
        struct.pack_into("<H", sealed, at, 1)
    assert [v.rule for v in read_bytes("x.zip", bytes(sealed)).verdicts] == ["encrypted"]


# Sizes


def test_a_bomb_is_refused_before_it_is_unpacked():
    out = BytesIO()
    with (
        ZipFile(out, "w", ZIP_DEFLATED) as made,
        made.open("before.csv", "w", force_zip64=True) as to,
    ):
        for _ in range(gathered.UNPACKED_BYTES_MAX // 2**20 + 1):
            to.write(b"\0" * 2**20)
    assert len(out.getvalue()) < 2**20
    assert [v.rule for v in read_bytes("x.zip", out.getvalue()).verdicts] == ["too-large"]


def test_an_archive_that_lies_about_sizes_is_damaged():
    lying = archive({"dossier.csv": HEADING, "before.csv": "subject,code\n" + "unit,1\n" * 1000})
    real, claimed = struct.pack("<I", 7013), struct.pack("<I", 20)
    assert real in lying
    read = read_bytes("x.zip", lying.replace(real, claimed))
    assert ("before.csv", "file-kind") in [(v.file, v.rule) for v in read.verdicts]
    assert read.tables.before == ()


def test_sizes_are_limits(monkeypatch, folder):
    monkeypatch.setattr(gathered, "ROWS_MAX", 3)
    monkeypatch.setattr(gathered, "VERDICTS_MAX", 2)
    many = csv_read(before="subject,code\n" + "unit,1\n" * 5, after="subject,code\n")
    assert [(v.file, v.rule) for v in many.verdicts] == [("before.csv", "too-large")]
    wrong = csv_read(before="subject,code\n" + "unit,?\n" * 2)
    assert [v.rule for v in wrong.verdicts] == ["code-form", "code-form", "too-many"]
    monkeypatch.undo()
    large = b" " * (gathered.FILE_BYTES_MAX + 1)
    assert [v.rule for v in read_bytes("x.json", large).verdicts] == ["too-large"]
    for name in ("before.csv", "after.csv"):
        (folder / name).write_bytes(large[: gathered.FILE_BYTES_MAX // 2 + 2])
    assert "too-large" in [v.rule for v in read_path(folder).verdicts]


# JSON


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"{", "json-form"),
        (b"[]", "json-form"),
        (b'{"a": 1, "a": 2}', "json-form"),
        (b"{" + b'"a":{' * 100_000, "json-form"),
        (b'{"dossier": "\xff"}', "encoding"),
        (b'{"dossier": []}', "json-form"),
        (b'{"dossier": {}, "before": {}}', "column-missing"),
        (b'{"befor": []}', "table-known"),
        (b"%PDF-1.7", "file-kind"),
        (b"", "file-kind"),
        (b"PK\x03\x04 and nothing", "file-kind"),
    ],
)
def test_what_is_no_dossier_in_json_is_told(content, rule):
    read = read_bytes("x.json", content)
    assert rule in [v.rule for v in read.verdicts]
    assert read.heading is None


def test_rows_and_members_of_json_are_told_by_their_number():
    content = """{"dossier": {"title": "S", "effective_on": "2025-07-01"}, "before": [
        {"subject": "unit", "code": "1"}, 7, {"subject": "unit", "code": 4, "colour": "red"},
        {"subject": {"a": 1}, "code": ["1"], "step": 1e400}]}"""
    assert told(read_bytes("x.json", content.encode())) == [
        ("error", "before", 2, "row", "json-form"),
        ("error", "before", 3, "colour", "column-known"),
        ("error", "before", 3, "code", "code-number"),
        ("error", "before", 4, "step", "number-form"),
        ("error", "before", 4, "subject", "value-type"),
        ("error", "before", 4, "code", "value-type"),
    ]


# Anything at all


@settings(max_examples=60)
@given(
    content=st.binary(max_size=300),
    start=st.sampled_from([b"", b"PK\x03\x04", b"{", b"\xef\xbb\xbf{"]),
)
def test_whatever_bytes_there_are_there_is_a_verdict_and_no_crash(content, start):
    assert not read_bytes("x", start + content).is_sound


@settings(max_examples=100)
@given(data=st.data())
def test_a_workbook_with_any_byte_changed_is_read_or_told(data):
    whole = WHOLE if data.draw(st.booleans()) else WHOLE_CSV
    spoiled = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        spoiled[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    read = read_bytes("x", bytes(spoiled))
    assert read.is_sound or read.verdicts


WHOLE = workbook({"before": before_sheet(UNIT, '<c r="B4" s="1"><v>4</v></c>')})
WHOLE_CSV = archive({"dossier.csv": HEADING, "before.csv": "subject,code\nunit,1\n"})
