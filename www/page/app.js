// The page: makes its parts and connects them with the session, which owns its state.

import { isSlow, isSoftware } from "../engine/gpu.js";
import { Away } from "./away/away.js";
import { Bell } from "./away/bell.js";
import { Tab } from "./away/tab.js";
import { Wakefulness } from "./away/wakefulness.js";
import { Results } from "./gallery/results.js";
import { Store } from "./gallery/store.js";
import { Unfinished } from "./gallery/unfinished.js";
import { onLaunch } from "./offline/launch.js";
import { keepFetched } from "./offline/updates.js";
import { Chooser } from "./pictures/chooser.js";
import { fillSamples, wireIntake } from "./pictures/intake.js";
import { MaskEditor } from "./pictures/mask.js";
import { isSame, Paintings } from "./pictures/paintings.js";
import { samples } from "./pictures/samples.js";
import { shared, takeFragment } from "./pictures/shared.js";
import { showBlob } from "./pictures/thumb.js";
import { Device } from "./session/device.js";
import { Session } from "./session/session.js";
import { Estimate } from "./settings/estimate.js";
import { Looks } from "./settings/looks.js";
import { Settings } from "./settings/settings.js";
import { Actions } from "./stage/actions.js";
import { canCopyWords, copyWords } from "./stage/clipboard.js";
import { Finished } from "./stage/finished.js";
import { Further } from "./stage/further.js";
import { Notice } from "./stage/notice.js";
import { Stage } from "./stage/stage.js";
import { Status } from "./stage/status.js";
import { Timelapse } from "./stage/timelapse.js";
import { Viewer } from "./stage/viewer.js";
import { fillPage, text } from "./text/index.js";
import { Showroom } from "./wall/showroom.js";

/** @type {(id: string) => any} the element, whose kind index.html says */
const $ = (id) => document.getElementById(id);
/** @type {(ids: Record<string, string>) => any} elements by part name: `parts({ box: "viewport" }).box` is `#viewport` */
const parts = (ids) => Object.fromEntries(Object.entries(ids).map(([part, id]) => [part, $(id)]));

fillPage();
const asked = new URLSearchParams(location.search);
const device = new Device(/** @type {any} */ (asked.get("backend") ?? "auto"), asked.get("kernels") ?? undefined);
const open = () => device.open();
const tools = () => device.tools();
const zoom = { zoomIn: "zoom-in", zoomOut: "zoom-out", zoomFit: "zoom-fit" };
const viewer = new Viewer(parts({ box: "viewport", first: "first", before: "before", after: "canvas", divider: "divider", slider: "compare", ...zoom }));
const status = new Status(parts({ sentence: "status", progress: "progress", run: "run", figures: "figures", chart: "chart", error: "error" }));
const attempt = (action) => status.attempt(action);
const notice = new Notice($("offer"), $("viewport"));
const paintings = new Paintings($("paintings"), $("masks-note"), $("painting"));
const masks = new MaskEditor($("mask"), async (blob, maxSide) => (await tools()).decode(blob, { maxSide }));
const settings = new Settings(parts({ size: "size", iterations: "iterations", strength: "strength", strengthValue: "strength-value" }));
const looks = new Looks($("preset"), $("looks"));
const estimate = new Estimate({ place: $("estimate"), download: $("download"), measure: $("measure"), note: $("paint-note"), settings, paintings: () => paintings.all });
const takeAway = { row: "finished", save: "save", format: "format", share: "share", copy: "copy", pair: "pair", film: "film", colours: "colours" };
const finished = new Finished(parts(takeAway), { tools, status });
const further = new Further(parts({ goOn: "go-on", larger: "larger", note: "larger-note" }), (picture) => estimate.of(picture));
const actions = new Actions(parts({ form: "panel", paint: "paint", pause: "pause", stop: "stop" }));

const stage = new Stage({
  viewer,
  status,
  notice,
  finished,
  further,
  storage: $("storage"),
  wantsTimelapse: () => $("timelapse").checked,
  colourOf: (recipe) => settings.colourOf(recipe),
});
const outside = { page: document, notifications: globalThis.Notification, say: (sentence) => status.say(sentence) };
const bell = new Bell(parts({ row: "bell-row", box: "bell", home: "viewport" }), outside);
const away = new Away(new Tab(document, $("icon")), new Wakefulness(document, navigator.wakeLock), bell);
const panel = {
  read: () => ({ recipe: settings.read(), live: settings.live, paintings: paintings.all }),
  restore: (inputs, how) => chooser.restore(inputs, how),
};
const session = new Session({ open, panel, view: stage });
const chooser = new Chooser({ session, tools, settings, paintings, viewer, status, notice });
const showroom = new Showroom({
  open,
  session,
  paintings,
  settings,
  viewer,
  showPhoto: (photo, wanted) => stage.showPhoto(photo, wanted),
  attempt,
  choose: (mix) => chooser.takeMix(mix),
  toggle: (painting) => chooser.toggle(painting),
  places: parts({ wall: "wall", suggest: "suggest", suggestions: "suggestions", sheet: "sheet", note: "sketch" }),
});

