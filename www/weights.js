// Fetches the network's weights: a manifest, then its shards, each verified before it counts.

const folder = new URL("./weights/", import.meta.url);
const ATTEMPTS = 3;

/**
 * Loads all shards into the engine, reporting bytes as they come.
 * @param {import("./easel.js").Engine} engine
 * @param {(detail: object) => void} report
 */
export async function fetchWeights(engine, report) {
  if (engine.ready) return;
  const manifest = await fetched("manifest.json");
  const shards = engine.setManifest(await manifest.text());
  const totalBytes = shards.reduce((sum, shard) => sum + shard.bytes, 0);
  let loadedBytes = 0;
  const add = (bytes) => {
    loadedBytes += bytes;
    report({ stage: "weights", loadedBytes, totalBytes });
  };
  add(0);
  await Promise.all(shards.map((shard) => fetchShard(engine, shard, add)));
  engine.finishWeights();
}

/** Fetches one shard, again if it fails or does not match its hash; counts only what is kept. */
async function fetchShard(engine, { file }, add) {
  for (let attempt = 1; ; attempt++) {
    let counted = 0;
    try {
      // A damaged copy may sit in the browser's cache: a second attempt goes past it.
      const response = await fetched(file, attempt > 1 ? "reload" : "default");
      const chunks = [];
      const reader = response.body.getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        chunks.push(part.value);
        counted += part.value.length;
        add(part.value.length);
      }
      engine.addShard(file, new Uint8Array(await new Blob(chunks).arrayBuffer()));
      return;
    } catch (error) {
      add(-counted);
      if (attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** attempt));
    }
  }
}

async function fetched(file, cache = "default") {
  let response;
  try {
    response = await fetch(new URL(file, folder), { cache });
  } catch {
    throw new Error(`The network file ${file} could not be fetched. Check the connection and try again.`);
  }
  if (response.status === 200) return response;
  throw new Error(`The network file ${file} could not be fetched (HTTP ${response.status}). Try again, or reinstall the weights folder.`);
}
