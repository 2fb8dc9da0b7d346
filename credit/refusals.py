"""What the credit database says when it refuses a change of zones, subjects or mandates."""

from __future__ import annotations

from common.findings import rule

_CODE = "GB 32100-2015 法人和其他组织统一社会信用代码编码规则"
_FILING = "海关总署令第253号《海关报关单位备案管理规定》"
_MANDATE = "《海关法》第十条"
_PLATFORM = "平台设置"

CR0001 = rule(
    "CR0001",
    title=("统一社会信用代码校验位不符", "Check digit of the social credit code wrong"),
    say=(
        "统一社会信用代码“{code}”的长度、字符或校验位不对。请按营业执照核对18位代码。",
        "The social credit code “{code}” is wrong in length, character or check digit. "
        "Check all 18 characters on the business licence.",
    ),
    basis=_CODE,
)
CR0002 = rule(
    "CR0002",
    title=("海关编码格式不对", "Customs code malformed"),
    say=(
        "海关编码“{code}”应为10位数字或大写字母，前4位是地区代码。请按海关备案回执填写。",
        "The customs code “{code}” should be 10 digits or capital letters, the first four the district. "
        "Copy it from the filing receipt.",
    ),
    basis=_FILING,
)
CR0003 = rule(
    "CR0003",
    title=("代码已属于其他主体", "Code belongs to another subject"),
    say=(
        "代码“{code}”已登记在其他主体名下。请核对代码，或先为原主体更换代码。",
        "The code “{code}” is registered for another subject. Check it, or give that subject its new code first.",
    ),
    basis=_PLATFORM,
)
CR0004 = rule(
    "CR0004",
    title=("身份证号码不对", "Identity number wrong"),
    say=(
        "居民身份证号码的长度、日期或校验位不对。请按证件核对18位号码。",
        "The identity number is wrong in length, date or check digit. Check all 18 characters on the card.",
    ),
    basis="GB 11643-1999 公民身份号码",
)
CR0005 = rule(
    "CR0005",
    title=("主体信息不全", "Particulars missing"),
    say=("请补充：{missing}。", "Add: {missing}."),
    basis=_PLATFORM,
)
CR0006 = rule(
    "CR0006",
    title=("取值不在范围内", "Not one of the values"),
    say=("“{value}”不在可选范围内。可选：{allowed}。", "“{value}” is not one of the values. Choose from: {allowed}."),
    basis=_PLATFORM,
)
CR0007 = rule(
    "CR0007",
    title=("变更日不晚于上一次", "The change does not come after the last one"),
    say=(
        "上一次变更自{since}起生效。请选择更晚的日期；已生效的记录不能改写。",
        "The last change took effect on {since}. Choose a later day; what took effect is not rewritten.",
    ),
    basis=_PLATFORM,
)
CR0008 = rule(
    "CR0008",
    title=("没有这个主体", "No such subject"),
    say=("没有这个主体。请核对代码或编号。", "There is no such subject. Check the code or the number."),
    basis=_PLATFORM,
)
CR0009 = rule(
    "CR0009",
    title=("没有这个综试区", "No such pilot zone"),
    say=("没有代码为“{code}”的综试区。可选：{allowed}。", "There is no pilot zone “{code}”. Choose from: {allowed}."),
    basis=_PLATFORM,
)
CR0010 = rule(
    "CR0010",
    title=("园区不属于该综试区", "The park is not of that zone"),
    say=(
        "所选园区不属于该综试区。请从该区的园区中选择。",
        "The park is not one of that zone. Choose one of its parks.",
    ),
    basis=_PLATFORM,
)
CR0011 = rule(
    "CR0011",
    title=("关区代码格式不对", "Office code malformed"),
    say=(
        "关区代码“{code}”应为4位数字。请从关区代码表中选择。",
        "The office code “{code}” should be four digits. Choose one of the customs offices.",
    ),
    basis="海关总署关区代码表",
)
CR0012 = rule(
    "CR0012",
    title=("该主体不是场所经营人", "Not a site operator"),
    say=(
        "“{name}”没有监管作业场所经营人的角色。请先登记该角色。",
        "“{name}” does not have the role of a supervised-site operator. Register the role first.",
    ),
    basis="海关总署公告2018年第194号",
)
CR0020 = rule(
    "CR0020",
    title=("不能委托自己", "Principal and agent are one"),
    say=("委托方和受托方不能是同一主体。请选择另一受托方。", "Principal and agent must differ. Choose another agent."),
    basis=_MANDATE,
)
CR0021 = rule(
    "CR0021",
    title=("报文类型不能委托", "Not a message filed under a mandate"),
    say=(
        "“{value}”不能按委托报送。可委托：{allowed}。",
        "“{value}” is not filed under a mandate. Those that are: {allowed}.",
    ),
    basis=_MANDATE,
)
CR0022 = rule(
    "CR0022",
    title=("委托起止日期不对", "Days of the mandate wrong"),
    say=("委托的终止日早于起始日。请改正日期。", "The mandate ends before it starts. Correct the days."),
    basis=_MANDATE,
)
CR0023 = rule(
    "CR0023",
    title=("没有这份委托", "No such mandate"),
    say=("没有这份委托，或您不是当事方。", "There is no such mandate, or you are not a party to it."),
    basis=_MANDATE,
)
CR0024 = rule(
    "CR0024",
    title=("委托已撤销", "Mandate already revoked"),
    say=("这份委托已于{on}撤销。", "This mandate was revoked on {on}."),
    basis=_MANDATE,
)
CR0025 = rule(
    "CR0025",
    title=("只有委托方可以办理", "For the principal only"),
    say=(
        "只有委托方或系统管理员可以办理或撤销委托。请联系委托方。",
        "Only the principal or an administrator grants or revokes a mandate. Ask the principal.",
    ),
    basis=_MANDATE,
)
