export { createWire } from './wire.ts';
