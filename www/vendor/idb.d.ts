// What www/page/gallery uses of idb.js; its own declarations are for the whole package.
export function openDB(
  name: string,
  version: number | undefined,
  callbacks: {
    upgrade?(db: any): void;
    blocking?(currentVersion: number, blockedVersion: number | null, event: any): void;
  },
): Promise<any>;
export function deleteDB(name: string): Promise<void>;
