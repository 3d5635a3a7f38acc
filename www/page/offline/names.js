// What this copy of Easel calls the things it keeps in the browser: after the site's folder, since other copies may share the origin.

const { pathname } = new URL("../../", import.meta.url);

/** The service worker's caches, as sw.js names them: the network's files, and shared pictures on their way to the page. */
export const WEIGHTS = `easel weights ${pathname}`;
export const SHARED = `easel shared ${pathname}`;
/** The IndexedDB database: finished pictures and the run under way. */
export const DATABASE = `easel ${pathname}`;
/** The Web Lock of the tab that keeps its run, and the channel on which tabs tell each other of kept pictures. */
export const RUN_LOCK = `easel run ${pathname}`;
export const GALLERY_CHANNEL = `easel gallery ${pathname}`;
/** In localStorage: how fast the devices proved to be, whether the network was fetched, and the settings of the last visit. */
export const SPEEDS = `easel speeds ${pathname}`;
export const FETCHED = `easel fetched ${pathname}`;
export const SETTINGS = `easel settings ${pathname}`;
