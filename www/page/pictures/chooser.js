// What the visitor brings: a photo, paintings, or a picture painted here with its settings inside.

import { text as engine } from "../../engine/text.js";
import { sampleName, sampleNamed, text } from "../text/index.js";
import { Mix } from "./mix.js";
import { isSame } from "./paintings.js";
import { restore, weighed } from "./recipe.js";
import { sample, samples } from "./samples.js";
import { openShared } from "./shared.js";

/** A longer file, in bytes, is refused unread: `MAX_FILE_BYTES` of src/picture/codec.rs. */
const LONGEST = 50 * 2 ** 20;

/** Takes pictures into the page; what is wrong with one is said, and the page goes on. */
export class Chooser {
  #session;
  #tools;
  #settings;
  #paintings;
  #viewer;
  #status;
  #notice;
  /** What was asked last about a photo that came during a run. */
  #question = "";
  /** The paintings chosen last, which may be on their way. */
  #mix = new Mix();

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
    this.#mix.end();
  }

  /**
   * What later tells whether something else was chosen meanwhile.
   * @param {"photo" | "painting"} role
   * @returns {{ photo?: number, mix?: Mix, at?: number }}
   */
  choose(role) {
    return role === "photo" ? { photo: this.#session.choosePhoto() } : { mix: this.#mix, at: this.#session.now };
  }

  /**
   * Takes picked, dropped or pasted files: one photo, or any number of paintings.
   * @param {File[]} files
   * @param {"photo" | "painting"} role
   * @param {{ photo?: number, mix?: Mix, at?: number }} [chosen] where they were chosen before, `choose` of then
   */
  takeFiles(files, role, chosen = this.choose(role)) {
    const given = role === "photo" ? files.slice(0, 1) : files;
    const take = async () => {
      const tools = await this.#tools();
      const failures = [];
      for (const brought of given) {
        try {
          const file = await held(brought);
          // Nothing is asked about one of several: of the questions only the last would be seen.
          const recipe = given.length === 1 ? await tools.readSettings(file).catch(() => null) : null;
          if (recipe?.config) this.#offer(recipe, file, role);
          else if ((await this.#take(file, role, chosen)) && given.length < files.length) this.#status.say(text.onePhoto(file.name));
        } catch (error) {
          failures.push(await reasonOf(error, brought)); // it takes none of the others along
        }
      }
      if (failures.length > 0) throw failures[0];
    };
    return this.#bring(take, () => this.#isWanted(chosen));
  }

  /** Takes a sample photo; `load` fetches it. */
  takeSamplePhoto(load, name) {
    const chosen = this.choose("photo");
    const take = async () => this.#setPhoto(await load(), name, { ticket: chosen.photo, checked: true });
    return this.#bring(take, () => this.#isWanted(chosen));
  }

  /**
   * Makes these the chosen paintings; of those that are chosen already it is kept where they apply.
   * @param {{ painting: { name: string, file?: string, blob?: Blob }, weight: number }[]} mix
   */
  takeMix(mix) {
    const chosen = this.#draw();
    const take = async () => {
      const fetched = mix.map(async ({ painting: { name, file, blob }, weight }) => ({ name, blob: blob ?? (await sample(file)), weight }));
      const paintings = await this.#hang(chosen, Promise.all(fetched), (coming) => this.#masked(coming, mix));
      const unknown = paintings.find(({ blob }) => this.#session.lacks(blob));
      if (unknown) this.#status.say(text.nextRun(unknown.name));
    };
    return this.#bring(take, () => chosen === this.#mix);
  }

  /**
   * Takes a painting into the mix, whatever has become of the others until it is here; or out of it, unless it is the only one. Which of both is
   * what the visitor sees when it is pressed.
   * @param {{ name: string, file?: string, blob?: Blob }} painting
   */
  toggle(painting) {
    const { name, file, blob: own } = painting;
    const mix = this.#mix;
    const at = this.#session.now;
    const isThere = () => this.#paintings.all.some((other) => isSame(other, painting));
    const leaves = isThere();
    if (!leaves || this.#paintings.all.length > 1) mix.touched = true; // the only one stays
    const isWanted = () => mix === this.#mix; // else others were chosen instead
    const take = async () => {
      await mix.over; // what was chosen before is there first
      if (leaves) {
        const others = this.#paintings.all.filter((other) => !isSame(other, painting));
        if (others.length > 0 && isThere() && isWanted()) this.#paintings.set(others, at);
        return;
      }
      const blob = own ?? (await sample(file));
      if (!isWanted() || isThere()) return;
      this.#paintings.add(blob, name, { at });
      if (this.#session.lacks(blob)) this.#status.say(text.nextRun(name));
    };
    return this.#bring(take, isWanted);
  }

  /** Something to paint at once: a sample photo and a sample painting, unless the visitor has brought others. */
  async takeFirstSamples() {
    const isBare = () => this.#paintings.all.length === 0;
    const take = async () => {
      const [[photo], [painting]] = [samples.photos, samples.paintings];
      if (!this.#session.photo) await this.#setPhoto(await sample(photo), sampleName(photo), { checked: true, beneath: true });
      if (isBare()) {
        const blob = await sample(painting);
        if (isBare()) this.#paintings.add(blob, sampleName(painting)); // else others were chosen meanwhile
      }
      if (!this.#session.running) this.#status.say(text.ready);
    };
    await this.#session.expect(this.#status.heed(take), () => !this.#session.photo || isBare()); // nobody has asked for it
    if (!this.#session.photo && !this.#notice.asks) this.#notice.show(text.needPhoto, { [text.tryAgain]: () => this.#status.attempt(() => this.takeFirstSamples()) });
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
    const mix = this.#draw();
    const since = this.#settings.touches;
    return this.#bring(async () => {
      const page = {
        adopt: (settings) => this.#settings.adopt(settings, { since, at: mix.at }),
        usePhoto: (blob, name) => this.#setPhoto(blob, name, { ticket, checked: true }),
        usePaintings: (coming) => this.#hang(mix, coming),
      };
      let said = "";
      try {
        await known().catch(() => {}); // without settings its pictures are put in place all the same
        said = await openShared(fragment, page);
      } finally {
        await this.takeFirstSamples(); // whatever became of the link, there is something to paint
        mix.end();
      }
      this.#status.say(said);
    });
  }

  /**
   * Puts photo, paintings and settings of an earlier run in place; a photo or paintings chosen after the call stay.
   * @param {import("../session/ports.js").Inputs} inputs
   * @param {{ yields?: boolean, after?: Promise<any>, wanted?: () => boolean }} [how] whether its photo yields to one the visitor has chosen, or chooses
   *   meanwhile; what has to be there first; and whether it is still wanted
   * @returns {Promise<Record<string, any>>} the settings that can change during a run, as they are then: they may be moved from here on
   */
  async restore({ photo, paintings, recipe }, { yields = false, after, wanted = () => true } = {}) {
    const ticket = yields ? undefined : this.#session.choosePhoto();
    let mix = yields ? null : this.#draw();
    try {
      await after;
      if (![photo, ...paintings].every(({ blob }) => blob)) throw useless(new Error(text.inputsGone));
      try {
        this.#settings.write(recipe); // first, for it may be refused: then what is seen stays
      } catch (error) {
        throw useless(error);
      }
      const { live } = this.#settings;
      mix ??= this.#draw();
      const all = weighed({ paintings, recipe });
      const taken = await this.#setPhoto(photo.blob, photo.name, { ticket, wanted });
      const hung = taken ? all : all.map((painting) => ({ ...painting, mask: null })); // the masks are for that photo
      if (wanted()) await this.#hang(mix, Promise.resolve(hung));
      return live;
    } finally {
      mix?.end();
    }
  }

  /** As `attempt`; a run that is started meanwhile begins afterwards, as long as it is wanted. */
  #bring(action, wanted = () => true) {
    return this.#session.expect(this.#status.attempt(action), wanted);
  }

  /** Whether files chosen then may still be the photo; paintings are always added. */
  #isWanted({ photo = Infinity }) {
    return this.#session.awaits(photo);
  }

  /** Chooses other paintings than those there are: those that were on their way will not be hung any more. */
  #draw() {
    this.#mix = new Mix(this.#session.now);
    return this.#mix;
  }

  /**
   * Makes paintings that are on their way the chosen ones, unless others are chosen until they are here.
   * @template {{ name: string, blob: Blob }} P
   * @param {Mix} mix
   * @param {Promise<P[]>} coming
   * @param {(paintings: P[]) => P[]} [finish] what is done with them at last
   * @returns {Promise<P[]>} those that were chosen
   */
  async #hang(mix, coming, finish = (paintings) => paintings) {
    try {
      const paintings = await coming;
      if (mix !== this.#mix) return [];
      this.#paintings.set(finish(paintings), mix.at);
      return paintings;
    } finally {
      mix.end();
    }
  }

  /** A mix's paintings with the masks of those of them that are chosen already: as they are by now, for a new photo may have cleared them. */
  #masked(paintings, mix) {
    const { all } = this.#paintings;
    return paintings.map((painting, i) => ({ ...painting, mask: all.find((other) => isSame(other, mix[i].painting))?.mask ?? null }));
  }

  /**
   * @param {File} file
   * @param {"photo" | "painting"} role
   * @param {{ photo?: number, mix?: Mix, at?: number }} chosen
   * @returns {Promise<boolean>} whether it was taken, which only a photo may not be
   */
  async #take(file, role, { photo, mix, at }) {
    let taken = true;
    if (role === "photo") {
      taken = await this.#setPhoto(file, file.name, { ticket: photo });
    } else {
      const bitmap = await (await this.#tools()).decode(file, { name: `${engine.painting} “${file.name}”`, maxSide: 64 });
      bitmap.close();
      await this.#addPainting(file, file.name, mix, at);
    }
    if (!this.#session.running) this.#status.say(text.ready);
    return taken;
  }

  /** A picture painted here tells how: its settings can be had back, or it is taken like any other. */
  #offer(recipe, file, role) {
    const take = () => {
      const chosen = this.choose(role);
      return this.#bring(() => this.#take(file, role, chosen), () => this.#isWanted(chosen));
    };
    const page = { weigh: (weights) => this.#paintings.weigh(weights), usePaintings: (coming) => this.#hang(this.#draw(), coming) };
    this.#notice.show(text.carriesSettings(file.name, recipe), {
      [text.restore]: () =>
        this.#bring(async () => {
          await restore(recipe, this.#settings, page);
          this.#status.say(text.restored);
        }),
      [role === "photo" ? text.useAsPhoto : text.useAsPainting]: take,
    });
  }

  /**
   * Takes a photo, unless one chosen later is there.
   * @param {Blob} blob
   * @param {string} name
   * @param {{ ticket?: number, checked?: boolean, beneath?: boolean, wanted?: () => boolean }} how without a ticket it yields to any other; what is known
   *   to be good, as samples are, need not wait for the program that checks pictures
   * @returns {Promise<boolean>} whether it was taken
   */
  async #setPhoto(blob, name, { ticket, checked = false, beneath = false, wanted = () => true }) {
    const decode = async () => (await this.#tools()).decode(blob, { name: `${engine.photo} “${name}”` });
    const bitmap = await (checked ? createImageBitmap(blob) : decode());
    const { width, height } = bitmap;
    // A run that is over and being kept is none to ask about; the photo comes after its picture.
    if (this.#session.state === "concluding") await this.#session.over;
    const taken = wanted() && this.#session.takePhoto({ blob, name, width, height }, ticket);
    const { occupied, subject } = this.#session;
    // What is seen of a run under way stays; one that only prepares is going to be of this photo. A sample leaves a kept picture, too.
    // A sketch goes: the run whose photo this is would begin with it.
    const isSeen = !occupied || (subject?.blob === blob && this.#viewer.sketched);
    if (taken && isSeen) this.#viewer.showPhoto(bitmap, blob, { beneath });
    else bitmap.close();
    if (taken && ticket !== undefined) this.askWhatNext();
    return taken;
  }

  /** Asks what shall become of the run under way, if it is of another photo than the one there is now. */
  askWhatNext() {
    const { photo, subject } = this.#session;
    this.#notice.hide(this.#question); // it was about the photo before
    if (!subject || subject.blob === photo.blob) return;
    this.#question = text.photoMeanwhile(photo.name);
    const actions = {
      [text.paintInstead]: () => this.#status.attempt(() => this.#session.paintInstead()),
      [text.keepPainting]: () => {},
    };
    this.#notice.show(this.#question, actions, { ofRun: true });
  }

  /**
   * Takes the visitor's own painting into the mix; what the page had hung there makes room for it, unless it was chosen later, or the visitor has
   * mixed it.
   */
  async #addPainting(blob, name, mix, at) {
    if (mix.touched) await mix.over; // it joins those
    const isNewest = mix === this.#mix && !mix.touched;
    if (isNewest) this.#draw().end();
    const own = this.#paintings.all.some((painting) => !sampleNamed(painting.name));
    if (own || !isNewest) this.#paintings.add(blob, name, { at });
    else this.#paintings.set([{ blob, name, weight: 1, mask: null }], at);
    if (this.#session.lacks(blob)) this.#status.say(text.nextRun(name));
  }
}

/** A file as it is now: on the disk it may change or go while it is painted from. */
async function held(file) {
  const { name, size, type } = file;
  return size > LONGEST ? file : new File([await file.arrayBuffer()], name, { type });
}

/** Why a file could not be taken: of one that cannot even be read browsers say so in words of their own, in English. */
async function reasonOf(error, file) {
  if (file.size > LONGEST) return error; // refused unread, it is not read to learn why either
  const isReadable = await file.arrayBuffer().then(
    () => true,
    () => false,
  );
  return isReadable ? error : new Error(text.unreadable(file.name), { cause: error });
}

/** Marks what will never be set again, see session/ports.js. */
const useless = (error) => Object.assign(error, { code: "useless" });
