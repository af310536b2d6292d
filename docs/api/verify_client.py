#!/usr/bin/env python3
"""证窗查验接口示例：只用 Python 标准库和 cryptography。Example client of the departments' interface.

    python verify_client.py https://hub.example my-department key.pem basic request.json

The first function is all that a department's own program needs.
"""

import base64
import hashlib
import json
import secrets
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def ask(hub, department, key, function, request):
    """签名并发送一次查验请求；返回 (HTTP 状态, 回答)。"""
    url = f"{hub}/api/v1/verify/{function}"
    body = json.dumps(request, ensure_ascii=False).encode()
    header = {"alg": "ES256", "typ": "certdesk-verify+jwt", "kid": department}
    claims = {
        "aud": url,
        "iat": int(time.time()),
        "jti": secrets.token_urlsafe(16),
        "digest": b64u(hashlib.sha256(body).digest()),
    }
    text = b64u(json.dumps(header).encode()) + "." + b64u(json.dumps(claims).encode())
    r, s = decode_dss_signature(key.sign(text.encode(), ECDSA(SHA256())))
    signature = b64u(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    headers = {"Authorization": f"Bearer {text}.{signature}", "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=15) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


if __name__ == "__main__":
    hub, department, key_file, function, request_file = sys.argv[1:]
    private_key = load_pem_private_key(Path(key_file).read_bytes(), password=None)
    request = json.loads(Path(request_file).read_text("utf-8"))
    status, answer = ask(hub, department, private_key, function, request)
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=2)
    sys.exit(0 if status == 200 and answer.get("answer", "valid") == "valid" else 1)
