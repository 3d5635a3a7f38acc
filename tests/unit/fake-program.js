// The program in WebAssembly for the tests of www/engine/worker.js, which run without one: what of it they use does what the test has it do.

/** Set by the tests: how the program is loaded, what an engine does, and how a run is made. */
export const acts = { load: async () => ({}), engine: {}, run: () => ({}) };

export default () => acts.load();

export class Engine {
  static async open() {
    return Object.assign(new Engine(), { device: { backend: "cpu" }, kernels: undefined, ready: true }, acts.engine);
  }
  async tune() {
    return { kernels: null, rejected: [] };
  }
  async warmUp() {}
  instantShards() {
    return [];
  }
  finishInstant() {}
  start() {
    return acts.run();
  }
}

export class Pictures {
  addStyle() {}
  free() {}
}
export class InstantStyles {}

export const checkHeader = () => {};
export const checkLength = () => {};
export const completeConfig = JSON.parse;
export const embedSettings = (bytes) => bytes;
export const estimate = () => ({});
export const extractSettings = () => undefined;
export const notAPicture = (what, reason) => new Error(reason);
export const program = () => ({});
export const recolour = () => ({ rgba: () => [], width: 8, height: 8, free() {} });
export const settings = () => ({ knobs: [] });
