"""Rules CU1001–CU1099: whether a message can be read at all, its envelope, and the structure of its documents.

CU1001–CU1009 are faults at the door (the message is refused unread), CU1010–CU1029 faults of the envelope (the
message is refused whole), CU1030–CU1049 faults inside one document (that document alone is refused).
"""

from __future__ import annotations

from common.findings import rule

STANDARD = "海关跨境统一版系统企业对接报文规范（202205版）"

NOT_UTF8 = rule(
    "CU1001",
    title=("报文编码为UTF-8", "The message is UTF-8"),
    say=(
        "报文第{position}个字节起不是UTF-8编码。请将报文保存为UTF-8（不要使用GBK、GB2312）后重新发送。",
        "The message is not UTF-8 from byte {position}. Save it as UTF-8 (not GBK or GB2312) and send it again.",
    ),
    basis=f"{STANDARD} §2",
    kind="format",
)
NUL_BYTE = rule(
    "CU1002",
    title=("报文不含空字符", "The message holds no NUL byte"),
    say=(
        "报文第{position}个字节是空字符（NUL）。请删除后重新发送。",
        "Byte {position} of the message is NUL. Remove it and send the message again.",
    ),
    basis="XML 1.0 §2.2",
    kind="format",
)
NOT_WELL_FORMED = rule(
    "CU1003",
    title=("报文是格式良好的XML", "The message is well-formed XML"),
    say=(
        "报文不是格式良好的XML，第{line}行第{column}列出错。请检查标签是否成对、特殊字符是否转义，更正后重新发送。",
        "The message is not well-formed XML: fault at line {line}, column {column}. Check that every tag is closed and "
        "special characters are escaped, then send it again.",
    ),
    basis="XML 1.0 §2.1",
    kind="format",
)
HAS_DTD = rule(
    "CU1004",
    title=("报文不含DTD", "The message holds no DTD"),
    say=(
        "报文含有DOCTYPE声明。请删除DOCTYPE和实体定义后重新发送。",
        "The message holds a DOCTYPE. Remove it and all entity definitions, then send the message again.",
    ),
    basis=f"{STANDARD} §2",
    kind="format",
)
TOO_DEEP = rule(
    "CU1005",
    title=("报文嵌套层数有限", "The message is not nested too deeply"),
    say=(
        "报文嵌套超过{limit}层。请按规范的结构重新生成报文。",
        "The message is nested more than {limit} levels deep. Build it again as the standard lays it out.",
    ),
    basis=f"{STANDARD} §2",
    kind="format",
)
WRONG_NAMESPACE = rule(
    "CU1006",
    title=("报文使用CEB命名空间", "The message uses the CEB namespace"),
    say=(
        "根节点的命名空间是“{found}”，应为http://www.chinaport.gov.cn/ceb。请更正后重新发送。",
        "The root element's namespace is “{found}”; it must be http://www.chinaport.gov.cn/ceb. Correct it and send "
        "the message again.",
    ),
    basis=f"{STANDARD} §2",
    kind="format",
)
UNKNOWN_ROOT = rule(
    "CU1007",
    title=("报文类型可受理", "The message type is known"),
    say=(
        "本平台不受理“{found}”报文。可发送的类型：{known}。",
        "This platform does not take “{found}”. Types that can be sent: {known}.",
    ),
    basis=f"{STANDARD} §3",
    kind="format",
)
NOT_JSON = rule(
    "CU1008",
    title=("报文是有效的JSON", "The message is valid JSON"),
    say=(
        "报文不是有效的JSON对象（第{line}行第{column}列）。请按接口说明的格式重新发送。",
        "The message is not a valid JSON object (line {line}, column {column}). Send it again in the documented form.",
    ),
    basis="RFC 8259",
    kind="format",
)
WRONG_ENCODING = rule(
    "CU1009",
    title=("声明的编码为UTF-8", "The declared encoding is UTF-8"),
    say=(
        "报文声明的编码是“{found}”。请将声明改为UTF-8，并以UTF-8保存后重新发送。",
        "The message declares the encoding “{found}”. Declare UTF-8, save it as UTF-8 and send it again.",
    ),
    basis=f"{STANDARD} §2",
    kind="format",
)

