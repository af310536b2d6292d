"""Sentences for the codes of ``core/credentials``."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "certificate_refused": "证书未通过验证（{why}），不得采信｜请持证人重新出示，或到登记机关核实",
    "status_list_refused": "证书状态名单未通过验证（{why}），目前无法判断证书是否有效｜请稍后重试",
    "proof_invalid": "手机密钥证明未通过验证（{why}）｜请重新扫码领取",
    "nonce_invalid": "领取过程已超时｜请重新扫码领取",
}
