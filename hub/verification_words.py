"""The sentences of the departments' interface: what each refusal and reason means, and what to do.

The hub speaks to programs; the words go along so that a department's clerk can be shown them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

REFUSALS: Final[Mapping[str, str]] = {
    "request_unsigned": "请求没有签名，或签名写法不对。请按接口说明用部门私钥签名后重发。",
    "party_unknown": "平台没有登记这个用证部门。请核对部门代码，或联系省级平台登记。",
    "request_forged": "签名与登记的公钥不符。请核对使用的私钥。",
    "request_unnumbered": "请求没有编号（jti），或编号不足十六位。每次请求请用新的随机编号。",
    "request_old": "请求的时间与平台相差超过两分钟。请校准服务器时间后重发。",
    "request_elsewhere": "签名中的地址（aud）与请求的地址不同。请填写所请求接口的完整地址。",
    "request_body_differs": "请求内容与签名中的摘要不同。请对实际发送的内容计算摘要。",
    "request_replayed": "这个请求已经处理过一次。请用新的编号重新签名后再发。",
    "party_disabled": "本部门的查验权限已停用。请联系省级平台。",
    "party_expired": "本部门的登记已过有效期。请联系省级平台办理续期。",
    "body_malformed": "请求内容不是规范的 JSON。请核对后重发。",
    "body_too_large": "请求内容太大（上限 {limit} 字节）。请核对后重发。",
    "body_type": "请求内容的类型应为 application/json。",
    "field_type": "“{field}”的类型不对。请对照接口说明。",
    "field_strange": "“{field}”处有接口说明之外的内容。请去掉后重发。",
    "field_missing": "缺少“{field}”。请补上后重发。",
    "field_not_one": "“{field}”只能填写其中一种。",
    "field_blank": "“{field}”不能为空。",
    "field_too_long": "“{field}”太长（最多 {longest} 个字）。请缩短后重发。",
    "field_wrong": "“{field}”的写法不对。请对照接口说明。",
    "field_range": "“{field}”应在 {least} 到 {most} 之间。",
    "uscc_wrong": "统一社会信用代码校验不通过，请核对是否录错。",
    "id_number_wrong": "公民身份号码校验不通过，请核对是否录错。",
    "shown_expired": "这个动态码不存在或已超过两分钟。请持证人重新出示。",
    "unit_ref_unknown": "没有向本部门给出过这个单位代号。请改用统一社会信用代码。",
    "purpose_unknown": "本部门没有登记这个用途。请核对用途代码。",
    "function_not_registered": "这个用途没有登记这项功能。请换用相应的用途，或联系省级平台登记。",
    "matter_not_registered": "这个用途没有登记这个事项。请换用相应的用途，或联系省级平台登记。",
    "matter_unknown": "应用场景清单中没有这个事项。请核对事项代码。",
    "budget_spent": "本部门这项功能的次数已用完（{window}）。请稍后再试；经常不够用请联系省级平台调整。",
    "tries_spent": "今天对这个单位的比对不符已达 {tries} 次，暂停比对。请当面核对证件，明天再试。",
    "too_many": "核验的人太多。请稍后再试。",
    "strangers_busy": "平台暂时不接受未识别的请求。请稍后再试。",
    "not_found": "没有这个地址。请核对接口说明。",
    "hub_busy": "平台正忙。请稍后再试。",
    "hub_failed": "平台出了故障。请稍后再试；一直这样请联系省级平台。",
    "hub_unavailable": "平台暂时不能使用数据库。请稍后再试。",
}

PAGE_REFUSALS: Final[Mapping[str, str]] = {
    "shown_foreign": "这个二维码不是本省平台的亮证码。请让对方在证书页面打开“亮证”。",
    "compare_spent": "这次出示已比对 {tries} 次，不再比对。请当面核对身份证件，或请对方重新亮证。",
    "person_incomplete": "比对人员要同时填写姓名和身份证号码。请补全，或都清空。",
    "file_too_large": "文件太大（上限 {limit} 字节）。请选择平台给出的 PDF 原件，或把图片缩小。",
    "file_slow": "文件传得太慢，没有收完。请换一个网络后重试。",
    "shown_unreadable": "这个文件不是证书文本，也不是 PDF、PNG 或 JPEG 图片。请重新选择。",
    "symbol_missing": "文件第一页上没有找到可读的二维码。请对正、放大后重拍，或粘贴文本。",
    "symbols_many": "文件第一页上有 {count} 个不同的二维码。请只留要核验的那一个。",
    "scan_too_large": "文件太大。请选择平台给出的 PDF 原件，或把图片缩小。",
    "scan_type_unknown": "不认识这种文件。请选择 PDF、PNG 或 JPEG。",
    "scan_damaged": "文件已损坏，读不出来。请重新取得后再试。",
    "scan_too_many_pages": "文件页数太多（上限 {limit} 页）。打印件只有一页，请核对文件。",
    "scan_too_many_pixels": "图片太大（上限 {limit} 像素）。请缩小后重试。",
    "scan_encrypted": "文件加了密。请选择平台给出的 PDF 原件。",
    "scan_timeout": "这个文件太复杂，没有读完。请选择平台给出的 PDF 原件。",
}
"""What only the public page refuses."""

REASONS: Final[Mapping[str, str]] = {
    "unit_unknown": "没有查到这个单位。可能尚未登记到省级平台，请核对统一社会信用代码。",
    "certificate_none": "这个单位没有领取过电子证书。可以查验纸质证书。",
    "certificate_void": "这张电子证书已经失效。请单位到登记管理机关重新领取。",
    "certificate_suspended": "这张电子证书已暂停使用，暂停期间不得凭它办理。请恢复后再查。",
    "unit_expired": "证书有效期已经届满。请单位到登记管理机关换领。",
    "holder_differs": "与登记的持证人信息不符。请核对证件后重新录入。",
    "person_differs": "这个人没有得到这个单位的授权。请核对姓名和身份证号码，或请单位先行授权。",
    "matter_not_covered": "这个人的授权不包括这个事项。请单位另行授权。",
    "delegation_void": "这个人的授权已经终止。请单位重新授权。",
    "delegation_expired": "这个人的授权已经到期。请单位重新授权。",
    "delegation_not_yet": "这个人的授权尚未生效。请在授权起始日以后办理。",
    "delegation_not_claimed": "单位已经授权，但本人还没有领取授权。请本人先在手机上领取。",
    "delegation_suspended": "这个人的授权已暂停使用，暂停期间不得凭它办理。恢复后再查。",
    "parent_void": "作出这项授权的人自己的授权已经终止。请单位重新授权。",
    "parent_suspended": "作出这项授权的人自己的授权已暂停使用，暂停期间不得凭它办理。恢复后再查。",
    "holder_not_proven": "证书有效，但未证明出示人持有该证书。请让持证人用手机亮证，或核对其身份证件。",
    "values_erased": "登记的个人信息已按规定销毁，无法比对。请查验纸质材料。",
    "status_missing": "平台没有这张证书的记录，无法确认。请查验纸质证书。",
    "status_stale": "证书状态已过时，无法确认。请稍后再查。",
    "expired": "证书有效期已经届满。请单位到登记管理机关换领。",
    "not_yet": "证书尚未生效。请稍后再查。",
    "key_binding": "出示的动态码已经过期，或不是由持证手机现场生成。请持证人重新出示。",
    "issuer_key_unknown": "二维码不是本平台签发的。请勿采用。",
    "signature": "证书的签名不对，不是本平台签发或已被改动。请勿采用。",
    "document": "这份材料不是本平台签发的电子证书，或已被改动。请勿采用。",
}
"""Reasons without a sentence of their own are faults of a document: :data:`REASONS` ``document``."""

WINDOWS: Final = {"minute": "本分钟", "day": "今天"}


def refusal_sentence(code: str, params: Mapping[str, Any]) -> str:
    """Return what is said to a department, or on the public page, when a request is refused."""
    told = {**params, "window": WINDOWS.get(str(params.get("window")), "")}
    return (REFUSALS.get(code) or PAGE_REFUSALS[code]).format_map(_Blank(told))


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def reason_sentence(code: str) -> str:
    """Return what a reason of an answer means."""
    return REASONS.get(code, REASONS["document"])