BAD_MESSAGE_GUID = rule(
    "CU1010",
    title=("报文guid为36位", "The message guid has 36 characters"),
    say=(
        "根节点的guid应为36位，现为{length}位。请使用系统唯一的36位序号。",
        "The root's guid must have 36 characters and has {length}. Use a unique 36-character number.",
    ),
    basis=f"{STANDARD} §2",
    kind="format",
)
BAD_VERSION = rule(
    "CU1011",
    title=("报文version为1至10位", "The message version has 1 to 10 characters"),
    say=(
        "根节点的version应为1至10位（一般填1.0），现为{length}位。请更正。",
        "The root's version must have 1 to 10 characters (usually 1.0) and has {length}. Correct it.",
    ),
    basis=f"{STANDARD} §2",
    kind="format",
)
NO_DOCUMENTS = rule(
    "CU1012",
    title=("报文至少含一份单证", "The message holds at least one document"),
    say=(
        "报文中没有{element}。请放入1至100份单证后重新发送。",
        "The message holds no {element}. Put 1 to 100 documents in and send it again.",
    ),
    basis=f"{STANDARD} §2",
    kind="format",
)
TOO_MANY_DOCUMENTS = rule(
    "CU1013",
    title=("报文最多含100份单证", "The message holds at most 100 documents"),
    say=(
        "报文含{found}份单证，超过{limit}份。请拆分为多个报文发送。",
        "The message holds {found} documents, more than {limit}. Split it into several messages.",
    ),
    basis=f"{STANDARD} §2",
    kind="format",
)
NO_TRANSFER = rule(
    "CU1014",
    title=("报文含BaseTransfer", "The message holds a BaseTransfer"),
    say=(
        "报文缺少基础传输信息BaseTransfer。请在单证之后加入一个BaseTransfer。",
        "The message has no BaseTransfer. Put one after the documents.",
    ),
    basis=f"{STANDARD} §2",
    kind="format",
)
TWO_TRANSFERS = rule(
    "CU1015",
    title=("{element}不超过规定个数", "{element} does not stand too often"),
    say=(
        "报文含{found}个{element}，最多{limit}个。请删除多余的。",
        "The message holds {found} {element}; at most {limit} may stand. Remove the others.",
    ),
    basis=f"{STANDARD} §2",
    kind="format",
)
UNKNOWN_IN_ENVELOPE = rule(
    "CU1016",
    title=("报文各节点均为规范所列", "The envelope holds known elements only"),
    say=(
        "报文中的节点“{found}”不属于{type}。请删除或更正节点名和命名空间。",
        "The element “{found}” does not belong in {type}. Remove it, or correct its name and namespace.",
    ),
    basis=f"{STANDARD} §2",
    kind="format",
)
MISPLACED_IN_ENVELOPE = rule(
    "CU1017",
    title=("报文各节点次序正确", "The envelope's elements stand in order"),
    say=(
        "节点{found}的位置不对。次序应为：单证、BaseTransfer、BaseSubscribe、Signature、ExtendMessage。",
        "The element {found} is out of place. The order is: documents, BaseTransfer, BaseSubscribe, Signature, "
        "ExtendMessage.",
    ),
    basis=f"{STANDARD} §2",
    kind="format",
)
TRANSFER_FAULT = rule(
    "CU1018",
    title=("传输信息填写完整", "The transfer part is complete"),
    say=(
        "{name}（{element}）填写有误：应为{expected}，现为“{value}”。请更正。",
        "{name} ({element}) is wrong: it must be {expected} and is “{value}”. Correct it.",
    ),
    basis=f"{STANDARD} §2",
    kind="format",
)
TEXT_IN_ENVELOPE = rule(
    "CU1019",
    title=("节点之间没有文字", "No text between elements"),
    say=(
        "报文的节点之间有多余文字“{value}”。请删除。",
        "There is stray text “{value}” between the elements of the message. Remove it.",
    ),
    basis=f"{STANDARD} §2",
    kind="format",
)

