// What the visitor brings: a photo, paintings, or a picture painted here with its settings inside.

import { text as engine } from "../../engine/text.js";
import { sampleName, sampleNamed, text } from "../text/index.js";
import { isSame } from "./paintings.js";
import { restore, weighed } from "./recipe.js";
import { sample, samples } from "./samples.js";
import { openShared } from "./shared.js";

/** Takes pictures into the page; what is wrong with one is said, and the page goes on. */
export class Chooser {
  #session;
  #tools;
  #settings;
  #paintings;
  #viewer;
  #status;
  #notice;
  /** How often other paintings were chosen than there were, and how often one was added or taken away. */
  #mixes = 0;
  #toggles = 0;
  /** Those on their way are hung, or have come to nothing. */
  #coming = Promise.resolve();

  /**
   * @param {object} parts
   * @param {import("../session/session.js").Session} parts.session
   * @param {() => Promise<import("../../engine/stylizer.js").Tools>} parts.tools
   * @param {import("../settings/settings.js").Settings} parts.settings
   * @param {import("./paintings.js").Paintings} parts.paintings
   * @param {import("../stage/viewer.js").Viewer} parts.viewer
   * @param {import("../stage/status.js").Status} parts.status
   * @param {import("../stage/notice.js").Notice} parts.notice
   */
  constructor({ session, tools, settings, paintings, viewer, status, notice }) {
    this.#session = session;
    this.#tools = tools;
    this.#settings = settings;
    this.#paintings = paintings;
    this.#viewer = viewer;
    this.#status = status;
    this.#notice = notice;
  }

  /** Takes picked, dropped or pasted files: one photo, or any number of paintings. */
  takeFiles(files, role) {
    const ticket = this.#ticketFor(role);
    const given = role === "photo" ? files.slice(0, 1) : files;
    return this.#bring(async () => {
      const tools = await this.#tools();
      const failures = [];
      for (const file of given) {
        try {
          // Nothing is asked about one of several: of the questions only the last would be seen.
          const recipe = given.length === 1 ? await tools.readSettings(file).catch(() => null) : null;
          if (recipe?.config) this.#offer(recipe, file, role);
          else if ((await this.#take(file, role, ticket)) && given.length < files.length) this.#status.say(text.onePhoto(file.name));
        } catch (error) {
          failures.push(await reasonOf(error, file)); // it takes none of the others along
        }
      }
      if (failures.length > 0) throw failures[0];
    });
  }

  /** Takes a sample photo; `load` fetches it. */
  takeSamplePhoto(load, name) {
    const ticket = this.#session.choosePhoto();
    return this.#bring(async () => this.#setPhoto(await load(), name, { ticket, checked: true }));
  }

