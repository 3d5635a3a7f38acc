// The blind-pair page: which of two looks is liked better. Opened from a folder (file:), where modules are not loaded; hence a plain script,
// and what it counts is in one object that Node can look at, too.
"use strict";

/**
 * @typedef {{ photo: string, painting: string, looks: string[] }} Pair a photo, a painting and the looks it was painted in
 * @typedef {{ photo: string, painting: string, looks: [string, string] }} Match two looks to choose from, the left one first
 * @typedef {Match & { liked: string | null }} Vote a match and the look that was liked better; null is neither
 */

const Votes = {
  /**
   * What to ask next: of all matches those that were asked least, one at random, its sides by lot.
   * @param {Pair[]} pairs
   * @param {Vote[]} votes
   * @param {() => number} [random] from 0 to 1, 1 excluded
   * @returns {Match}
   */
  next(pairs, votes, random = Math.random) {
    const asked = new Map();
    for (const vote of votes) asked.set(Votes.key(vote), (asked.get(Votes.key(vote)) ?? 0) + 1);
    const matches = pairs.flatMap(({ photo, painting, looks }) =>
      looks.flatMap((one, i) => looks.slice(0, i).map((other) => /** @type {Match} */ ({ photo, painting, looks: [one, other] }))),
    );
    const least = Math.min(...matches.map((match) => asked.get(Votes.key(match)) ?? 0));
    const open = matches.filter((match) => (asked.get(Votes.key(match)) ?? 0) === least);
    const { photo, painting, looks } = open[Math.floor(random() * open.length)];
    return { photo, painting, looks: random() < 0.5 ? looks : [looks[1], looks[0]] };
  },

  /** @param {Match} match names it whatever the sides */
  key({ photo, painting, looks }) {
    return [photo, painting, ...[...looks].sort()].join("|");
  },

  /**
   * How often each look was liked better, the best share first; no difference is half a win for both.
   * @param {Pair[]} pairs
   * @param {Vote[]} votes
   * @returns {{ look: string, wins: number, of: number, share: number | null }[]}
   */
  results(pairs, votes) {
    const rows = [...new Set(pairs.flatMap(({ looks }) => looks))].map((look) => {
      const own = votes.filter(({ looks }) => looks.includes(look));
      const wins = own.reduce((sum, { liked }) => sum + (liked === look ? 1 : liked === null ? 0.5 : 0), 0);
      return { look, wins, of: own.length, share: own.length ? wins / own.length : null };
    });
    return rows.sort((a, b) => (b.share ?? -1) - (a.share ?? -1));
  },

  /**
   * Votes as they were kept, without what is none.
   * @param {string | null} text
   * @returns {Vote[]}
   */
  read(text) {
    try {
      const kept = JSON.parse(text ?? "[]");
      return Array.isArray(kept) ? kept.filter((vote) => Array.isArray(vote?.looks) && (vote.liked === null || vote.looks.includes(vote.liked))) : [];
    } catch {
      return [];
    }
  },
};

/** The page: asks, counts, shows. */
function open() {
  const { pairs, version } = /** @type {{ pairs: Pair[], version: string }} */ (globalThis.PICTURES);
  const place = `easel-votes-${version}`;
  const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const store = {
    // Some browsers keep nothing for files; the votes then last as long as the page.
    load: () => { try { return Votes.read(localStorage.getItem(place)); } catch { return []; } },
    save: () => { try { localStorage.setItem(place, JSON.stringify(votes)); } catch { /* as above */ } },
  };
  let votes = store.load();
  /** @type {Match} */
  let match;

  const show = (/** @type {Element | null} */ image, /** @type {string} */ name, /** @type {string} */ alt) => {
    if (!(image instanceof HTMLImageElement)) return;
    image.src = `pictures/${name}.jpg`;
    image.alt = alt;
  };
  const spoken = (/** @type {string} */ name) => name.replaceAll("-", " ");

  function tell() {
    element("count").textContent = votes.length === 1 ? "1 vote" : `${votes.length} votes`;
    /** @type {HTMLButtonElement} */ (element("undo")).disabled = !votes.length;
    const body = /** @type {HTMLElement} */ (element("results").querySelector("tbody"));
    body.replaceChildren(
      ...Votes.results(pairs, votes).map(({ look, wins, of, share }) => {
        const row = document.createElement("tr");
        row.append(...[look, `${wins}`, `${of}`, share === null ? "–" : `${Math.round(100 * share)} %`].map((text) => {
          const cell = document.createElement("td");
          cell.textContent = text;
          return cell;
        }));
        return row;
      }),
    );
  }

  function ask(/** @type {Match} */ again = Votes.next(pairs, votes)) {
    match = again;
    const { photo, painting, looks } = match;
    show(element("photo").closest("img"), `photo-${photo}`, `The photo: ${spoken(photo)}`);
    show(element("painting").closest("img"), `painting-${painting}`, `The painting: ${spoken(painting)}`);
    show(element("left").querySelector("img"), `${photo}-${painting}-${looks[0]}`, "One way to paint it");
    show(element("right").querySelector("img"), `${photo}-${painting}-${looks[1]}`, "Another way to paint it");
    tell();
  }

  function vote(/** @type {string | null} */ liked) {
    votes.push({ ...match, liked });
    store.save();
    ask();
  }

  function undo() {
    const last = votes.pop();
    store.save();
    if (last) ask({ photo: last.photo, painting: last.painting, looks: last.looks });
  }

  function forget() {
    if (!confirm("Forget all votes?")) return;
    votes = [];
    store.save();
    ask();
  }

  function save() {
    const text = JSON.stringify({ version, results: Votes.results(pairs, votes), votes }, null, 1);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "easel-votes.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  const left = () => vote(match.looks[0]);
  const right = () => vote(match.looks[1]);
  const equal = () => vote(null);
  /** @type {Record<string, () => void>} */
  const keys = { ArrowLeft: left, ArrowRight: right, ArrowDown: equal, Backspace: undo };
  Object.entries({ left, right, equal, undo, forget, export: save }).forEach(([id, act]) => element(id).addEventListener("click", act));
  addEventListener("keydown", (event) => {
    if (event.repeat || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  ask();
}

if (typeof document === "undefined") globalThis.Votes = Votes;
else open();
