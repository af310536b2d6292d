"""Sentences for verifying: refusals, and the reasons of an answer (``core/credentials/judgement.py``)."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    # refusals
    "status_bundle_refused": "核验数据未通过验证（{why}）｜请同步一次，或重新取得核验数据",
    "bundle_hours": "有效小时数应在 1 至 {most} 之间｜请改正后重试",
    "trust_unreadable": "根证书文件读不出来｜请核对是否为省级平台的 root.pem",
    "matter_malformed": "事项代码写法不对｜请用 2 至 16 位大写字母和数字，字母开头",
    "symbol_missing": "图片上没有找到可读的二维码｜请对正、放大后重拍，或让对方刷新二维码",
    "symbols_many": "图片上有 {count} 个不同的二维码｜请只留要核验的那一个",
    "shown_unreadable": "这个文件不是证书文本，也不是图片或 PDF｜请选择带二维码的图片、PDF 或证书文本",
    "shown_foreign": "这个二维码不是本省平台的亮证码｜请让对方在证书页面打开“亮证”",
    "certificate_not_standing": "没有可打印的证书：未领取、已失效、已暂停或已过期｜请先查看领取情况",
    "paper_signing_missing": "平台没有安装电子签名组件，不能出打印件｜请联系平台管理员",
    "nothing_shown": "还没有扫到内容｜请扫码，或粘贴、选择文件",
    "clipboard_empty": "剪贴板里没有文本｜请先复制对方发来的证书文本",
    "person_incomplete": "比对人员要同时填写姓名和身份证号码｜请补全，或都清空",
    "basic_incomplete": "查询基本信息要填写信用代码和查验事由｜请补全后再按 F9",
    # reasons: not valid
    "not_a_certificate": "这不是电子证书、授权、亮证码或打印件的二维码",
    "certificate_void": "证书已失效",
    "certificate_suspended": "证书已暂停使用，暂停期间不得凭它办理",
    "delegation_void": "授权已失效",
    "delegation_suspended": "授权已暂停使用，暂停期间不得凭它办理",
    "parent_void": "授权所依据的证书或上级授权已失效",
    "parent_suspended": "授权所依据的证书或上级授权已暂停使用，暂停期间不得凭它办理",
    "unit_not_yet": "证书的有效期还没有开始",
    "unit_expired": "证书的有效期已过",
    "delegation_not_yet": "授权的期限还没有开始",
    "delegation_expired": "授权的期限已过",
    "matter_not_covered": "授权不包含要办的事项",
    "paper_altered": "这份 PDF 签名后被改动过，不得采信",
    "person_differs": "在场人员与证书或授权上的人不一致",
    # reasons: unknown
    "status_missing": "没有这份证书的状态数据｜请联网同步后重新核验",
    "status_stale": "核验数据已过期｜请联网同步后重新核验",
    "status_refused": "核验数据不可信｜请联网同步后重新核验",
    "status_not_understood": "证书状态无法识别｜请更新程序，或向登记管理机关核实",
    "issuer_key_unknown": "核验数据里没有签发它的密钥｜请联网同步后重新核验",
    "person_not_shown": "对方没有出示可比对的人员信息｜请让对方在亮证时勾选姓名和身份证号码摘要",
    "matter_not_shown": "对方没有出示授权事项｜请让对方在亮证时勾选授权事项",
    "matter_unknown": "不认识这个事项，不能回答｜请核对事项代码",
    "person_not_asked": "没有填写在场人员，不能回答谁可以办理｜请填写姓名和身份证号码后重新核验",
    "paper_signature_missing": "这份 PDF 没有平台的电子签名，不能采信｜请核验纸质原件，或平台签名的原文件",
    "paper_unchecked": "本机没有电子签名组件，不能核验这份 PDF｜请用纸面上的二维码核验，或联系管理员",
    "shown_needs_network": "亮证码要联网才能核验｜请联网后重试，或让对方出示离线亮证码",
    "nothing_asked": "没有可以回答的问题｜请重新核验",
    # reasons: valid, but
    "rehearsal": "演练证书，不具法律效力",
    "holder_not_proven": "未证明出示人持有该证书｜请让持证人用手机亮证，或核对其身份证件",
}

REFUSED = "证书未通过验证，不得采信"
"""For every other reason: the text itself was refused (docs/certificate.md lists the codes)."""

SPECIAL: Mapping[str, str] = {
    "expired": "证书已过期",
    "not_yet": "证书还没有生效",
    "chain_root": "不是本省平台签发的证书",
    "chain_rehearsal": "演练证书，不能作为真实证书使用",
    "signature": "签名不符，内容可能被改动",
    "key_binding": "亮证码已过时，或不是为本平台出示的｜请让对方刷新亮证码",
    "key_binding_missing": "缺少持证手机的签名｜请让对方重新亮证",
    "size": "内容太长，不是证书",
    # what the hub answers about a unit; two of the codes mean something else where a desk refuses
    "unit_unknown": "没有查到这个单位｜可能尚未登记到省级平台，请核对统一社会信用代码",
    "certificate_none": "这个单位没有领取过电子证书｜可以查验纸质证书",
    "holder_differs": "与登记的持证人信息不符｜请核对证件后重新录入",
    "delegation_not_claimed": "单位已经授权，但本人还没有领取｜请本人先在手机上领取",
    "values_erased": "登记的个人信息已按规定销毁，无法比对｜请查验纸质材料",
}
"""The refusals that a person can do something about, and the hub's reasons about a unit."""
