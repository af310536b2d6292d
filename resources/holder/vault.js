// What the phone keeps: certificates with their keys, one unfinished claim, rare glyphs. IndexedDB only.

import { HolderError } from "./errors.js";

const NAME = "certdesk-holder";
const VERSION = 1;

function isInApp() {
  return /MicroMessenger|AlipayClient|QQ\/|DingTalk|Weibo|; wv\)/i.test(navigator.userAgent);
}

/** The HolderError for a failure of the browser's storage. */
export function storageFault(cause) {
  if (cause instanceof HolderError) return cause;
  const name = cause && cause.name;
  if (name === "QuotaExceededError") return new HolderError("storage_full");
  return new HolderError(isInApp() ? "in_app_browser" : "storage_refused", { detail: String(name) });
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(storageFault(request.error));
  });
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(storageFault(transaction.error));
    transaction.onerror = () => reject(storageFault(transaction.error));
  });
}

export class Vault {
  constructor(database) {
    this.database = database;
  }

  /** Open the database; throws HolderError when this browser keeps nothing. */
  static async open() {
    if (!("indexedDB" in globalThis) || !globalThis.indexedDB) throw storageFault(null);
    try {
      const request = indexedDB.open(NAME, VERSION);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("certificates", { keyPath: "id" });
        request.result.createObjectStore("claims", { keyPath: "id" });
        request.result.createObjectStore("glyphs", { keyPath: "id" });
      };
      return new Vault(await done(request));
    } catch (cause) {
      throw storageFault(cause);
    }
  }

  async read(store, key) {
    const transaction = this.database.transaction(store, "readonly");
    return done(transaction.objectStore(store).get(key));
  }

  /** Apply changes to several stores, all or none. Resolves once they are on disk. */
  async change(stores, apply) {
    try {
      const transaction = this.database.transaction(stores, "readwrite", { durability: "strict" });
      const end = finished(transaction);
      apply(...stores.map((name) => transaction.objectStore(name)));
      await end;
    } catch (cause) {
      throw storageFault(cause);
    }
  }

  /** Prove that a key survives here, before any code is spent. */
  async probe(keyPair) {
    await this.change(["claims"], (claims) => claims.put({ id: "probe", keyPair }));
    const back = await this.read("claims", "probe");
    await this.change(["claims"], (claims) => claims.delete("probe"));
    if (!back || !back.keyPair || back.keyPair.privateKey.extractable) throw new HolderError("storage_refused");
  }

  /** All certificates, newest first. */
  async certificates() {
    const transaction = this.database.transaction("certificates", "readonly");
    const all = await done(transaction.objectStore("certificates").getAll());
    return all.sort((a, b) => b.keptAt - a.keptAt);
  }

  /** Keep a certificate, replacing those named, and end the claim it came from. */
  async keep(certificate, replaced) {
    await this.change(["certificates", "claims"], (certificates, claims) => {
      for (const id of replaced) certificates.delete(id);
      certificates.put(certificate);
      claims.delete("open");
    });
  }

  async update(certificate) {
    await this.change(["certificates"], (certificates) => certificates.put(certificate));
  }

  async remove(id) {
    await this.change(["certificates", "glyphs"], (certificates, glyphs) => {
      certificates.delete(id);
      glyphs.delete(id);
    });
  }

  claim() {
    return this.read("claims", "open");
  }

  async putClaim(claim) {
    await this.change(["claims"], (claims) => claims.put({ ...claim, id: "open" }));
  }

  async dropClaim() {
    await this.change(["claims"], (claims) => claims.delete("open"));
  }

  glyphs(id) {
    return this.read("glyphs", id);
  }

  async putGlyphs(record) {
    await this.change(["glyphs"], (glyphs) => glyphs.put(record));
  }
}

/** Whether this browser promised not to clear the page's storage by itself. */
export async function isLasting() {
  if (!navigator.storage || !navigator.storage.persisted) return false;
  return navigator.storage.persisted().catch(() => false);
}
