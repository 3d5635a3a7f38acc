// Every sentence the page says, in German, and the engine's.

/** What the engine says instead of its English sentences; words in braces stand for something. */
export const engine = {
  // The element, for screen readers and its author.
  unpainted: "Noch nicht gemalt",
  beingPainted: "Wird gemalt",
  painted: "Das gemalte Bild",
  noPicture: "<easel-canvas> hat kein {what}. Setzen Sie das Attribut {what} auf die Adresse eines Bildes.",

  // What pictures are called.
  photo: "Das Foto",
  painting: "Das Gemälde",
  mask: "Die Maske",
  start: "Das Ausgangsbild",
  picture: "Das Bild",
  file: "Die Datei",

  // What was asked for.
  badBackend: "Das Rechenwerk kann nicht {value} sein: Möglich sind {choices}.",
  badPicture: "{what}: Es muss ein Blob, ein ImageBitmap, ein ImageData, ein Bild, ein Canvas oder eine Adresse sein.",
  noPainting: "Es gibt kein Gemälde, von dem der Stil kommen könnte. Fügen Sie mindestens eines mit einem Gewicht über 0 hinzu.",
  badSettings: 'Die Einstellungen müssen ein Objekt sein, etwa { "size": 256 }.',
  badCheckpoint: "Woran angeknüpft wird, muss der Blob eines gesicherten Standes sein.",
  badWeight: "Das Gewicht eines Gemäldes kann nicht {value} sein: Möglich sind Zahlen von 0 bis 1000.",
  badCount: "{value} ist keine Anzahl von Vorschlägen. Nimm eine ganze Zahl ab 1.",
  badVector: "Der Vektor eines Gemäldes muss aus den 100 Zahlen bestehen, die sofortige Bilder für eines haben.",
  badLane: 'Eine Spur muss ein Name sein, etwa "picture", oder null.',
  badChanges: 'Die Änderungen müssen ein Objekt sein, etwa { "styleWeight": 2 }.',
  ended: "Der Lauf ist zu Ende: Daran lässt sich nichts mehr ändern. Beginnen Sie einen neuen.",
  endedBefore: "Der Lauf war zu Ende, bevor sich das ändern ließ.",
  cancelled: "Der Lauf wurde abgebrochen.",
  superseded: "Statt dieses Bildes wurde ein neueres verlangt.",
  disposed: "Den Maler gibt es nicht mehr. Legen Sie einen neuen an.",

  // What comes over the network.
  notFetched: "Die Netzdatei {file} ließ sich nicht holen. Prüfen Sie die Verbindung, und versuchen Sie es noch einmal.",
  notServed: "Die Netzdatei {file} ließ sich nicht holen (HTTP {status}). Versuchen Sie es noch einmal, oder richten Sie den Ordner der Gewichte neu ein.",
  pictureNotFetched: "{what} {address} ließ sich nicht holen ({reason}). Prüfen Sie die Adresse.",
  foreignPicture: "{what} kommt von einer anderen Website, die seine Bildpunkte nicht lesen lässt. Verwenden Sie eine eigene Kopie.",

  // Workers and devices.
  outdated: "Easel wurde aktualisiert, während diese Seite offen war. Laden Sie sie neu, um weiterzumachen.",
  notStarted: "Der Maler ist nicht gestartet. Prüfen Sie die Verbindung, und versuchen Sie es noch einmal.",
  stopped: "Der Maler ist unerwartet ausgefallen ({reason}). Versuchen Sie es noch einmal.",
  notLoaded: "sein Programm ließ sich nicht laden",
  garbled: "Der Maler hat etwas gesagt, das sich nicht lesen ließ. Versuchen Sie es noch einmal.",
  silent: "Der Maler ist ohne ein Wort ausgefallen. Versuchen Sie es noch einmal.",
  hung: "Der Maler hat nicht mehr geantwortet. Versuchen Sie es noch einmal.",
  outOfMemory: "Dem Maler ist der Speicher ausgegangen.",
  programFailed: "Das Programm des Malers ist fehlgeschlagen ({reason}).",
  deviceLost: "Das Grafikgerät ging verloren ({reason}).",
  noReason: "ohne Angabe von Gründen",
  deviceOutOfMemory: "Dem Grafikgerät ist der Speicher ausgegangen.",
  givenUp: "Der Maler ist mehrmals ausgefallen und wurde aufgegeben. {reason} Legen Sie einen neuen an, oder malen Sie in einer kleineren Größe.",
};

