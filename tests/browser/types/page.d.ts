// What TypeScript's view of the browser lacks for www/page/: `make check` checks the page's JSDoc against it (page.json).

interface Event {
  /** The page's parts speak by custom events; what they carry is written where they are fired. */
  readonly detail: any;
}

/** Chromium's: files the installed app is opened with. */
interface Window {
  launchQueue?: { setConsumer(consumer: (params: { files?: { getFile(): Promise<File> }[] }) => void): void };
}

/** Chromium's: what the connection costs. */
interface Navigator {
  connection?: { saveData?: boolean; type?: string; effectiveType?: string };
}
