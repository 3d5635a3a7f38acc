// Which build this is. A page that has been open since before an update starts the worker of after it: the two compare this,
// since messages and program may have changed between them.

/** Written anew by tests/browser/precache.js: a digest of the engine's files. */
export const VERSION = "source";
