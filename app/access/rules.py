"""What the access layer says when it refuses."""

from __future__ import annotations

from common.findings import DomainError, rule

_BASIS = "平台接口约定"

SY0001 = rule(
    "SY0001",
    title=("未登录", "Not signed in"),
    say=("请先登录，或在请求中带上有效的令牌。", "Sign in first, or send a valid token with the request."),
    basis=_BASIS,
)
SY0002 = rule(
    "SY0002",
    title=("令牌无效", "Token not valid"),
    say=(
        "令牌不存在、已过期或已撤销。请用有效账户重新申请令牌。",
        "The token is unknown, expired or revoked. Obtain a new one with a valid account.",
    ),
    basis=_BASIS,
)
SY0003 = rule(
    "SY0003",
    title=("没有权限", "Not for this role"),
    say=(
        "您的角色不能使用此功能。需要时请联系系统管理员。",
        "Your role may not use this. Ask the administrator if you need it.",
    ),
    basis=_BASIS,
)
SY0004 = rule(
    "SY0004",
    title=("只读账户", "Read-only account"),
    say=(
        "您的账户只能查看。请由本企业的经办人或管理人办理。",
        "Your account can only read. Ask a clerk or the owner account of your firm.",
    ),
    basis=_BASIS,
)
SY0005 = rule(
    "SY0005",
    title=("账号或密码不对", "Login or password wrong"),
    say=("账号或密码不对。请核对后重新输入。", "Login or password is wrong. Check both and try again."),
    basis=_BASIS,
)
SY0006 = rule(
    "SY0006",
    title=("账户已锁定", "Account locked"),
    say=(
        "连续多次输入错误，账户锁定至{until}。请在此之后再登录。",
        "Too many failed attempts: the account is locked until {until}. Sign in after that.",
    ),
    basis=_BASIS,
)
SY0007 = rule(
    "SY0007",
    title=("需要验证码", "Second factor needed"),
    say=(
        "您的角色登录时需要动态验证码。请输入验证器上的6位数字。",
        "Your role signs in with a second factor. Enter the six digits of your authenticator.",
    ),
    basis=_BASIS,
)
SY0008 = rule(
    "SY0008",
    title=("尚未设置验证器", "No authenticator set up"),
    say=(
        "您的角色登录时需要动态验证码，但账户尚未设置验证器。请联系系统管理员。",
        "Your role signs in with a second factor, and none is set up for your account. Ask the administrator.",
    ),
    basis=_BASIS,
)
SY0009 = rule(
    "SY0009",
    title=("页面已失效", "The page has expired"),
    say=("页面已失效。请刷新后重新提交。", "The page has expired. Reload it and send the form again."),
    basis=_BASIS,
)
SY0010 = rule(
    "SY0010",
    title=("请求过多", "Too many requests"),
    say=("请求过多。请在{seconds}秒后再试。", "Too many requests. Try again in {seconds} seconds."),
    basis=_BASIS,
)
SY0011 = rule(
    "SY0011",
    title=("密码太短", "Password too short"),
    say=("密码至少{least}个字符。请换一个更长的。", "A password has at least {least} characters. Choose a longer one."),
    basis=_BASIS,
)
SY0012 = rule(
    "SY0012",
    title=("没有这个令牌", "No such token"),
    say=("没有这个令牌。请从令牌清单中选择。", "There is no such token. Choose one from your list."),
    basis=_BASIS,
)
SY0013 = rule(
    "SY0013",
    title=("账号已被使用", "Login taken"),
    say=("账号“{login}”已被使用。请换一个。", "The login “{login}” is taken. Choose another."),
    basis=_BASIS,
)
SY0014 = rule(
    "SY0014",
    title=("没有这个账户", "No such account"),
    say=("没有这个账户，或不属于您的企业。", "There is no such account, or it is not of your firm."),
    basis=_BASIS,
)
SY0015 = rule(
    "SY0015",
    title=("账户与角色不符", "Account and role do not fit"),
    say=(
        "{role}账户须{needs}。请按此填写。",
        "An account with the role {role} needs {needs}.",
    ),
    basis=_BASIS,
)
SY0016 = rule(
    "SY0016",
    title=("只能由管理人办理", "For the owner account only"),
    say=("只有本企业的管理人账户可以办理。", "Only the owner account of your firm can do this."),
    basis=_BASIS,
)

SY0017 = rule(
    "SY0017",
    title=("没有这个角色", "No such role"),
    say=("没有“{role}”这个角色。可选：{allowed}。", "There is no role “{role}”. Choose from: {allowed}."),
    basis=_BASIS,
)


class NotSignedInError(DomainError):
    """Nobody is known behind the request, or not well enough."""

    status = 401


class TooManyError(DomainError):
    """Too many requests or attempts; `retry_after` in seconds goes into the header."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(SY0010.at("", seconds=retry_after))
        self.retry_after = retry_after
