// What a job reports goes on to the page, and onto the disk.

import { keepGoing } from "./keeping.js";

/**
 * Says and keeps what a job reports.
 * @param {import("../../engine/stylizer.js").Job} job
 * @param {object} how
 * @param {import("./run.js").Run} how.run
 * @param {import("./ports.js").Left | null} how.left what it goes on from
 * @param {import("../gallery/unfinished.js").Unfinished | undefined} how.unfinished
 * @param {import("./machine.js").Machine} how.machine
 * @param {(type: string, detail: any) => void} how.say
 */
export function passOn(job, { run, left, unfinished, machine, say }) {
  // One that was stopped may take a last step, for its state.
  const on = (type, act) => job.addEventListener(type, ({ detail }) => (run.cancelled ? detail.preview?.close() : act(detail)));
  on("progress", (detail) => {
    if (machine.send("step")) say("progress", detail);
    else detail.preview?.close();
  });
  on("recovered", (detail) => say("recovered", detail));
  if (unfinished) keepGoing(unfinished, { run, left, on, paused: () => machine.state === "paused", unkept: (what) => say("unkept", what) });
}
