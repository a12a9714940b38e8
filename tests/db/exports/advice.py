"""Files of another kind: read where the rows are plain to see, else a sentence that leads somewhere."""

import gzip

import pyarrow as pa

from exports.case import Case, Group, Outcome, item, refused
from exports.workbooks import html_table, parquet, xlsx, xml_2003, zipped

KIND = "wrong advice"

_G1 = Group("G1", "u1", "p1", ["u2"], "successful")
_RIGHT = Outcome([_G1], rejected=0)
_CSV = "团号,团长,商品,团员,状态\nG1,u1,p1,u2,已成团\n"
_ROWS = [line.split(",") for line in _CSV.split()]

CASES = [
    Case(
        "rows_deep_in_an_answer",
        "An API's answer has the rows two levels down, beside the number of pages.",
        {
            "answer.json": '{"code": 200, "msg": "ok", "result": {"total": 1, "page": 1, "records": ['
            '{"group": "G1", "initiator": "u1", "item": "p1", "participants": ["u2"], "status": "successful"}]}}'
        },
        _RIGHT,
        [refused("records|result")],
    ),
    Case(
        "a_bare_list",
        "A list of objects, printed over many lines.",
        {
            "answer.json": '[\n  {\n    "group": "G1",\n    "initiator": "u1",\n    "item": "p1",\n'
            '    "participants": [\n      "u2"\n    ],\n    "status": "successful"\n  }\n]\n'
        },
        _RIGHT,
        [refused("list|lines|JSON")],
    ),
    Case(
        "dump_with_its_table",
        "mysqldump writes comments and CREATE TABLE first, phpMyAdmin the names of the columns in the INSERT.",
        {
            "dump.sql": """-- MySQL dump 10.13  Distrib 8.0.20
DROP TABLE IF EXISTS `ls_team_join`;
CREATE TABLE `ls_team_join` (`id` int NOT NULL, `team_sn` varchar(32), `user_id` int);
INSERT INTO `ls_team_join` (`id`, `team_sn`, `user_id`) VALUES (1,'T1',501),(2,'T1',502);
"""
        },
        refused(r"\bSQL\b|dump|数据库", r"\bcsv\b"),
    ),
    Case(
        "login_page",
        "The session had ended: what was saved is the back office's login page.",
        {
            "orders.csv": '<!DOCTYPE html>\n<html><head><title>商家后台登录</title></head><body><form action="/login">'
            '<input name="user"><input name="password"></form></body></html>\n'
        },
        refused(r"web page|HTML|网页"),
    ),
    Case(
        "xml_of_2003",
        "Excel's XML of 2003 under .xls.",
        {"export.xls": xml_2003(_ROWS)},
        _RIGHT,
        [refused(r"XML|workbook|spreadsheet|Excel", r"\bcsv\b|xlsx")],
    ),
    Case(
        "html_under_xls",
        "A PHP shop's HTML table in GBK under .xls, with a head and a style for text.",
        {
            "export.xls": html_table(
                _ROWS,
                '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv="Content-Type" '
                'content="text/html; charset=gbk"><style>td{mso-number-format:"\\@"}</style></head>',
            ).encode("gbk")
        },
        _RIGHT,
        [refused(r"web page|HTML|workbook", r"\bcsv\b")],
    ),
    Case(
        "csv_in_a_zip",
        "Big exports come as a zip with a CSV in it.",
        {"export.zip": zipped({"拼团订单.csv": _CSV})},
        _RIGHT,
        [refused(r"zip|unpack|archive|解压")],
    ),
    Case(
        "pdf",
        "A report as PDF.",
        {
            "report.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer\n%%EOF\n"
        },
        refused(r"\bPDF\b|binary|not (a )?text|CSV"),
    ),
    Case(
        "headings_alone",
        "The filter on the page matched nothing: the file has headings and no row.",
        {"orders.csv": "团号,用户id,角色,商品id,订单状态\n"},
        refused(r"no rows?|empty|没有"),
        [Outcome([], says=[r"\b0 rows|no rows?"])],
    ),
    Case(
        "list_of_goods",
        "The list of goods has neither groups nor buyers: it is what the shelf holds, and the answer says so.",
        {"goods.csv": "商品ID,商品名称,售价,库存,上架时间\np1,毛巾,19.9,500,2026-01-01 00:00:00\n"},
        Outcome(
            [],
            shelf={"p1": item("毛巾", price=19.9, stock=500, on_sale_from="2026-01-01 00:00:00")},
            says=["csv, items"],
        ),
    ),
    Case(
        "gzipped_workbook_name",
        "A gzipped CSV under its plain name is read as it is.",
        {"orders.csv": gzip.compress(_CSV.encode(), mtime=0)},
        _RIGHT,
        [refused("gz|compress|unpack")],
    ),
    Case(
        "locked_workbook",
        "A workbook with a password is an encrypted OLE file: nobody reads it without the password.",
        {
            "orders.xlsx": bytes.fromhex("d0cf11e0a1b11ae1")
            + bytes(504)
            + "EncryptedPackage".encode("utf-16-le")
            + bytes(480)
        },
        refused(r"password|encrypt|workbook|spreadsheet|damaged|密码"),
    ),
    Case(
        "parquet_without_rows",
        "The same filter, exported as a table of Parquet: columns and no row.",
        {
            "orders.parquet": parquet(
                **{
                    name: pa.array([], pa.string())
                    for name in ("团号", "用户id", "角色", "商品id", "订单状态")
                }
            )
        },
        refused(r"no rows?|empty|没有"),
        [Outcome([], says=[r"\b0 rows|no rows?"])],
    ),
    Case(
        "headings_of_a_workbook_alone",
        "And as a workbook.",
        {"orders.xlsx": xlsx([["团号", "用户id", "角色", "商品id", "订单状态"]])},
        refused(r"no rows?|empty|没有"),
        [Outcome([], says=[r"\b0 rows|no rows?"])],
    ),
    Case(
        "no_headings",
        "The headings were cut off: nobody guesses what the columns are.",
        {"groups.csv": "".join(_CSV.splitlines(keepends=True)[1:])},
        refused("heading"),
    ),
    Case(
        "headings_far_below",
        "Twelve lines of remarks stand above the headings: found, or the option that says their line.",
        {"groups.csv": "".join(f"说明{number}\n" for number in range(12)) + _CSV},
        _RIGHT,
        [refused("heading", "--heading-line")],
    ),
]
