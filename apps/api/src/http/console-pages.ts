/** The addresses of the console's screens: each gets the same page, whose script shows the screen. */
export const consolePages = [
  ...['/', '/transfers', '/transfers/:id', '/dead-letters'],
  ...['/training', '/training/runs/:id', '/quality', '/billing', '/audit'],
] as const;

/** The files of that page. */
export const consoleFiles = ['/assets/:file', '/icon.svg'] as const;
