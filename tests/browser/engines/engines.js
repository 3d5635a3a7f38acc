// Both engines, and how a test gets a tab of either.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { serve } from "../host.js";
import { startFirefox } from "./firefox.js";
import { PATIENCE } from "./tab.js";
import { startWebKit } from "./webkit.js";

/** A test may wait several times. */
const timeout = 3 * PATIENCE;

/**
 * Runs the same tests in each engine. Every test has a fresh tab and a host of its own, hence an origin and storage of its own;
 * errors on the page's console and requests to another origin fail it. With `elsewhere`, headers, there is a second host that sends them, and
 * that one may be asked.
 * @typedef {Awaited<ReturnType<typeof serve>>} Site
 * @typedef {(tab: import("./tab.js").Tab, site: Site, other: Site) => Promise<void>} Body
 * @param {(test: (title: string, body: Body, options?: { elsewhere?: Record<string, string> }) => void) => void} declare
 */
export function inEachEngine(declare) {
  for (const [name, start] of Object.entries({ Firefox: startFirefox, WebKitGTK: startWebKit })) {
    describe(name, () => {
      let engine;
      before(async () => (engine = await start()), { timeout });
      after(() => engine?.close());
      declare((title, body, { elsewhere } = {}) =>
        test(title, { timeout }, async (t) => {
          const site = await serve();
          site.list();
          const other = elsewhere ? await serve({ headers: elsewhere }) : null;
          const tab = await engine.open();
          try {
            await body(tab, site, other);
          } finally {
            await tab.close();
            await site.close();
            await other?.close();
            for (const error of tab.errors) t.diagnostic(error); // they may say why a wait was in vain
          }
          assert.deepEqual(tab.errors, [], "errors on the console");
          assert.ok(tab.requests.length > 0);
          const known = [site.url, ...(other ? [other.url] : []), "data:", "blob:"];
          const foreign = tab.requests.filter((address) => !known.some((start) => address.startsWith(start)));
          assert.deepEqual(foreign, [], "requests to another origin");
        }),
      );
    });
  }
}
