"""What can be wrong with a file (SY05xx) and with its cells (CU08xx)."""

from __future__ import annotations

from common.findings import FindingRule, Severity, rule

_BASIS = "平台接口约定"


def _rule(id: str, title: tuple[str, str], say: tuple[str, str], severity: Severity = Severity.ERROR) -> FindingRule:
    return rule(id, title=title, say=say, basis=_BASIS, severity=severity, kind="format")


NO_FILE = _rule(
    "SY0500",
    ("没有选择文件", "No file chosen"),
    ("请选择一个文件。", "Choose a file."),
)
EMPTY_FILE = _rule(
    "SY0501",
    ("文件是空的", "The file is empty"),
    ("文件“{name}”没有内容。请选择填好的文件。", "“{name}” holds nothing. Choose the filled-in file."),
)
UNREADABLE = _rule(
    "SY0502",
    ("表格打不开", "The workbook cannot be opened"),
    (
        "文件打不开，可能已损坏。请在表格软件中打开，另存为 .xlsx 再上传。",
        "The file cannot be opened and may be damaged. Open it in your spreadsheet program, save it as .xlsx and "
        "upload that.",
    ),
)
OLD_OR_LOCKED = _rule(
    "SY0503",
    ("旧格式或有密码的表格", "An old or locked workbook"),
    (
        "这是旧格式（.xls）或设了打开密码的表格。请去掉密码，另存为 .xlsx 再上传。",
        "This is an old (.xls) or locked workbook. Take the password off, save it as .xlsx and upload that.",
    ),
)
TOO_WIDE = _rule(
    "SY0504",
    ("表格范围过大", "The sheet reaches too far"),
    (
        "表格用到了第{row}行、第{column}列，最多读取{rows}行、{columns}列。请删除表外多余的内容，或分成几个文件。",
        "The sheet reaches row {row} and column {column}; at most {rows} rows and {columns} columns are read. Clear "
        "what lies beyond the table, or split the file.",
    ),
)
TOO_LARGE_INSIDE = _rule(
    "SY0505",
    ("表格展开后过大", "The workbook is too large inside"),
    (
        "表格展开后超过{limit}字节。请去掉图片和多余的工作表，或分成几个文件。",
        "Unpacked, the workbook exceeds {limit} bytes. Take out pictures and further sheets, or split the file.",
    ),
)
ENCODING = _rule(
    "SY0506",
    ("文件编码不支持", "The encoding is not supported"),
    (
        "文本文件既不是UTF-8也不是GBK编码。请另存为“CSV UTF-8”再上传。",
        "The text file is neither UTF-8 nor GBK. Save it as “CSV UTF-8” and upload that.",
    ),
)
NO_UPLOAD = _rule(
    "SY0507",
    ("没有这次上传", "No such upload"),
    ("没有这次上传，或不是您的企业上传的。", "There is no such upload, or it is not your firm's."),
)
NO_TEMPLATE = _rule(
    "SY0508",
    ("没有这种报文", "No such message type"),
    ("标准中没有“{type}”。请从列表中选择。", "The standard has no “{type}”. Choose one from the list."),
)

NO_HEADER = _rule(
    "CU0800",
    ("找不到列名", "No column names found"),
    (
        "前{rows}行里找不到元素名（如 orderNo）。请使用平台的模板，不要删除元素名那一行。",
        "The first {rows} rows hold no element names (such as orderNo). Use the platform's template and keep the row "
        "with the element names.",
    ),
)
UNKNOWN_COLUMN = _rule(
    "CU0801",
    ("不认识的列", "An unknown column"),
    (
        "“{type}”模板里没有“{column}”这一列，它的内容没有报送。列名写错了就请更正。",
        "The {type} template has no column “{column}”; its contents were not filed. Correct a misspelt name.",
    ),
    Severity.WARNING,
)
COLUMN_TWICE = _rule(
    "CU0802",
    ("列名重复", "A column stands twice"),
    (
        "“{column}”出现在{first}和{second}两列。请只留一列。",
        "“{column}” is column {first} and {second}. Keep one of them.",
    ),
)
COLUMN_MISSING = _rule(
    "CU0803",
    ("缺少必填的列", "A required column is missing"),
    (
        "缺少必填的列：{name_zh}（{column}）。请照模板补上。",
        "The required column {name_en} ({column}) is missing. Add it as in the template.",
    ),
)
NO_ROWS = _rule(
    "CU0804",
    ("没有数据行", "No rows"),
    (
        "列名下面没有填写任何内容。请填好再上传。",
        "Nothing is filled in below the column names. Fill in the rows first.",
    ),
)
ROWS_DISAGREE = _rule(
    "CU0805",
    ("同一单证的各行不一致", "Rows of one document disagree"),
    (
        "{name_zh}（{column}）在同一单证的第{first}行是“{expected}”，这里是“{value}”。请改成一致，或换一个编号分开报送。",
        "{name_en} ({column}) is “{expected}” in row {first} of the same document and “{value}” here. Make them agree, "
        "or give this row a number of its own.",
    ),
)
NUMBER_CELL = _rule(
    "CU0806",
    ("应为文本的单元格是数字", "A number where text belongs"),
    (
        "{name_zh}（{column}）要用文本格式，这一格是数字{value}，开头的零会丢。请把整列设为文本，写成“{suggested}”。",
        "{name_en} ({column}) is a text, but this cell is the number {value}, which drops leading zeros. Format the "
        "column as text and write “{suggested}”.",
    ),
)
DIGITS_LOST = _rule(
    "CU0807",
    ("长编号被改成了数字", "A long number lost its last digits"),
    (
        "{name_zh}（{column}）被表格软件当成数字{value}，第15位以后的数字已经丢失，无法复原。"
        "请把整列设为文本，从原始资料重新填写。",
        "The spreadsheet turned {name_en} ({column}) into the number {value}; digits after the fifteenth are lost and "
        "cannot be restored. Format the column as text and enter the value again from its source.",
    ),
)
LOST_ZEROS = _rule(
    "CU0808",
    ("代码位数不足", "A code is too short"),
    (
        "{name_zh}（{column}）应有{length}位，“{value}”只有{found}位，开头的零可能丢了。是否应为“{suggested}”？",
        "{name_en} ({column}) has {length} digits; “{value}” has {found}. Leading zeros may be lost: should it be "
        "“{suggested}”?",
    ),
)
SCIENTIFIC = _rule(
    "CU0809",
    ("编号被改成了科学计数", "A number in scientific notation"),
    (
        "{name_zh}（{column}）被表格软件改成了科学计数“{value}”。请把整列设为文本，从原始资料重新填写。",
        "The spreadsheet turned {name_en} ({column}) into “{value}”. Format the column as text and enter the value "
        "again from its source.",
    ),
)
DATE_CELL = _rule(
    "CU0810",
    ("应为文本的单元格是日期", "A date where text belongs"),
    (
        "{name_zh}（{column}）是日期格式的单元格。请设为文本，写成“{suggested}”。",
        "{name_en} ({column}) is a date cell. Format it as text and write “{suggested}”.",
    ),
)
TRUTH_CELL = _rule(
    "CU0811",
    ("单元格是逻辑值", "A truth value"),
    (
        "{name_zh}（{column}）是逻辑值{value}。请改为文本。",
        "{name_en} ({column}) is the truth value {value}. Write a text.",
    ),
)
ERROR_CELL = _rule(
    "CU0812",
    ("公式出错", "A formula failed"),
    (
        "{name_zh}（{column}）的公式出错：{value}。请改成实际内容。",
        "The formula of {name_en} ({column}) failed: {value}. Write the value itself.",
    ),
)