  /**
   * Makes these the chosen paintings; of those that are chosen already it is kept where they apply.
   * @param {{ painting: { name: string, file?: string, blob?: Blob }, weight: number }[]} mix
   */
  takeMix(mix) {
    return this.#bring(async () => {
      const fetched = mix.map(async ({ painting: { name, file, blob }, weight }) => ({ name, blob: blob ?? (await sample(file)), weight }));
      const paintings = await this.#choose(Promise.all(fetched), { finish: (chosen) => this.#masked(chosen, mix) });
      const unknown = paintings.find(({ blob }) => this.#session.lacks(blob));
      if (unknown) this.#status.say(text.nextRun(unknown.name));
    });
  }

  /**
   * Takes a painting into the mix, whatever has become of the others until it is here; or out of it, unless it is the only one.
   * @param {{ name: string, file?: string, blob?: Blob }} painting
   */
  toggle(painting) {
    const { name, file, blob: own } = painting;
    const ticket = this.#mixes;
    const coming = this.#coming;
    return this.#bring(async () => {
      await coming; // what was chosen before is there first
      const { all } = this.#paintings;
      const others = all.filter((other) => !isSame(other, painting));
      if (others.length < all.length) {
        if (others.length > 0) this.#paintings.set(others);
        this.#toggles += 1;
        return;
      }
      const blob = own ?? (await sample(file));
      if (ticket !== this.#mixes) return; // others were chosen instead
      this.#paintings.add(blob, name);
      this.#toggles += 1;
      if (this.#session.lacks(blob)) this.#status.say(text.nextRun(name));
    });
  }

  /** Something to paint at once: a sample photo and a sample painting, unless the visitor has brought others. */
  async takeFirstSamples() {
    await this.#bring(async () => {
      const [[photo], [painting]] = [samples.photos, samples.paintings];
      if (!this.#session.photo) await this.#setPhoto(await sample(photo), sampleName(photo), { checked: true, beneath: true });
      const isBare = () => this.#paintings.all.length === 0;
      if (isBare()) {
        const blob = await sample(painting);
        if (isBare()) this.#paintings.add(blob, sampleName(painting)); // else others were chosen meanwhile
      }
      if (!this.#session.running) this.#status.say(text.ready);
    });
    if (!this.#session.photo && !this.#notice.asks) this.#notice.show(text.needPhoto, { [text.tryAgain]: () => this.takeFirstSamples() });
  }

  /**
   * Puts what a link carries in place, but what the visitor chooses meanwhile; and says what became of it. Beside a run it has to wait.
   * @param {string} fragment
   * @param {() => Promise<any>} known when it is known which settings there are
   */
  async openLink(fragment, known) {
    const { running, subject } = this.#session;
    if (running) {
      this.#notice.show(text.linkLater, {});
      return subject ? undefined : this.takeFirstSamples(); // one that has just been started may lack a painting
    }
    const ticket = this.#session.choosePhoto();
    const mix = this.#drawn();
    return this.#bring(async () => {
      const usePhoto = (blob, name) => this.#setPhoto(blob, name, { ticket, checked: true });
      const usePaintings = (coming) => this.#choose(coming, { ticket: mix });
      let said = "";
      try {
        await known().catch(() => {}); // without settings its pictures are put in place all the same
        said = await openShared(fragment, { settings: this.#settings, usePaintings, usePhoto });
      } finally {
        await this.takeFirstSamples(); // whatever became of the link, there is something to paint
      }
      this.#status.say(said);
    });
  }

  /**
   * Puts photo, paintings and settings of an earlier run in place.
   * @param {{ photo, paintings, recipe }} inputs
   * @param {{ yields?: boolean }} [how] whether its photo yields to one the visitor has chosen, or chooses meanwhile
   * @returns {Promise<Record<string, any>>} the settings that can change during a run, as they are then: they may be moved from here on
   */
  async restore({ photo, paintings, recipe }, { yields = false } = {}) {
    const ticket = yields ? undefined : this.#session.choosePhoto();
    if (![photo, ...paintings].every(({ blob }) => blob)) throw useless(new Error(text.inputsGone));
    try {
      this.#settings.write(recipe); // first, for it may be refused: then what is seen stays
    } catch (error) {
      throw useless(error);
    }
    const { live } = this.#settings;
    const all = weighed({ paintings, recipe });
    const taking = this.#setPhoto(photo.blob, photo.name, { ticket });
    await this.#choose(taking.then((taken) => (taken ? all : all.map((painting) => ({ ...painting, mask: null }))))); // the masks are for that photo
    return live;
  }

  /** As `attempt`; a run that is started meanwhile begins afterwards. */
  #bring(action) {
    return this.#session.expect(this.#status.attempt(action));
  }

  /** What later tells whether something else was chosen meanwhile. */
  #ticketFor(role) {
    return role === "photo" ? this.#session.choosePhoto() : this.#mixes + this.#toggles;
  }

  /** Chooses other paintings than those there are, which are on their way: tells them from others that are. */
  #drawn() {
    this.#mixes += 1;
    return this.#mixes;
  }

  /**
   * Makes paintings that are on their way the chosen ones, unless others are chosen until they are here.
   * @template {{ name: string, blob: Blob }} P
   * @param {Promise<P[]>} coming
   * @param {{ ticket?: number, finish?: (paintings: P[]) => P[] }} [how] since when they are on their way, and what is done with them at last
   * @returns {Promise<P[]>} those that were chosen
   */
  #choose(coming, { ticket = this.#drawn(), finish = (paintings) => paintings } = {}) {
    const chosen = coming.then((paintings) => {
      if (ticket !== this.#mixes) return [];
      this.#paintings.set(finish(paintings));
      return paintings;
    });
    this.#coming = chosen.then(
      () => {},
      () => {},
    );
    return chosen;
  }

  /** A mix's paintings with the masks of those of them that are chosen already: as they are by now, for a new photo may have cleared them. */
  #masked(paintings, mix) {
    const { all } = this.#paintings;
    return paintings.map((painting, i) => ({ ...painting, mask: all.find((other) => isSame(other, mix[i].painting))?.mask ?? null }));
  }

  /** @returns {Promise<boolean>} whether it was taken, which only a photo may not be */
  async #take(file, role, ticket) {
    let taken = true;
    if (role === "photo") {
      taken = await this.#setPhoto(file, file.name, { ticket });
    } else {
      const bitmap = await (await this.#tools()).decode(file, { name: `${engine.painting} “${file.name}”`, maxSide: 64 });
      bitmap.close();
      this.#addPainting(file, file.name, ticket);
    }
    if (!this.#session.running) this.#status.say(text.ready);
    return taken;
  }

  /** A picture painted here tells how: its settings can be had back, or it is taken like any other. */
  #offer(recipe, file, role) {
    const attempt = (action) => this.#status.attempt(action);
    const take = () => this.#take(file, role, this.#ticketFor(role));
    const page = { weigh: (weights) => this.#paintings.weigh(weights), usePaintings: (coming) => this.#choose(coming) };
    this.#notice.show(text.carriesSettings(file.name, recipe), {
      [text.restore]: () =>
        attempt(async () => {
          await restore(recipe, this.#settings, page);
          this.#status.say(text.restored);
        }),
      [role === "photo" ? text.useAsPhoto : text.useAsPainting]: () => attempt(take),
    });
  }

  /**
   * Takes a photo, unless one chosen later is there.
   * @param {Blob} blob
   * @param {string} name
   * @param {{ ticket?: number, checked?: boolean, beneath?: boolean }} how without a ticket it yields to any other; what is known to be
   *   good, as samples are, need not wait for the program that checks pictures
   * @returns {Promise<boolean>} whether it was taken
   */
  async #setPhoto(blob, name, { ticket, checked = false, beneath = false }) {
    const decode = async () => (await this.#tools()).decode(blob, { name: `${engine.photo} “${name}”` });
    const bitmap = await (checked ? createImageBitmap(blob) : decode());
    const { width, height } = bitmap;
    // A run that is over and being kept is none to ask about; the photo comes after its picture.
    if (this.#session.state === "concluding") await this.#session.over;
    const taken = this.#session.takePhoto({ blob, name, width, height }, ticket);
    // What is seen of a run under way stays; one that only prepares is going to be of this photo. A sample leaves a kept picture, too.
    if (taken && !this.#session.occupied) this.#viewer.showPhoto(bitmap, blob, { beneath });
    else bitmap.close();
    if (taken) this.askWhatNext();
    return taken;
  }

  /** Asks what shall become of the run under way, if it is of another photo than the one there is now. */
  askWhatNext() {
    const { photo, subject } = this.#session;
    if (!subject || subject.blob === photo.blob) return;
    const actions = {
      [text.paintInstead]: () => this.#status.attempt(() => this.#session.paintInstead()),
      [text.keepPainting]: () => {},
    };
    this.#notice.show(text.photoMeanwhile(photo.name), actions, { ofRun: true });
  }

  /** Takes the visitor's own painting into the mix; what the page had hung there makes room for it, unless it was chosen later. */
  #addPainting(blob, name, ticket) {
    const isNewest = ticket === this.#mixes + this.#toggles;
    if (isNewest) this.#mixes += 1;
    const own = this.#paintings.all.some((painting) => !sampleNamed(painting.name));
    if (own || !isNewest) this.#paintings.add(blob, name);
    else this.#paintings.set([{ blob, name, weight: 1, mask: null }]);
    if (this.#session.lacks(blob)) this.#status.say(text.nextRun(name));
  }
}

/** Why a file could not be taken: of one that cannot even be read browsers say so in words of their own, in English. */
async function reasonOf(error, file) {
  const isReadable = await file.arrayBuffer().then(
    () => true,
    () => false,
  );
  return isReadable ? error : new Error(text.unreadable(file.name), { cause: error });
}

/** Marks what will never be set again, see session/ports.js. */
const useless = (error) => Object.assign(error, { code: "useless" });
