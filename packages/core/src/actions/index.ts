export * from './carry-out.ts';
export * from './find.ts';
export * from './ports.ts';
export * from './select.ts';
export * from './start.ts';
export * from './words.ts';