UNKNOWN_ELEMENT = rule(
    "CU1031",
    title=("单证各节点均为规范所列", "The document holds known elements only"),
    say=(
        "节点“{found}”不属于{part}。请删除或更正节点名和命名空间。",
        "The element “{found}” does not belong in {part}. Remove it, or correct its name and namespace.",
    ),
    basis=f"{STANDARD} §3",
    kind="format",
)
MISPLACED_ELEMENT = rule(
    "CU1032",
    title=("单证各节点次序正确", "The document's elements stand in order"),
    say=(
        "节点{found}的位置不对，应在{before}之前。请按规范的次序排列。",
        "The element {found} is out of place: it belongs before {before}. Put the elements in the standard's order.",
    ),
    basis=f"{STANDARD} §3",
    kind="format",
)
REPEATED_ELEMENT = rule(
    "CU1033",
    title=("单证各节点不重复", "No element stands twice"),
    say=(
        "节点{found}出现了不止一次。请只保留一个。",
        "The element {found} stands more than once. Keep one only.",
    ),
    basis=f"{STANDARD} §3",
    kind="format",
)
NESTED_ELEMENT = rule(
    "CU1034",
    title=("字段节点只含文字", "A field holds text only"),
    say=(
        "节点{found}内含有其他节点。请只填文字。",
        "The element {found} holds other elements. Give text only.",
    ),
    basis=f"{STANDARD} §3",
    kind="format",
)
STRAY_TEXT = rule(
    "CU1035",
    title=("单证节点之间没有文字", "No text between a document's elements"),
    say=(
        "{part}的节点之间有多余文字“{value}”。请删除。",
        "There is stray text “{value}” between the elements of {part}. Remove it.",
    ),
    basis=f"{STANDARD} §3",
    kind="format",
)
NO_HEAD = rule(
    "CU1036",
    title=("单证含表头", "The document has a head"),
    say=(
        "单证缺少表头{part}。请补充。",
        "The document has no {part}. Add it.",
    ),
    basis=f"{STANDARD} §3",
    kind="format",
)
HAS_ATTRIBUTE = rule(
    "CU1037",
    title=("单证节点不带属性", "A document's elements carry no attributes"),
    say=(
        "节点{found}带有属性“{value}”。请删除属性。",
        "The element {found} carries the attribute “{value}”. Remove it.",
    ),
    basis=f"{STANDARD} §3",
    kind="format",
)
NOT_TEXT = rule(
    "CU1038",
    title=("JSON各值均为字符串", "Every JSON value is a string"),
    say=(
        '{found}的值应为字符串，现为{value}。金额、数量也请写成字符串，例如"12.50"。',
        "The value of {found} must be a string and is {value}. Write amounts and quantities as strings too, for "
        'example "12.50".',
    ),
    basis="接口说明 §2",
    kind="format",
)
ILLEGAL_CHARACTER = rule(
    "CU1039",
    title=("值中没有控制字符", "No control characters in a value"),
    say=(
        "{found}含有不允许的控制字符。请删除后重新发送。",
        "{found} holds a control character that is not allowed. Remove it and send it again.",
    ),
    basis="XML 1.0 §2.2",
    kind="format",
)
TOO_FEW_LINES = rule(
    "CU1041",
    title=("表体行数不少于规定", "The body has enough lines"),
    say=(
        "{part}至少应有{limit}行，现有{found}行。请补充。",
        "{part} must have at least {limit} line(s) and has {found}. Add the missing lines.",
    ),
    basis=f"{STANDARD} §3",
    kind="format",
)
TOO_MANY_LINES = rule(
    "CU1042",
    title=("表体行数不多于规定", "The body does not have too many lines"),
    say=(
        "{part}最多{limit}行，现有{found}行。请拆分申报。",
        "{part} may have at most {limit} lines and has {found}. Split the document.",
    ),
    basis=f"{STANDARD} §3",
    kind="format",
)
