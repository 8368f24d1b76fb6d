export * from './quality.ts';
export * from './report.ts';
