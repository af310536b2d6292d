"""A clerk at an installed program: one whole case by keyboard, looking only at what the screen shows."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time

from core.verbs.signed_paper import sign_and_scan
from core.verbs.wallet import Claimed, claim
from tests.installer.eyes import Eyes, Thing, read_digits
from tests.installer.private_desktop import PATIENCE, PrivateDesktop
from tests.qr_reader import read_qr

CLERK, REVIEWER = "演练受理", "演练审核"
# Invented. The number is the example of the standard GB 11643 for the form of such numbers.
MOBILE, ID_NUMBER = "13807551234", "11010519491231002X"
PAPERS = (
    "第一管理责任人身份证：复印件",
    "第一管理责任人身份证：原件",
    "《事业单位法人证书》副本：复印件",
    "《事业单位法人证书》副本：原件",
    "《事业单位法人电子证书申领表》：已核对",
)


class Clerk:
    """Hands and eyes with a purpose. Every step waits for what a person would wait for."""

    def __init__(self, desktop: PrivateDesktop) -> None:
        self.desktop = desktop
        self.program: subprocess.Popen[bytes] | None = None
        self.passwords: dict[str, str] = {}

    # -- small moves ------------------------------------------------------------------------------

    def at(self, name: str) -> Thing:
        """Wait until the focus is on the thing of this name."""

        return self.desktop.wait(lambda eyes: eyes.focus(name), f"focus on {name}")

    def go_to(self, name: str, key: str) -> None:
        """Press ``key`` until the focus is on the thing of this name."""
        for _ in range(40):
            if self.desktop.eyes.focus(name) is not None:
                return
            self.desktop.press(key)
        self.at(name)

    def turn_to(self, page: str) -> None:
        """Press the key that the rail shows for a page; its number moves from release to release."""
        entry = self.desktop.wait(lambda eyes: _entry(eyes, page), f"the rail's entry {page}")
        self.desktop.press(self.desktop.eyes.hint(entry).lower())

    def gone(self, words: str) -> None:
        """Wait until the words are no longer shown."""
        end = time.monotonic() + PATIENCE
        while self.desktop.eyes.find(words) is not None:
            assert time.monotonic() < end, f"never went: {words}"
            time.sleep(0.2)

    # -- coming and going -------------------------------------------------------------------------

    def open(self, *command: str) -> None:
        """Start the program."""
        self.program = self.desktop.run(*command)

    def quit(self) -> None:
        """Close the window; the program and its hub have to end by themselves."""
        assert self.program is not None
        end = time.monotonic() + PATIENCE
        while self.program.poll() is None:
            assert time.monotonic() < end, "the window does not close"
            # Asked again, as a person does: a window that is busy may not take it the first time.
            self.desktop.press("alt+F4")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.program.wait(20)
        assert self.program.returncode == 0

    def first_run(self) -> None:
        """Found the rehearsal office and note the passwords, shown once."""
        self.desktop.see("欢迎使用证窗")
        # A window that came to the front while it was still empty may have no focus yet.
        self.go_to("一键开始演练", "Tab")
        self.desktop.press("Return")
        self.desktop.see("演练机关已建好")
        self.passwords = dict(re.findall(r"(演练\S+) 的密码 (\w+)", self.desktop.eyes.told()))
        assert len(self.passwords) == 4
        self.at("已抄下，开始演练")
        self.desktop.press("Return")
        self.desktop.see("选择单位")

    def sign_in(self, login: str) -> None:
        """Choose the account, type the password."""
        self.desktop.see("用恢复单重设密码")
        self.go_to("密码", "Tab")
        self.desktop.press("shift+Tab", "Home")
        self.go_to(login, "Down")
        self.desktop.press("Tab")
        self.at("密码")
        self.desktop.type(self.passwords[login])
        self.desktop.press("Return")
        self.desktop.see(f"{login} · ")

    def hand_over(self, login: str) -> None:
        """Lock, and let somebody else in."""
        self.desktop.press("ctrl+l")
        self.sign_in(login)

    # -- the case ---------------------------------------------------------------------------------

    def fill_in(self) -> str:
        """Call the second unit of the list by its code, fill in what is missing; return the unit's name."""
        desktop = self.desktop
        self.at("单位名称中的几个字")
        desktop.wait(lambda eyes: eyes.find("12469023YX", "list item"), "units")
        items = [each.name for each in desktop.eyes.shown() if each.role == "list item"]
        name, code = items[1].split("，")
        desktop.type(code)
        desktop.wait(lambda eyes: _only_item(eyes, code), f"the one unit {code}")
        desktop.press("Return")
        self.at("手机")
        desktop.type(MOBILE)
        desktop.press("Return")
        self.at("身份证号码")
        desktop.type(ID_NUMBER)
        desktop.press("Return")
        self.at("授权其他人员担任")
        desktop.press("Return")
        self.at("第一管理责任人的手机号码不是")
        desktop.press("space", "Return")
        self.at("备注")
        desktop.press("Return")
        self.at("申领情形")
        desktop.press("Down", "Return")
        self.at("到场办理人：法定代表人")
        desktop.press("space", "Return")
        self.at("已核对到场办理人身份证原件")
        desktop.press("space")
        desktop.see("必填 10 / 10")
        return name

    def print_and_scan(self) -> None:
        """Keep the sheet as PDF (no printer here), sign and seal it, attach the scan."""
        desktop = self.desktop
        sheet, scan = desktop.home / "sheet.pdf", desktop.home / "scan.jpg"
        desktop.press("F9")
        self.at("另存为 PDF")
        desktop.press("Return")
        self.at("文件名称")
        desktop.press("ctrl+a")
        desktop.type(str(sheet))
        desktop.press("Return")
        self.at("已打印")
        desktop.press("Return")
        desktop.see("已记下：纸质表已打印")
        self.at("关闭")
        desktop.press("Return")
        self.gone("已记下：纸质表已打印")
        desktop.see("请签字盖章后扫描")
        scan.write_bytes(sign_and_scan(sheet.read_bytes(), seed=1))
        self.go_to("扫描件路径", "F6")
        desktop.type(str(scan))
        desktop.press("Return")
        desktop.see("已扫描")

    def submit(self) -> None:
        """Tick the papers and hand the case to the reviewer."""
        for paper in PAPERS:
            self.go_to(paper, "shift+Tab")
            self.desktop.press("space")
        self.desktop.see("材料齐全")
        self.desktop.press("F8")
        self.desktop.see("已提交，等待另一位工作人员审核")

    def approve(self) -> None:
        """As the reviewer: look at the case and approve it."""
        self.desktop.see("队列：待审核 1")
        self.go_to("待审核的申请", "Tab")
        self.desktop.press("Down", "Return")
        self.desktop.see("按今天的规则核对")
        self.desktop.press("F8")
        self.desktop.see("核准后即可为")
        self.at("核准")
        self.desktop.press("Return")
        self.desktop.see("已核准：")

    def claim(self) -> Claimed:
        """Make the code, read it and the six digits off the screen, and claim as a phone does."""

        desktop = self.desktop
        self.turn_to("领取码")
        self.at("单位、信用代码、受理号")
        desktop.wait(lambda eyes: eyes.find("待领取", "list item"), "the approved case")
        desktop.press("Down", "Return")
        self.at("生成领取码")
        desktop.press("F10")
        desktop.see("请用手机扫码领取电子证书")
        self.go_to("按住显示领取验证码", "shift+Tab")
        codes = read_qr(desktop.screen())
        assert len(codes) == 1
        claimed = claim(codes[0].text, self._six_digits())
        desktop.see("电子证书已领取")
        return claimed

    def _six_digits(self) -> str:
        desktop = self.desktop
        button = self.at("按住显示领取验证码")
        end = time.monotonic() + PATIENCE
        desktop.hold("space")
        try:
            while True:
                left, top, right, bottom = desktop.eyes.place(button)
                inside = (left + 12, top + 5, right - 12, bottom - 5)
                digits = read_digits(desktop.screen().crop(inside))
                if len(digits) == 6:
                    return digits
                assert time.monotonic() < end, f"no six digits but {digits}"
                time.sleep(0.2)
        finally:
            desktop.release("space")


def _entry(eyes: Eyes, page: str) -> Thing | None:
    named = (each for each in eyes.shown() if each.name.partition("，")[0] == page)
    return next((each for each in named if re.fullmatch(r"Alt\+\d", eyes.hint(each))), None)


def _only_item(eyes: Eyes, code: str) -> Thing | None:
    items = [each for each in eyes.shown() if each.role == "list item"]
    return items[0] if len(items) == 1 and code in items[0].name else None