const discard = { [text.discard]: () => attempt(() => session.discard()) };

wireDevice();
wireControls();
wireSession();
start();

async function start() {
  settings.suggest({ slow: false });
  estimate.showDownload();
  onLaunch(
    () => chooser.choose("photo"),
    (files, chosen) => chooser.takeFiles(files, "photo", chosen),
    (sentence) => notice.show(sentence, {}),
  );
  open().catch(() => {}); // the device line says it; Paint tries again
  // A run that began here before that would take its place.
  const left = await session.expect(findUnfinished().catch(() => null));
  const fragment = takeFragment();
  const begin = () => (fragment === null ? chooser.takeFirstSamples() : openLink(fragment));
  if (!left) return begin();
  session.addEventListener("continuing", () => {
    stage.continuing(discard, { linkLater: fragment !== null });
    chooser.askWhatNext(); // a photo may have come with the start
  });
  try {
    if (!(await session.takeUp(left))) await begin();
  } catch (error) {
    await begin();
    status.fail(error.message);
  }
}

/** Opens what is kept on this device. @returns the run that a page before left behind, if there is one */
async function findUnfinished() {
  const store = await Store.open();
  if (!store.lasts) stage.keepsNothing();
  const unfinished = new Unfinished(store);
  const results = wireResults(store);
  session.keepIn({ unfinished, keep: (result) => results.add(result, unfinished) });
  results.load();
  return unfinished.find();
}

/** Puts what a link carries in place. */
async function openLink(fragment) {
  if (fragment !== null) await chooser.openLink(fragment, () => tools().then((them) => them.settings()));
}

function wireDevice() {
  const describe = ({ device: painter }) => ($("device").textContent = text.device(painter, isSoftware(painter)));
  device.addEventListener("table", ({ detail: table }) => {
    settings.addKnobs(table, parts({ preset: "preset", hint: "preset-hint", more: "more" }));
    looks.fill();
    $("link").hidden = !canCopyWords();
  });
  device.addEventListener("opened", ({ detail: stylizer }) => {
    describe(stylizer);
    settings.suggest({ slow: isSlow(stylizer.device) });
    estimate.stylizer = stylizer;
    showroom.stylizer = stylizer;
    estimate.show(session.photo);
  });
  device.addEventListener("failed", ({ detail: error }) => {
    $("device").textContent = `${text.noDevice} ${error.message}`;
    if (error.code === "version") notice.show(text.otherVersion, { [text.reload]: () => location.reload() });
  });
  device.addEventListener("status", ({ detail }) => {
    if (detail.stage === "ready") {
      estimate.fetched();
      keepFetched();
      open().then(describe, () => {}); // its kernels are found
    }
    stage.device(detail, session.state);
  });
  // Another worker may paint on another device.
  session.addEventListener("recovered", () => open().then(describe, () => {}));
}

