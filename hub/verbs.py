"""The hub's verbs: made once, served, and an operator's answer to an office that asks to be enrolled.

Kept light on purpose: ``app.py --help`` reads this file, and the hub itself is imported when it is needed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.verbs.arguments import Verb, arg, path, switch
from core.verbs.outcome import DONE, Outcome, UsageFault
from core.verbs.running import ServerFiles, Surroundings

if TYPE_CHECKING:
    from hub.setup import Hub

_DB = arg("--db", metavar="URL", required=True, help="sqlite:///文件 或 postgresql+psycopg://…")
_KEY = (
    path("--key-file", metavar="FILE", help="密钥文件（默认在数据库旁）"),
    switch("--key-stdin", "从标准输入读密钥（一行十六进制）"),
)

VERBS = (
    Verb(
        "hub init",
        "hub.verbs:init",
        "建立省级平台：密钥、数据库、根证书",
        (
            _DB,
            arg("--url", metavar="ISSUER", required=True, help="平台对外地址，建立后不可更改"),
            switch("--http", "允许 http 明文的对外地址（只限本机）"),
            path("--root-out", metavar="PEM", required=True, help="根证书写到此文件"),
            switch("--rehearsal", "演练平台，其证书无效"),
            switch("--offline-root", "信任根不放在平台上，只在仪式中使用（docs/ceremony.md）"),
            *_KEY,
        ),
        desk=False,
    ),
    Verb(
        "hub",
        "hub.verbs:run",
        "运行省级平台，收到 SIGTERM 退出",
        (
            _DB,
            arg("--listen", metavar="HOST:PORT", required=True, help="监听地址"),
            switch("--http", "不用 https（只限本机）"),
            path("--tls-cert", metavar="PEM", help="服务器证书"),
            path("--tls-key", metavar="PEM", help="服务器私钥"),
            switch("--stop-with-stdin", "标准输入关闭时随之退出"),
            *_KEY,
        ),
        desk=False,
    ),
    Verb(
        "hub enrol",
        "hub.verbs:enrol",
        "批准一个登记机关的登记申请",
        (
            arg("request", metavar="REQUEST", help="申请文件，或已收到申请的指纹"),
            _DB,
            switch("--single-clerk", "准许单人机关"),
            *_KEY,
        ),
        desk=False,
    ),
    Verb(
        "hub ceremony",
        "hub.trust_verbs:hold_ceremony",
        "按审定的文件举行信任根仪式：签发机关证书、停用密钥",
        (
            path("file", metavar="FILE", help="审定的仪式文件，JSON（docs/ceremony.md）"),
            _DB,
            path("--transcript", metavar="OUT", required=True, help="签名的仪式记录写到此新文件"),
            path("--root", metavar="FILE", help="离线信任根文件（加密）"),
            path("--root-password-file", metavar="FILE", help="信任根文件的密码所在文件"),
            switch("--dry-run", "只核对，不写入"),
            *_KEY,
        ),
        desk=False,
    ),
    Verb(
        "hub keys",
        "hub.trust_verbs:list_keys",
        "列出平台公钥、信任根指纹和待批申请",
        (_DB, *_KEY),
        desk=False,
    ),
    Verb(
        "hub revoke-key",
        "hub.trust_verbs:revoke",
        "停用一台终端的密钥：此后不能同步，其领取码也不再有效",
        (
            arg("kid", metavar="KID", help="终端密钥号（八位十六进制，见 hub devices）"),
            _DB,
            arg("--office", metavar="ID", help="机关编号，密钥号有重复时必须给出"),
            arg("--reason", metavar="TEXT", help="停用原因"),
            *_KEY,
        ),
        desk=False,
    ),
    Verb("hub devices", "hub.trust_verbs:list_devices", "列出各机关的终端", (_DB, *_KEY), desk=False),
    Verb("hub alarms", "hub.trust_verbs:list_alarms", "列出需要查看的警报", (_DB, *_KEY), desk=False),
    Verb(
        "hub delegations",
        "hub.delegation_verbs:settings",
        "查看或更改授权的规则：人数、天数、责任人变更后如何处理",
        (
            _DB,
            arg("--managers", metavar="N", type=int, help="每张证书最多几名其他管理人（默认 5）"),
            arg("--users", metavar="N", type=int, help="每张证书最多几名使用人（默认 20）"),
            arg("--days", metavar="N", type=int, help="一次授权最多几天（默认 365）"),
            arg("--managers-name-managers", choices=("yes", "no"), help="管理人能否再指定管理人"),
            arg("--on-manager-change", choices=("lapse", "renew"), help="换发新证后：失效，或待重新领取"),
            *_KEY,
        ),
        desk=False,
    ),
    Verb(
        "hub test-ca",
        "hub.trust_verbs:make_test_ca",
        "为试验环境生成测试机构证书和服务器证书",
        (
            arg("folder", metavar="DIR", help="写到此文件夹"),
            arg("--host", metavar="NAME", action="append", help="服务器的名称或地址（本机之外）"),
        ),
        desk=False,
    ),
    Verb(
        "hub bundle",
        "hub.verbs:write_bundle",
        "导出离线核验数据：全部证书状态，平台签名，默认 24 小时内有效",
        (
            _DB,
            path("--out", metavar="FILE", required=True, help="写到此文件"),
            arg("--hours", metavar="N", type=int, default=24, help="有效小时数，1 至 72（默认 24）"),
            arg("--for", metavar="ID", dest="party", help="交给哪个用证部门，计入失效到达"),
            *_KEY,
        ),
        desk=False,
    ),
    Verb(
        "hub stick",
        "hub.stick_verbs:run_stick",
        "收取一个 U 盘，把回执写回同一个 U 盘（同 stick import --db）",
        (path("folder", metavar="DIR", help="U 盘所在文件夹"), _DB, *_KEY),
        desk=False,
    ),
    Verb(
        "hub check",
        "hub.log_verbs:compare",
        "把平台的索引、证书状态、个人信息与办理记录逐项对照，只读",
        (_DB, arg("--office", metavar="ID", default="all", help="只对照此机关（默认全部）"), *_KEY),
        desk=False,
    ),
    Verb(
        "hub export-log",
        "hub.log_verbs:export",
        "导出防篡改日志（C2SP tlog-tiles）和各项办理记录，不含个人信息",
        (
            _DB,
            path("--out", metavar="DIR", required=True, help="写到此文件夹"),
            arg("--office", metavar="ID", default="all", help="只导出此机关（默认全部）"),
            _KEY[0],
        ),
        desk=False,
    ),
    Verb(
        "hub party add",
        "hub.party_verbs:add",
        "登记一个用证部门，或登记其新的一版（docs/api.md）",
        (
            path("file", metavar="FILE", help="部门文件，JSON"),
            _DB,
            path("--out", metavar="FILE", help="平台签名的登记内容写到此新文件，交给部门"),
            *_KEY,
        ),
        desk=False,
    ),
    Verb(
        "hub party list",
        "hub.party_verbs:show",
        "列出用证部门、用途和今天用去的次数",
        (_DB, *_KEY),
        desk=False,
    ),
    Verb(
        "hub party disable",
        "hub.party_verbs:disable",
        "停用一个用证部门，立即生效",
        (arg("party", metavar="ID", help="部门代码"), _DB, *_KEY),
        desk=False,
    ),
    Verb(
        "hub party uses",
        "hub.party_verbs:uses",
        "导出全省用证清单（.csv 或 .pdf）",
        (
            _DB,
            path("--out", metavar="FILE", required=True, help="写到此文件，以 .csv 或 .pdf 结尾"),
            arg("--party", metavar="ID", help="只要这个部门的"),
            arg("--from", dest="since", metavar="DATE", help="第一天，默认三十天前"),
            arg("--to", dest="until", metavar="DATE", help="最后一天，默认今天"),
            *_KEY,
        ),
        desk=False,
    ),
    Verb(
        "hub scenario add",
        "hub.party_verbs:add_scenario",
        "在应用场景清单中加入或改写事项",
        (path("file", metavar="FILE", help="事项，JSON（docs/api.md）"), _DB, *_KEY),
        desk=False,
    ),
    Verb(
        "hub scenario remove",
        "hub.party_verbs:remove_scenario",
        "从应用场景清单中去掉事项",
        (path("file", metavar="FILE", help='{"codes": […]}'), _DB, *_KEY),
        desk=False,
    ),
    Verb("hub scenario list", "hub.party_verbs:list_scenarios", "列出应用场景清单", (_DB, *_KEY), desk=False),
    Verb(
        "hub guide set",
        "hub.party_verbs:put_guide",
        "换上新的办事指南",
        (path("file", metavar="FILE", help="办事指南，JSON（docs/api.md）"), _DB, *_KEY),
        desk=False,
    ),
    Verb(
        "hub publish",
        "hub.party_verbs:publish",
        "把应用场景清单和办事指南写成 PDF",
        (_DB, path("--out", metavar="DIR", required=True, help="写到此文件夹"), *_KEY),
        desk=False,
    ),
    Verb(
        "verify-log",
        "hub.log_verbs:verify",
        "核验防篡改日志：只需平台公钥和一份旧的检查点",
        (
            arg("--db", metavar="URL", help="核验平台数据库"),
            path("--dir", metavar="DIR", help="核验 hub export-log 导出的文件夹"),
            path("--proof", metavar="FILE", help="核验一项办理的入账证明（checkpoint proof）"),
            arg("--office", metavar="ID", default="all", help="只核验此机关（默认全部）"),
            arg("--hub-key", metavar="HEX", required=True, help="平台公钥，64 位十六进制或所在文件"),
            path("--checkpoint", metavar="FILE", action="append", help="以前留存的检查点，可多次给出"),
            _KEY[0],
        ),
        desk=False,
    ),
)


def _key(options: argparse.Namespace) -> bytes:
    from hub.keyfile import key_for, key_from_stdin

    return key_from_stdin(sys.stdin.buffer) if options.key_stdin else key_for(options.db, options.key_file)


def init(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub init``."""
    from core.claims.offer import check_issuer
    from core.errors import UserError
    from hub import setup
    from hub.keyfile import default_key_file, key_from_stdin, make_key

    del around
    if check_issuer(options.url).startswith("http:") and not options.http:
        raise UserError("hub_http_not_chosen")
    if options.key_stdin:
        key, key_file = key_from_stdin(sys.stdin.buffer), None
    else:
        key, key_file = (
            make_key(options.db, options.key_file),
            options.key_file or default_key_file(options.db),
        )
    made = setup.init(
        options.db,
        options.url,
        options.root_out,
        key,
        options.rehearsal,
        offline_root=options.offline_root,
    )
    try:
        return {
            "issuer": made.issuer,
            "rehearsal": made.rehearsal,
            "root": str(options.root_out),
            "key_file": None if key_file is None else str(key_file),
            "hub_key": made.signer.public_bytes().hex(),
            "root_mode": "offline" if options.offline_root else "online",
        }
    finally:
        made.database.close()


