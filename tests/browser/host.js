// A small static host for tests that need more than files at the root: another path, headers, a site of their own to change.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import sirv from "sirv";

export const dist = resolve(fileURLToPath(new URL(".", import.meta.url)), process.env.EASEL_DIST ?? "../../dist");

/**
 * Serves a copy of dist/.
 * @param {{ path?: string, headers?: Record<string, string> }} [options]
 */
export async function serve({ path = "/", headers = {} } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "easel-"));
  await cp(dist, folder, { recursive: true });
  const files = sirv(folder, { dev: true, etag: true });
  const requests = [];
  const reports = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://host");
    requests.push(pathname);
    if (site.intercept?.(pathname, response)) return;
    if (pathname === `${path}report`) {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      reports.push(Buffer.concat(chunks).toString());
      response.writeHead(204).end();
    } else if (!pathname.startsWith(path)) {
      response.writeHead(404).end();
    } else {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      request.url = request.url.slice(path.length - 1);
      files(request, response, () => response.writeHead(404).end());
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const site = {
    url: `http://127.0.0.1:${server.address().port}${path}`,
    folder,
    /** Set to `(path, response) => boolean` to answer some requests otherwise. */
    intercept: null,
    /** The paths asked for so far. */
    requests,
    /** What browsers sent to `report`. */
    reports,
    /** Lists the files anew, as `make dist` does after a change. */
    list: () => execFileSync(process.execPath, [fileURLToPath(new URL("precache.js", import.meta.url)), folder]),
    /** From now on nobody answers. */
    async stop() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
    async close() {
      await this.stop();
      await rm(folder, { recursive: true });
    },
  };
  return site;
}
