// A run under way is kept as it goes, so that another page can take it up.

/**
 * Keeps what a run began with, and every state its job reports from now on.
 * @param {import("../gallery/unfinished.js").Unfinished} unfinished
 * @param {object} how
 * @param {import("./run.js").Run} how.run
 * @param {import("./ports.js").Left | null} how.left what it goes on from: what was kept of that stays until there is something newer
 * @param {(type: string, act: (detail: any) => void) => void} how.on hears what the job says
 * @param {() => boolean} how.paused whether it is paused: no other state may follow soon
 * @param {(what: "state" | "other tab" | null) => void} how.unkept told what cannot be kept; null: the state can be again
 */
export async function keepGoing(unfinished, { run, left, on, paused, unkept }) {
  let lacks = false;
  const tell = (kept) => {
    if (kept === lacks) unkept(kept ? null : "state");
    lacks = !kept;
  };
  on("checkpoint", async ({ blob, iteration }) => {
    tell(await unfinished.checkpoint(blob, iteration, { now: paused() }));
  });
  const beginning = unfinished.begin({ ...run.inputs, resumed: left?.resumed ?? 0 }, { fresh: left === null });
  // What was found good enough was no longer kept as unfinished.
  if (left?.stopped && run.checkpoint) unfinished.checkpoint(run.checkpoint, left.stopped.iteration);
  const outcome = await beginning;
  if (outcome === "other tab") unkept("other tab");
  if (outcome === "no room") tell(false);
}
