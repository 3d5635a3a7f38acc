// A chooser among fakes: what its tests share.
import { Chooser } from "../../www/page/pictures/chooser.js";
import { bitmap } from "./fake-page.js";
import { studio, turn } from "./session-studio.js";

export const file = (name) => new File(["photo"], name);

/**
 * A session's studio with a chooser: `reading` is what a picture waits for, `carried` the settings inside files, `seen` are the photos
 * shown, `hung` the chosen paintings, `asked` the notices with what can be answered, `told` what was said, `failed` what to have gone wrong.
 */
export function page(options = {}) {
  const at = /** @type {any} */ (studio(options));
  Object.assign(at, { seen: [], asked: [], told: [], failed: [], mixes: [], reading: new Map(), carried: new Map() });
  at.hung = {
    all: [],
    set(mix) {
      this.all = mix;
      at.mixes.push(mix);
    },
    add(blob, name) {
      this.all = [...this.all, { blob, name, weight: 1, mask: null }];
    },
  };
  at.notice = { asks: false, hide() {}, show: (sentence, actions) => at.asked.push({ sentence, actions }) };
  at.viewer = { sketched: false, showPhoto: (_, photo) => at.seen.push(photo) };
  at.names = () => at.hung.all.map(({ name }) => name);
  // What is chosen is copied: a file is known again by its name.
  const of = (map, picture) => map.get(picture) ?? [...map].find(([{ name }]) => name && name === picture.name)?.[1];
  const tools = { readSettings: async (picture) => of(at.carried, picture) ?? null, decode: (photo) => Promise.resolve(of(at.reading, photo)).then(() => bitmap()) };
  const attempt = async (action) => action().catch(({ message }) => at.failed.push(message));
  at.chooser = new Chooser(
    /** @type {any} */ ({
      session: at.session,
      tools: async () => tools,
      settings: {
        write() {
          if (at.unknown) throw at.unknown;
        },
        adopt: () => true,
        touches: 0,
      },
      paintings: at.hung,
      viewer: at.viewer,
      status: { say: (sentence) => at.told.push(sentence), attempt, heed: attempt },
      notice: at.notice,
    }),
  );
  at.restored = (inputs, how) => at.chooser.restore(inputs, how);
  at.session.addEventListener("continuing", () => at.chooser.askWhatNext());
  at.settle = async () => {
    for (let i = 0; i < 5; i++) await turn();
  };
  return at;
}