function wireControls() {
  actions.addEventListener("paint", () => attempt(() => session.paint()));
  actions.addEventListener("stop", () => session.stop());
  actions.addEventListener("pause", () => (session.state === "paused" ? session.resume() : session.pause()));
  const change = () => attempt(() => session.change());
  const follow = () => status.heed(() => session.change()); // what came by itself
  for (const type of ["input", "change"]) $("panel").addEventListener(type, () => status.forgive(), true);
  settings.addEventListener("change", () => {
    looks.mark(); // restored settings come with a look, too
    estimate.show(session.photo);
    follow();
  });
  settings.addEventListener("strength", change);
  $("reset").onclick = () => {
    status.forgive();
    settings.reset();
    status.say(text.settingsReset);
  };
  paintings.addEventListener("mix", change);
  paintings.addEventListener("change", () => {
    estimate.show(session.photo);
    follow();
  });
  paintings.addEventListener("removed", ({ detail: { name, undo } }) => {
    status.forgive();
    notice.show(text.removed(name), { [text.undo]: undo });
  });
  paintings.addEventListener("where", ({ detail }) =>
    attempt(async () => {
      if (!session.photo) throw new Error(text.needPhoto);
      const hangs = () => paintings.all.some((painting) => isSame(painting, detail));
      paintings.confine(detail, await masks.edit(session.photo.blob, detail, hangs));
    }),
  );
  $("link").onclick = () =>
    attempt(async () => {
      const { fragment, complete } = shared(settings.chosen, session.photo, paintings.all);
      await copyWords(`${location.origin}${location.pathname}#${fragment}`);
      status.say(complete ? text.linkCopied : text.linkCopiedPartly);
    });
  window.addEventListener("hashchange", () => openLink(takeFragment()));
  estimate.wireMeasure(status, () => session.photo);
  $("timelapse-row").hidden = !Timelapse.possible;
  const inputs = parts({ photo: "photo", camera: "camera", painting: "painting", veil: "drop-veil" });
  wireIntake(
    inputs,
    (files, role) => chooser.takeFiles(files, role),
    (sentence) => status.fail(sentence),
  );
  fillSamples($("photo-samples"), samples.photos, (load, name) => chooser.takeSamplePhoto(load, name));
  finished.addEventListener("picture", ({ detail: bitmap }) => viewer.showPainting(bitmap));
  further.addEventListener("goOn", () => {
    $("viewport").focus(); // the button goes
    attempt(() => session.goOn());
  });
  further.addEventListener("larger", ({ detail: { result, size } }) => {
    $("viewport").focus();
    attempt(() => session.larger(result, size));
  });
}

function wireSession() {
  const on = (type, act) => session.addEventListener(type, ({ detail }) => act(detail));
  const goOn = { [text.goOn]: () => attempt(() => session.goOn()) };
  on("state", (change) => {
    showActions();
    $("gallery").inert = session.running || session.state === "resuming";
    stage.state(change);
    estimate.held = session.running;
    if (change.state === "preparing") masks.giveUp();
    if (["paint", "goOn"].includes(change.event)) notice.prepare();
    if (["refuse", "drop"].includes(change.event)) notice.refuse();
    if (change.before === "finished" && ["idle", "resuming"].includes(change.state)) stage.leave();
    away.state(change.state);
    if (!session.running) estimate.show(session.photo);
  });
  on("photo", (photo) => {
    Object.assign($("photo-thumb"), { hidden: false, alt: text.chosenPhoto(photo.name) });
    showBlob($("photo-thumb"), photo.blob);
    masks.cancel(); // it is about the photo before
    notice.hide(text.needPhoto);
    paintings.fit(photo);
    estimate.show(photo);
    showActions();
    if (!session.occupied) stage.leave();
  });
  on("progress", (detail) => {
    if (detail.iteration === 1) estimate.fetched();
    stage.progress(detail, { paused: session.state === "paused" });
    away.progress(detail);
    estimate.learn(detail);
  });
  on("recovered", (detail) => stage.recovered(detail, session.state));
  on("stopped", (detail) => stage.stopped(detail));
  on("failed", (detail) => stage.failed(detail, { ...goOn, ...discard }));
  on("unkept", (what) => stage.unkept(what));
  on("notNow", () => status.say(text.cannotUpdate));
  on("startedOver", () => notice.show(text.startedOver, {}, { ofRun: true }));
  on("left", ({ often, stopped }) => notice.offer(often ? text.unfinished : text.failedHalfway, { ...goOn, ...(stopped ? {} : discard) }));
}

/** The buttons that make sense now. */
function showActions() {
  const { state, running, photo } = session;
  actions.show({ ready: photo !== null && session.can("paint"), running, paused: state === "paused" });
}

function wireResults(store) {
  const places = { section: "gallery", list: "kept", details: "kept-details", actions: "kept-actions", again: "again", remove: "delete" };
  const results = new Results(store, parts(places));
  device.addEventListener("table", () => results.describe()); // the looks' titles are known
  session.addEventListener("begun", () => results.leave());
  session.addEventListener("state", ({ detail: { state } }) => state === "resuming" && results.leave());
  session.addEventListener("photo", () => session.occupied || results.leave());
  results.addEventListener("open", ({ detail: { whole, unseen } }) => attempt(async () => (await session.show(whole)) || unseen()));
  results.addEventListener("again", ({ detail }) => {
    $("viewport").focus(); // the gallery rests during a run
    attempt(() => session.again(detail));
  });
  results.addEventListener("deleted", ({ detail: { undo, left } }) => {
    if (left && !session.running) {
      session.lookAway();
      session.leave();
      const { photo } = session;
      attempt(() => stage.replace(photo, () => session.state === "idle" && session.photo === photo));
    }
    notice.show(text.deleted, { [text.undo]: () => attempt(undo) });
  });
  return results;
}
