"""The desk's verbs. Those of the hub stand in ``hub/verbs.py``; ``app.py`` puts both together."""

from __future__ import annotations

import argparse

from core.verbs.arguments import DATA, Argument, Verb, arg, path, switch

MOST_HELD = 200
"""Held cases of a demo: their codes live ten minutes, and each takes about a second to make."""


def _count(text: str) -> int:
    number = int(text)
    if not 0 <= number <= MOST_HELD:
        raise argparse.ArgumentTypeError(f"0..{MOST_HELD}")
    return number


def _id(help: str = "办件编号或受理号") -> Argument:
    return arg("case", metavar="ID", help=help)


_CA = path("--ca", help="签发省级平台服务器证书的机构证书", metavar="PEM")
_SINGLE = switch("--single-clerk", "请求按单人机关登记（由平台决定）")

_CHANGE = arg("change", metavar="ID", help="变更编号")

VERBS = (
    Verb(
        "office init",
        "core.verbs.offices:init",
        "按文件建立登记机关、人员和本机密钥",
        (
            path("file", metavar="FILE", help="机关与人员，JSON"),
            DATA,
            switch("--rehearsal", "建立演练机关"),
            path("--recovery-out", metavar="FILE", help="恢复码写到此新文件（仅本人可读）；不给则不保留"),
        ),
        desk=False,
    ),
    Verb(
        "office enrol",
        "core.verbs.offices:enrol",
        "向省级平台申请登记；批准后再运行一次即取得机关证书",
        (
            arg("url", metavar="URL", help="平台地址"),
            _CA,
            _SINGLE,
            switch("--http", "允许 http 明文地址（只限本机试用），此后同步也照此"),
        ),
    ),
    Verb(
        "unit add",
        "core.verbs.units:add",
        "登记单位；每行一个 JSON 对象",
        (path("file", metavar="FILE", help="单位"),),
    ),
    Verb(
        "unit import",
        "core.verbs.units:import_file",
        "整批登记单位；有一行不合规则就一行也不登记",
        (path("file", metavar="FILE", help="单位，每行一个 JSON 对象"),),
    ),
    Verb(
        "case add",
        "core.verbs.filing:add",
        "填报申领或变更申请；每行一个 JSON 对象",
        (path("file", metavar="FILE", help="办件"),),
    ),
    Verb(
        "case print",
        "core.verbs.papers:run_print",
        "生成申请表 PDF，并记为已打印一份",
        (_id(), path("--out", metavar="PDF", help="写到此文件", required=True)),
    ),
    Verb(
        "case scan",
        "core.verbs.papers:run_scan",
        "附上签字盖章后的扫描件；材料齐全即提交审核",
        (
            _id(),
            path("file", metavar="FILE", help="扫描件 jpg/png/pdf"),
            arg("--papers", choices=("all",), help="同时记为材料已全部核对"),
        ),
    ),
    Verb("case approve", "core.verbs.review:approve", "核准", (_id(),)),
    Verb(
        "case return",
        "core.verbs.review:send_back",
        "退回补正",
        (
            _id(),
            arg("--reason", metavar="CODE", nargs="+", required=True, help="退回原因代码，见 docs/cli.md"),
            path("--remark-file", metavar="FILE", help="说明文字所在文件"),
        ),
    ),
    Verb(
        "change add",
        "core.verbs.changing:add",
        "填报变更、换领、暂停、恢复、注销、移交、挂失；每行一个 JSON 对象",
        (path("file", metavar="FILE", help="变更"),),
    ),
    Verb("change preview", "core.verbs.changing:preview", "说明核准后哪些证书、领取码会失效", (_CHANGE,)),
    Verb("change approve", "core.verbs.changing:approve", "核准变更，同时生效", (_CHANGE,)),
    Verb(
        "change return",
        "core.verbs.changing:send_back",
        "退回变更",
        (
            _CHANGE,
            arg("--reason", metavar="CODE", nargs="+", required=True, help="退回原因代码，见 docs/cli.md"),
            path("--remark-file", metavar="FILE", help="说明文字所在文件"),
        ),
    ),
    Verb("change withdraw", "core.verbs.changing:withdraw", "撤回变更", (_CHANGE,)),
    Verb(
        "case show",
        "core.verbs.showing:show",
        "显示办件；个人信息默认遮盖",
        (_id(), switch("--reveal", "显示个人信息原文")),
    ),
    Verb(
        "claim mint",
        "core.verbs.claim_codes:run_mint",
        "制作领取码（不联网），写入文件夹",
        (_id(), path("--out", metavar="DIR", help="写到此文件夹", required=True)),
    ),
    Verb(
        "claim reverse",
        "core.verbs.claim_codes:reverse",
        "反向领取：把领取码发到显示短码的手机",
        (
            path("folder", metavar="DIR", help="claim mint 写出的文件夹"),
            arg("short", metavar="SHORT", help="手机上的八位短码"),
            _CA,
        ),
    ),
    Verb("claim void", "core.verbs.claim_codes:void", "作废该办件的领取码", (_id(),)),
    Verb(
        "checkpoint export",
        "core.verbs.checkpoints:export",
        "导出本机核对过的最新日志检查点，供异地留存",
        (path("--out", metavar="FILE", help="写到此新文件", required=True),),
    ),
    Verb(
        "checkpoint proof",
        "core.verbs.checkpoints:prove",
        "写出该办件各项办理已记入日志的证明，凭平台公钥即可核验",
        (
            _id("办件编号、受理号，或一项办理的哈希"),
            path("--out", metavar="DIR", help="写到此文件夹", required=True),
            path("--under", metavar="FILE", help="以留存的这份检查点为准（默认本机最新的）"),
        ),
    ),
    Verb(
        "verify",
        "core.verbs.verifying:verify",
        "核验证书、授权、亮证或打印件（不联网）；退出码 0 有效，1 无效，4 无法确认",
        (
            path("file", metavar="FILE", help="证书文本，或带二维码的图片、PDF"),
            path("--trust", metavar="PEM", action="append", required=True, help="信任的根证书，可多次给出"),
            path("--bundle", metavar="FILE", help="离线核验数据（hub bundle）；不给则只能答“无法确认”"),
            arg("--matter", metavar="CODE", help="是否可办此事项（事项代码）"),
            path("--person", metavar="FILE", help='在场人员，JSON：{"name", "id_number"}'),
        ),
        desk=False,
    ),
    Verb(
        "certificate print",
        "core.verbs.certificate_paper:run_print",
        "取得已领证书的签名打印件（PDF），需联网",
        (_id(), path("--out", metavar="PDF", help="写到此文件", required=True), _CA),
    ),
    Verb(
        "sync",
        "core.verbs.syncing:run_sync",
        "与省级平台同步一次",
        (_CA, switch("--dry-run", "只说明会发送什么，不联网")),
    ),
    Verb(
        "uses export",
        "core.verbs.verifications:export_uses",
        "向省级平台取本机关单位的用证清单，写成 .csv 或 .pdf",
        (
            path("--out", metavar="FILE", help="写到此文件，以 .csv 或 .pdf 结尾", required=True),
            arg("--from", dest="since", metavar="DATE", help="第一天，默认三十天前"),
            arg("--to", dest="until", metavar="DATE", help="最后一天，默认今天"),
            _CA,
        ),
    ),
    Verb(
        "reach",
        "core.verbs.verifications:show_reach",
        "证书失效后，还有谁持有以前的状态清单、到何时为止",
        (arg("--unit", metavar="USCC", help="只问这个单位，默认最近三天失效的全部"), _CA),
    ),
    Verb(
        "desk request",
        "core.verbs.desks:request",
        "新电脑：生成本机密钥和加入申请；已加入的加 --as 可再次申请（取得新人员）",
        (
            DATA,
            path("--out", metavar="FILE", help="申请写到此文件", required=True),
            arg("--as", dest="login", metavar="NAME", help="办理人的账号；已加入的电脑必须给出"),
            path(
                "--password-file",
                metavar="FILE",
                help="密码所在文件；新电脑用它保护等待加入的密钥，请用本人登录的密码",
                required=True,
            ),
        ),
        desk=False,
    ),
    Verb(
        "desk forget",
        "core.verbs.desks:forget",
        "新电脑：放弃加入申请，销毁等待加入的密钥",
        (DATA,),
        desk=False,
    ),
    Verb(
        "desk admit",
        "core.verbs.desks:admit",
        "管理员：核对指纹后接纳一台电脑，写出资料包；之后请同步一次",
        (
            path("file", metavar="FILE", help="加入申请"),
            path("--out", metavar="PACKAGE", help="资料包写到此处", required=True),
            arg("--fingerprint", metavar="MARK", help="新电脑上显示的指纹；不同则拒绝"),
        ),
    ),
    Verb(
        "desk join",
        "core.verbs.desks:join",
        "新电脑：用资料包加入机关；已加入的用它收取新人员",
        (
            path("package", metavar="PACKAGE", help="资料包"),
            DATA,
            arg("--as", dest="login", metavar="NAME", help="账号", required=True),
            path("--password-file", metavar="FILE", help="密码所在文件", required=True),
            path("--asked-password-file", metavar="FILE", help="申请时用的密码不是登录密码时，它所在的文件"),
        ),
        desk=False,
    ),
    Verb("desk list", "core.verbs.desks:show", "列出本机关的电脑"),
    Verb(
        "stick export",
        "core.verbs.sticks:run_export",
        "把本机待同步的内容写到 U 盘（加密、签名）",
        (path("folder", metavar="DIR", help="U 盘所在文件夹"),),
    ),
    Verb(
        "stick import",
        "core.verbs.sticks:run_import",
        "收取 U 盘：在终端用 --data 收回执，在平台用 --db 接收并写回执",
        (
            path("folder", metavar="DIR", help="U 盘所在文件夹"),
            path("--data", help="终端的数据文件夹", metavar="DIR"),
            arg("--as", dest="login", help="办理人的账号", metavar="NAME"),
            path("--password-file", help="密码所在文件（第一行）", metavar="FILE"),
            arg("--db", metavar="URL", help="平台数据库：sqlite:///文件 或 postgresql+psycopg://…"),
            path("--key-file", metavar="FILE", help="平台密钥文件（默认在数据库旁）"),
            switch("--key-stdin", "从标准输入读平台密钥（一行十六进制）"),
        ),
        desk=False,
    ),
    Verb(
        "demo",
        "core.verbs.demo:run_demo",
        "演练：从填表到手机领取走一遍；--hold 另备若干待领办件并继续服务",
        (
            path("--out", metavar="DIR", help="结果文件夹", required=True),
            switch("--hold", "备好待领办件后继续服务，收到 SIGTERM 退出"),
            arg("--cases", metavar="N", type=_count, default=3, help="待领办件数（默认 3）"),
            switch("--http", "仅用本机 http，不用 https"),
        ),
        desk=False,
    ),
)
