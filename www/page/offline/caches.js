// The service worker's caches, by the names sw.js gives them: after the site's folder, since other copies of Easel may share the origin.

const { pathname } = new URL("../../", import.meta.url);

/** The network's files. */
export const WEIGHTS = `easel weights ${pathname}`;
/** Shared pictures on their way to the page. */
export const SHARED = `easel shared ${pathname}`;
