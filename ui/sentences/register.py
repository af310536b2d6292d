"""Of the register imported by the page."""

from __future__ import annotations

SENTENCES = {
    "page_malformed": "这一页名册的格式不对，没有导入｜请按样例整理后再试",
    "page_missing": "这一页名册的内容没有一起送到｜请重新同步",
    "page_digest_wrong": "这一页名册的内容与签名不符，没有采用｜请重新同步；再次出现请联系管理员",
    "register_lines_refused": "名册里有 {count} 行不合要求，整页没有导入｜请按列出的行改正后再导入",
    "unit_twice": "与第 {first} 行是同一个统一社会信用代码｜请删去其中一行，或更正代码",
    "register_unsynced": "导入的名册还没有送达省级平台｜请先同步一次，再办理这一步",
}