def run(options: argparse.Namespace, around: Surroundings) -> Outcome:
    """``hub``: answers ``{"ready": true, "url"}`` once it listens, and returns when it was stopped."""
    from hub.serve import serve

    host, port = _address(options.listen)
    tls = None
    if options.tls_cert is not None or options.tls_key is not None:
        if options.tls_cert is None or options.tls_key is None:
            raise UsageFault("usage", why="--tls-cert and --tls-key go together")
        tls = (options.tls_cert, options.tls_key)

    def ready(url: str) -> None:
        around.answer(Outcome(DONE, {"ready": True, "url": url}).line())

    # Unbuffered: a thread that waits in a buffered reader holds its lock while the interpreter ends.
    # Not closed: that thread reads it until the process ends.
    watch = open(0, "rb", buffering=0, closefd=False) if options.stop_with_stdin else None  # noqa: SIM115
    serve(options.db, host, port, _key(options), tls, ready, http=options.http, watch=watch)
    return Outcome(DONE, {})


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise UsageFault("usage", why="--listen HOST:PORT")
    return host.removeprefix("[").removesuffix("]"), int(port)


def enrol(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub enrol``: by the request's file, or by the fingerprint of one that was handed in."""
    from core.sync.enrolment import key_fingerprint
    from core.verbs.files import read_bytes
    from hub import enrolments, setup
    from hub.engine import retrying

    del around
    opened: Hub = setup.open_hub(options.db, _key(options))
    try:
        file = Path(options.request)
        wanted = read_bytes(file, "request") if file.is_file() else str(options.request)
        certificate = retrying(lambda: enrolments.accept(opened, wanted, options.single_clerk))["body"]
        names = ("office", "code", "name", "device", "kid", "single_clerk", "rehearsal", "not_after")
        root = key_fingerprint(bytes.fromhex(certificate["root_key"]))
        told = {name: certificate[name] for name in names}
        return {"state": "enrolled", **told, "root_fingerprint": root}
    finally:
        opened.database.close()


def make_server_files(folder: Path) -> ServerFiles:
    """Make a test authority and a server certificate for this machine's loopback."""
    from core.clock import system_clock
    from hub.tls import make_test_tls

    certificate, key, ca = make_test_tls(folder, system_clock())
    return ServerFiles(ca, certificate, key)


def write_bundle(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub bundle``: the file counts in the reach of what is voided before it ends."""
    from core.verbs.files import write_private
    from hub import setup
    from hub.bundle import bundle_file

    del around
    opened: Hub = setup.open_hub(options.db, _key(options))
    try:
        given = bundle_file(opened, options.party or "", options.hours)
        write_private(options.out, given.text.encode("ascii"))
        return {
            "file": str(options.out),
            "as_of": given.as_of,
            "expires_at": given.expires_at,
            "hours": options.hours,
            "bytes": len(given.text),
        }
    finally:
        opened.database.close()