const settingsLine = ({ config }, count, look) => `${look(config.preset)}, ${count(config.size)} px, ${count(config.iterations)} Iterationen, Startwert ${count(config.seed ?? 0)}`;

/**
 * @param {import("./index.js").Words} words how numbers are written, and what looks are called
 */
export const sentences = ({ number, whole, count, megabytes, memory, duration, day, look }) => ({
  // ---- on the page from the start
  title: "Easel – aus einem Foto ein Gemälde machen",
  description: "Aus einem Foto ein Gemälde machen, auf dem eigenen Gerät. Nichts wird hochgeladen.",
  headline: "Aus einem Foto ein Gemälde machen",
  promise: "Auf Ihrem eigenen Gerät berechnet. Nichts wird hochgeladen.",
  thePicture: "Das Bild",
  progress: "Fortschritt",
  paint: "Malen",
  pause: "Pause",
  stop: "Beenden",
  goodEnough: "Gut genug",
  larger: "Größer",
  save: "Bild speichern",
  share: "Teilen",
  format: "Dateiformat",
  colours: "Farben",
  coloursStyle: "Die des Gemäldes",
  coloursPhoto: "Die des Fotos",
  timelapseSave: "Zeitraffer speichern",
  yourPhoto: "Ihr Foto",
  photo: "Foto",
  camera: "Kamera",
  photoHint: "Ein Bild auswählen, hierher ziehen oder einfügen.",
  photoSamples: "Beispiele zum Ausprobieren",
  paintings: "Die Gemälde",
  styleMix: "Mischung der Stile",
  paintingLabel: "Gemälde",
  paintingHint: "Eines oder mehrere hinzufügen; die Regler mischen sie.",
  paintingSamples: "Beispielgemälde",
  maskHint: "Übermalen Sie, was dieses Gemälde prägen soll. Der Rest des Fotos nimmt nichts von ihm an.",
  maskKeys: "Die Pfeiltasten bewegen den Pinsel, die Leertaste malt, Plus und Minus ändern seine Größe, E radiert.",
  maskPicture: "Das Foto zum Übermalen",
  maskSize: "Pinselgröße",
  maskEraser: "Radierer",
  maskUndo: "Rückgängig",
  maskReady: "Oder beginnen mit",
  maskLeft: "Linke Hälfte",
  maskRight: "Rechte Hälfte",
  maskTop: "Obere Hälfte",
  maskBottom: "Untere Hälfte",
  maskMiddle: "Mitte",
  maskFill: "Alles",
  maskInvert: "Umkehren",
  maskEverywhere: "Überall",
  maskDone: "Fertig",
  maskCancel: "Abbrechen",
  how: "Wie gemalt wird",
  look: "Look",
  sizeLabel: "Größe",
  longSide: "lange Seite",
  iterations: "Iterationen",
  strength: "Stärke des Stils",
  timelapse: "Einen Zeitraffer aufnehmen",
  bell: "Bescheid geben, wenn es fertig ist",
  moreSettings: "Weitere Einstellungen",
  emptyField: "Ein leeres Feld behält bei, was der Look vorgibt.",
  gallery: "Ihre Bilder",
  galleryHint: "Nur auf diesem Gerät aufbewahrt.",
  again: "Noch einmal malen",
  keptDelete: "Löschen",
  openingDevice: "Ein Grafikgerät wird gesucht…",
  credits:
    "Beispielgemälde: Vincent van Gogh, Katsushika Hokusai, Utagawa Hiroshige, Wassily Kandinsky, Pierre-Auguste Renoir und Mary Cassatt (gemeinfrei). " +
    "Beispielfotos: Stefan van der Walt und Rachel Michetti (CC0), NASA und SpaceX (gemeinfrei). Netz: VGG19, Visual Geometry Group, Oxford (CC BY 4.0).",
  dropPhoto: "Hier als Foto ablegen",
  dropPainting: "Hier als Gemälde ablegen",
  compare: "Vorher und nachher",
  before: "Foto",
  after: "Gemälde",
  zoomIn: "Vergrößern",
  zoomOut: "Verkleinern",
  zoomFit: "Ganz",
  viewport: "Das Bild. Plus und Minus vergrößern und verkleinern, 0 zeigt es ganz, die Pfeiltasten verschieben es.",
  dismiss: "Schließen",
  update: "Neue Version",
  updateReady: "Eine neue Version von Easel ist da. Laden Sie die Seite neu, wenn es Ihnen passt.",
  reload: "Neu laden",
  later: "Später",
  worksOffline: "Easel funktioniert jetzt auch ohne Verbindung.",

  // ---- a run
  ready: "Bereit. Drücken Sie auf „Malen“.",
  preparing: "Die Farben werden angerührt…",
  weights: (loaded, total) => `Das Netz wird einmalig geholt: ${megabytes(loaded)} von ${megabytes(total)}`,
  kernels: "Für diese GPU wird übersetzt…",
  firstStep: "Der erste Pinselstrich wird vorbereitet…",
  painting: ["Es wird gemalt…", "Es wird gemalt… ein Viertel ist fertig", "Es wird gemalt… die Hälfte ist fertig", "Es wird gemalt… drei Viertel sind fertig"],
  paused: "Angehalten. Noch einmal auf „Pause“ drücken, um weiterzumalen.",
  stopped: "Beendet. Das Bild lässt sich so, wie es ist, speichern.",
  stoppedSmall: ({ from, to }) => `Beendet: mit ${count(from)} px gemalt und auf ${count(to)} px vergrößert. Weitermalen?`,
  stoppedEarly: "Vor dem ersten Pinselstrich beendet.",
  done: (seconds) => `Fertig nach ${duration(seconds)}.`,
  saved: "Gespeichert.",
  savedPlain: "Gespeichert, aber ohne die Einstellungen, mit denen es gemalt wurde: Sie ließen sich nicht in die Datei schreiben.",
  shared: "Geteilt.",
  tabProgress: (share) => `${whole(Math.floor(100 * share))} % – Easel`,
  tabDone: "Fertig – Easel",
  bellDone: "Das Bild ist gemalt.",
  bellFailed: "Das Bild ließ sich nicht zu Ende malen.",
  bellRefused: "Der Browser zeigt für diese Seite keine Benachrichtigungen an; so sagen es seine Einstellungen.",
  figures: ({ iteration, iterations, scale, losses, etaSeconds }) =>
    [
      `Iteration ${count(iteration)} von ${count(iterations)}`,
      `${count(scale.width)} × ${count(scale.height)} px${scale.count > 1 ? `, Stufe ${count(scale.index + 1)} von ${count(scale.count)}` : ""}`,
      `Verlust ${number(losses.total)}`,
      etaSeconds > 0 ? `noch ${duration(etaSeconds)}` : "",
    ]
      .filter(Boolean)
      .join(" · "),
  chart: (first, last, iterations) =>
    `Verlust je Iteration auf logarithmischer Skala: von ${number(first)} auf ${number(last)} nach ${count(iterations)} Iterationen.`,
  chartEmpty: "Verlust je Iteration: noch keine Werte.",
  recovering: "Der Maler ist ausgefallen; er wird neu gestartet…",
  recovered: ({ reason, iteration, shortened }) =>
    `Der Maler musste neu beginnen (${reason.replace(/\.$/, "")}); er macht bei Iteration ${count(iteration)} weiter${shortened ? " und hört bei einer kleineren Größe auf" : ""}.`,
  cannotUpdate: "Diese Einstellung gilt ab dem nächsten Lauf.",
  nextRun: (name) => `„${name}“ ist ab dem nächsten Lauf dabei.`,
  recolouring: "Die Farben werden gewechselt…",
  recoloured: { style: "In den Farben des Gemäldes.", luminance: "In den Farben des Fotos." },
  makingTimelapse: "Der Zeitraffer wird erstellt…",
  timelapseSaved: "Der Zeitraffer ist gespeichert.",
  noFilm: "Dieser Browser konnte keinen Film erstellen. Speichern Sie stattdessen das Bild, oder versuchen Sie es mit einem anderen Browser.",

  // ---- before a run
  estimate: ({ bytes, seconds, fits }) =>
    [seconds === null ? "" : `Etwa ${duration(seconds)}`, `${memory(bytes)} Speicher`, fits ? "" : "vermutlich mehr, als dieses Gerät hat"]
      .filter(Boolean)
      .join(" · "),
  takes: ({ seconds, size }) => [seconds === null ? "" : `etwa ${duration(seconds)}`, `${count(size)} px`].filter(Boolean).join(", "),
  estimateTimeLater: "Wie lange es dauert, ist nach den ersten Schritten bekannt.",
  measure: "Jetzt messen",
  measuring: "Dieses Gerät wird gemessen…",
  measured: "Gemessen.",
  firstDownload: `Der erste Lauf holt einmalig das Netz: ${megabytes(13e6).replace(" ", "\u00a0")}.`,
  size: (px) => `${count(px)} px`,
  sizeTooLarge: (px) => `${count(px)} px – passt nicht`,
  device: ({ backend, adapter }, software) =>
    backend === "cpu"
      ? "Ohne WebGPU malt Easel mit dem Prozessor: Das geht, aber langsam. Kleine Größen sind vorgeschlagen."
      : software
        ? `Malt mit WebGPU auf einem Grafikgerät aus Software (${adapter}). Kleine Größen sind vorgeschlagen.`
        : `Malt mit WebGPU auf ${adapter}.`,
  noDevice: "Easel konnte nicht starten.",
  otherVersion: "Diese Seite ist von einer anderen Version als das Programm, das sie eben geladen hat. Laden Sie sie neu, um zu malen; gewählte Bilder müssen danach neu gewählt werden.",
  tryAgain: "Noch einmal versuchen",
  painted: engine.painted,
  unpainted: engine.unpainted,
  chosenPhoto: (name) => `Das gewählte Foto: ${name}`,
  weightOf: (name) => `Gewicht von ${name}`,
  remove: (name) => `${name} entfernen`,
  where: "Wo…",
  whereOf: (name, masked) => `Wo… ${name}: ${masked ? "auf einem Teil des Fotos" : "überall"}`,
  everywhere: "überall",
  aPart: "auf einem Teil",
  maskTitle: (name) => `Wo „${name}“ gilt`,
  maskShare: (share) => (share === 0 ? "Noch ist nichts markiert." : `${share < 0.01 ? "Weniger als 1" : whole(100 * share)} % des Fotos.`),
  maskEmpty: "Noch ist nichts markiert. Übermalen Sie einen Teil des Fotos, oder wählen Sie „Überall“.",
  masksCleared: "Das neue Foto hat eine andere Form, deshalb gelten die Gemälde wieder überall.",
  useSample: (name) => `${name} verwenden`,
  thePhoto: "Das Foto",
  thePainting: "Das Gemälde",
  needPhoto: "Es gibt noch kein Foto. Wählen Sie eines aus.",
  needPainting: "Es gibt kein Gemälde, von dem der Stil kommen könnte. Fügen Sie mindestens eines hinzu.",
  badIterations: "Iterationen müssen eine ganze Zahl von 1 bis 5000 sein.",
  sampleMissing: (file, status) => `Das Beispiel ${file} ließ sich nicht holen (HTTP ${status}). Prüfen Sie die Verbindung, und versuchen Sie es noch einmal.`,

  // ---- kept pictures and settings
  keptName: ({ name, date }) => `${name}, ${day(date)}`,
  keptDetails: ({ recipe, width, height, iteration, iterations = recipe.config.iterations, seconds }) =>
    [
      settingsLine(recipe, count, look),
      `${count(width)} × ${count(height)} px`,
      iteration < iterations ? "vorzeitig beendet" : `gemalt in ${duration(seconds)}`,
      recipe.enlarged ? `mit ${count(recipe.enlarged)} px gemalt und vergrößert` : "",
      recipe.masked ? "Gemälde auf Teile des Fotos beschränkt" : "",
      recipe.changed ? "Einstellungen unterwegs geändert" : "",
    ]
      .filter(Boolean)
      .join(" · "),
  openKept: (name) => `${name} öffnen`,
  deleted: "Das Bild wurde gelöscht.",
  notDeleted: "Das Bild ließ sich nicht löschen. Laden Sie die Seite neu, und versuchen Sie es noch einmal.",
  undo: "Rückgängig",
  carriesSettings: (name, recipe) =>
    `„${name}“ enthält die Einstellungen, mit denen es gemalt wurde: ${settingsLine(recipe, count, look)}.${recipe.masked ? " Wo seine Gemälde galten, ist nicht dabei." : ""}`,
  restore: "Einstellungen übernehmen",
  useAsPhoto: "Als Foto verwenden",
  useAsPainting: "Als Gemälde verwenden",
  restored: "Die Einstellungen sind übernommen.",
  otherSettings: (reason) => `Seine Einstellungen ließen sich nicht übernehmen. ${reason}`,
  unknownPreset: (name) => `Diese Version kennt keinen Look namens „${name}“.`,

  // ---- going on after a reload
  continuing: "Es geht weiter, wo die Seite geschlossen wurde.",
  unfinished: "Ein Bild blieb zweimal unvollendet. Weitermalen?",
  goOn: "Weitermalen",
  discard: "Verwerfen",
  discarded: "Das unvollendete Bild wurde verworfen.",
  failedHalfway: "Das bisherige Bild ist nicht verloren.",
  inputsGone: "Das Foto oder ein Gemälde dieses Bildes wird nicht mehr aufbewahrt. Wählen Sie sie neu aus.",
  startedOver: "Der gesicherte Stand war nicht zu gebrauchen, deshalb beginnt dieses Bild von vorn.",

  // ---- storage
  storageMissing: "Dieser Browser lässt Easel nichts aufbewahren: Bilder bleiben, bis die Seite geschlossen wird, und nach einem Neuladen geht ein Lauf nicht weiter.",
  storageFull: "Für dieses Bild ist kein Platz mehr: Speichern Sie es jetzt, oder löschen Sie unten andere.",
  shareFailed: "Ein geteiltes Bild ließ sich nicht übernehmen: Vielleicht ist auf diesem Gerät kein Platz mehr. Schaffen Sie Platz, und teilen Sie es noch einmal, oder wählen Sie es hier aus.",
  checkpointFull: "Für den Stand dieses Laufs ist kein Platz mehr: Nach einem Neuladen ginge er nicht weiter.",
  otherTab: "In einem anderen Tab wird gemalt: Nach einem Neuladen ginge dieser Lauf nicht weiter.",
});

/** The samples' names, by their files'. */
export const samples = {
  "photo-chelsea.jpg": "Die Katze Chelsea",
  "photo-coffee.jpg": "Eine Tasse Kaffee",
  "photo-astronaut.jpg": "Eileen Collins",
  "photo-rocket.jpg": "Ein Raketenstart",
  "style-cafe-terrace.jpg": "Caféterrasse am Abend",
  "style-great-wave.jpg": "Die große Welle vor Kanagawa",
  "style-composition-viii.jpg": "Komposition VIII",
  "style-moulin-de-la-galette.jpg": "Tanz im Moulin de la Galette",
  "style-poppies.jpg": "Mohnblumen",
  "style-church-at-auvers.jpg": "Die Kirche von Auvers",
  "style-inokashira-snow.jpg": "Inokashira im Schnee",
  "style-summertime.jpg": "Sommerzeit",
  "style-night-cafe.jpg": "Das Nachtcafé",
  "style-langlois-bridge.jpg": "Die Brücke von Langlois",
};
